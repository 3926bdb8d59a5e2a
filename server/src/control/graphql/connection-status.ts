/** Switching a connection on and off, and ending it. */
import { deleteConnection } from '../../core/connections/delete.ts';
import { setStatus } from '../../core/connections/enable.ts';
import { builder } from './builder.ts';
import { connectionIdOf } from './connection-id.ts';
import { viewerIn } from './context.ts';
import { NotFoundError, throwRefusal } from './error.ts';
import { encodeGlobalId } from './global-id.ts';
import { needs } from './needs.ts';
import { RECEIPT, settle } from './receipt.ts';

builder.relayMutationField(
  'connectionEnable',
  {
    description: 'Which connection to switch on.',
    inputFields: (t) => ({ connectionId: t.id({ required: true, description: 'One that the viewer may change.' }) }),
  },
  {
    description: 'Switches a connection on. Grants that ended when it was switched off stay ended.',
    errors: { types: [NotFoundError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const connectionId = connectionIdOf(input);
      const enabled = await setStatus(
        context.database,
        viewerIn(context),
        { connectionId, status: 'enabled' },
        context.clock(),
      );
      return enabled.ok ? { connectionId } : throwRefusal(enabled.reason);
    },
  },
  {
    description: 'The connection as it is now.',
    outputFields: (t) => ({
      connection: t.prismaField({
        type: 'Connection',
        description: 'As it is now.',
        resolve: (query, { connectionId }, _args, { database }) =>
          database.db.connection.findUniqueOrThrow({ ...query, where: { id: connectionId } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'connectionDisable',
  {
    description: 'Which connection to switch off.',
    inputFields: (t) => ({ connectionId: t.id({ required: true, description: 'One that the viewer may change.' }) }),
  },
  {
    description: 'Switches a connection off and ends its grants.',
    errors: { types: [NotFoundError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const connectionId = connectionIdOf(input);
      const disabled = await setStatus(
        context.database,
        viewerIn(context),
        { connectionId, status: 'disabled' },
        context.clock(),
      );
      return disabled.ok ? { connectionId, receipt: settle(context, disabled.value) } : throwRefusal(disabled.reason);
    },
  },
  {
    description: 'The connection as it is now, and what ended.',
    outputFields: (t) => ({
      connection: t.prismaField({
        type: 'Connection',
        description: 'As it is now.',
        resolve: (query, { connectionId }, _args, { database }) =>
          database.db.connection.findUniqueOrThrow({ ...query, where: { id: connectionId } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);

builder.relayMutationField(
  'connectionDelete',
  {
    description: 'Which connection to delete.',
    inputFields: (t) => ({ connectionId: t.id({ required: true, description: 'One that the viewer may change.' }) }),
  },
  {
    description: 'Deletes a connection: its address, its secrets and its grants end. It cannot be undone.',
    errors: { types: [NotFoundError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const connectionId = connectionIdOf(input);
      const deleted = await deleteConnection(context.database, viewerIn(context), connectionId, context.clock());
      return deleted.ok ? { connectionId, receipt: settle(context, deleted.value) } : throwRefusal(deleted.reason);
    },
  },
  {
    description: 'Which connection is gone, and what ended with it.',
    outputFields: (t) => ({
      connectionId: t.id({
        description: 'The id that it had.',
        resolve: ({ connectionId }) => encodeGlobalId('McpConnection', connectionId),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
