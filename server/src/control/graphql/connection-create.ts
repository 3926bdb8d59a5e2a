/** Making a connection. */
import { createConnection } from '../../core/connections/create.ts';
import { builder } from './builder.ts';
import { bindClient, providerFields, providerInput } from './connection-provider.ts';
import { settingFields } from './connection-settings.ts';
import { forbidden, viewerIn } from './context.ts';
import { throwRefusal, ValidationError } from './error.ts';
import { AuthMode } from './mcp-connection.ts';
import { needs } from './needs.ts';
import { organizationAsked } from './owner.ts';

builder.relayMutationField(
  'connectionCreate',
  {
    description: 'A new connection: personal, unless it names an organization.',
    inputFields: (t) => ({
      organizationId: t.id({ description: 'The organization that will own it.' }),
      name: t.string({ required: true, description: 'What people call it.' }),
      remoteUrl: t.string({ required: true, description: 'Where the MCP server is.' }),
      authMode: t.field({
        type: AuthMode,
        required: true,
        description: 'How to sign in at the upstream; see connectionDiscover.',
      }),
      ...settingFields(t),
      ...providerFields(t),
      providerClientId: t.string({ description: 'For OAUTH_STATIC: the client ID that the provider handed out.' }),
      providerClientSecret: t.string({ description: 'Absent for a public client. Sealed, and never shown again.' }),
    }),
  },
  {
    description: 'Makes a connection and its connect URL.',
    errors: { types: [ValidationError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const { database, keyring, allowUpstreams, clock } = context;
      const viewer = viewerIn(context);
      const organizationId = await organizationAsked(context, input.organizationId);
      const provider = providerInput(input);
      const bound = input.authMode === 'oauth_static' ? await bindClient(context, input.remoteUrl, input) : null;
      const created = await createConnection(
        database,
        { keyring, allowUpstreams },
        viewer,
        {
          organizationId,
          name: input.name,
          remoteUrl: input.remoteUrl,
          authMode: input.authMode,
          sharingMode: input.sharingMode ?? undefined,
          pathPassthrough: input.pathPassthrough ?? undefined,
          staticHeaders: input.staticHeaders ?? undefined,
          auxiliaryHeaders: input.auxiliaryHeaders ?? undefined,
          ...provider,
          ...(bound ? { providerIssuer: bound.issuer, providerClient: bound.client } : {}),
        },
        clock(),
      );
      if (created.ok) return created.value;
      // Only an organization that was left a moment ago is not found here.
      if (created.reason.kind === 'not_found') throw forbidden();
      return throwRefusal(created.reason);
    },
  },
  {
    description: 'The connection that was made.',
    outputFields: (t) => ({
      connection: t.prismaField({
        type: 'Connection',
        description: 'With its connect URL.',
        resolve: (query, { connectionId }, _args, { database }) =>
          database.db.connection.findUniqueOrThrow({ ...query, where: { id: connectionId } }),
      }),
    }),
  },
);
