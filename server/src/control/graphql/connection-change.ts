/** Changing a connection, its static headers, and its address. */
import { changeConnection } from '../../core/connections/change.ts';
import { rotateRoute } from '../../core/connections/rotate.ts';
import { setStaticHeaders } from '../../core/connections/secrets.ts';
import { builder } from './builder.ts';
import { connectionIdOf } from './connection-id.ts';
import { providerFields } from './connection-provider.ts';
import { settingFields } from './connection-settings.ts';
import { viewerIn } from './context.ts';
import { ConflictError, NotFoundError, throwRefusal, ValidationError } from './error.ts';
import { AuthMode, HeaderInput } from './mcp-connection.ts';
import { needs } from './needs.ts';
import { RECEIPT, settle } from './receipt.ts';

builder.relayMutationField(
  'connectionUpdate',
  {
    description: 'What is absent stays as it is.',
    inputFields: (t) => ({
      connectionId: t.id({ required: true, description: 'One that the viewer may change.' }),
      version: t.int({
        description:
          'The version that the change was made on; a different one now is a ConflictError. What is left out keeps what others made of it.',
      }),
      name: t.string({ description: 'What people call it.' }),
      remoteUrl: t.string({ description: 'Where the MCP server is.' }),
      authMode: t.field({ type: AuthMode, description: 'How to sign in at the upstream; see connectionDiscover.' }),
      ...settingFields(t),
      ...providerFields(t),
    }),
  },
  {
    description:
      'Changes a connection. Another remote URL, sign-in mode, provider or sharing ends the grants given for it; another host also forgets the static headers.',
    errors: { types: [NotFoundError, ValidationError, ConflictError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const { database, keyring, allowUpstreams, clock } = context;
      const connectionId = connectionIdOf(input);
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
      const changed = await changeConnection(
        database,
        { keyring, allowUpstreams },
        viewerIn(context),
        { ...given, connectionId },
        clock(),
      );
      return changed.ok ? { connectionId, receipt: settle(context, changed.value) } : throwRefusal(changed.reason);
    },
  },
  {
    description: 'The connection as it is now, and what the change ended.',
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
  'connectionSetStaticHeaders',
  {
    description: 'All the static headers: those that are not named are gone.',
    inputFields: (t) => ({
      connectionId: t.id({ required: true, description: 'One that the viewer may change.' }),
      staticHeaders: t.field({ type: [HeaderInput], required: true, description: 'Those that are sent from now on.' }),
    }),
  },
  {
    description: 'Replaces the static headers. They are sealed, and never shown again. No grant ends.',
    errors: { types: [NotFoundError, ValidationError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const { database, keyring, clock } = context;
      const headers = { connectionId: connectionIdOf(input), staticHeaders: input.staticHeaders };
      const set = await setStaticHeaders(database, keyring, viewerIn(context), headers, clock());
      return set.ok ? set.value : throwRefusal(set.reason);
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
  'connectionRotateRoute',
  {
    description: 'Which connection gets a new address.',
    inputFields: (t) => ({ connectionId: t.id({ required: true, description: 'One that the viewer may change.' }) }),
  },
  {
    description:
      'Gives a connection a new connect URL. The old one is dead at once, with the grants given for it; provider sign-ins stay.',
    errors: { types: [NotFoundError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const connectionId = connectionIdOf(input);
      const rotated = await rotateRoute(context.database, viewerIn(context), connectionId, context.clock());
      return rotated.ok ? { connectionId, receipt: settle(context, rotated.value) } : throwRefusal(rotated.reason);
    },
  },
  {
    description: 'The connection with its new address, and what ended.',
    outputFields: (t) => ({
      connection: t.prismaField({
        type: 'Connection',
        description: 'With its new connect URL.',
        resolve: (query, { connectionId }, _args, { database }) =>
          database.db.connection.findUniqueOrThrow({ ...query, where: { id: connectionId } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
