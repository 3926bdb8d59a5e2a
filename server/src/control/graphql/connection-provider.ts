/** How a connection signs in at a provider: its settings, and the client that a person enters. */
import { callbackUrl, sharedCallbackUrl } from '../../core/connections/callback-url.ts';
import { manageableBy } from '../../core/connections/manageable.ts';
import { hasOwnCallback } from '../../core/connections/provider-client.ts';
import { type Parameter, type ProviderInput, usesProvider } from '../../core/connections/provider-settings.ts';
import { setProviderClient } from '../../core/connections/set-provider-client.ts';
import { bindIssuer } from '../../core/providers/static-issuer.ts';
import { builder } from './builder.ts';
import { connectionIdOf } from './connection-id.ts';
import { type Context, tooOften, viewerIn } from './context.ts';
import { NotFoundError, throwRefusal, ValidationError } from './error.ts';
import { McpConnection } from './mcp-connection.ts';
import { needs } from './needs.ts';
import { RECEIPT, settle } from './receipt.ts';

const ParameterInput = builder.inputType('ParameterInput', {
  description: 'A parameter to add to the authorization request.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'None that OAuth itself uses.' }),
    value: t.string({ required: true, description: 'As it is sent, before it is encoded.' }),
  }),
});

type Builder = PothosSchemaTypes.InputFieldBuilder<typeof builder.$inferSchemaTypes, 'InputObject'>;

/** The settings of a provider, in every input that has them. What is empty goes back to what the server says of itself. */
export const providerFields = (t: Builder) => ({
  providerIssuer: t.string({ description: 'Which of several providers; empty: the one that fits best.' }),
  providerResource: t.string({ description: 'What to send as `resource`; empty: what the server calls itself.' }),
  providerScopes: t.stringList({ description: 'What to ask for; empty: what the server asks for.' }),
  providerAuthorizeParameters: t.field({
    type: [ParameterInput],
    description: 'What to send along, all of it; empty: nothing.',
  }),
  providerPkceUnannounced: t.boolean({
    description: 'Signs in although the provider does not say that it supports PKCE.',
  }),
});

type ProviderFields = {
  providerIssuer?: string | null | undefined;
  providerResource?: string | null | undefined;
  providerScopes?: string[] | null | undefined;
  providerAuthorizeParameters?: Parameter[] | null | undefined;
  providerPkceUnannounced?: boolean | null | undefined;
};

export const providerInput = (input: ProviderFields): ProviderInput => ({
  providerIssuer: input.providerIssuer ?? undefined,
  providerResource: input.providerResource ?? undefined,
  providerScopes: input.providerScopes ?? undefined,
  providerAuthorizeParameters: input.providerAuthorizeParameters ?? undefined,
  providerPkceUnannounced: input.providerPkceUnannounced ?? undefined,
});

type ClientFields = {
  providerIssuer?: string | null | undefined;
  providerClientId?: string | null | undefined;
  providerClientSecret?: string | null | undefined;
};

/** The client that a person entered, bound to its issuer, which is asked first. @throws ValidationError */
export async function bindClient(context: Context, remoteUrl: string, input: ClientFields) {
  const room = await context.discoveries.take(viewerIn(context).userId);
  if (!room.allowed) throw tooOften(room.retryAfter);
  const bound = await bindIssuer(context.providers, remoteUrl, input.providerIssuer?.trim() || null);
  if (!bound.ok) throw new ValidationError(input.providerIssuer ? 'providerIssuer' : 'remoteUrl', bound.reason);
  const { issuer, authMethod } = bound.value;
  const clientSecret = input.providerClientSecret || null;
  return { issuer, client: { clientId: input.providerClientId ?? '', clientSecret, authMethod } };
}

builder.relayMutationField(
  'connectionSetProviderClient',
  {
    description: 'The client that the provider handed out to a person.',
    inputFields: (t) => ({
      connectionId: t.id({ required: true, description: 'One that the viewer may change.' }),
      providerIssuer: t.string({ description: 'Absent: the provider that the connection has, or the server names.' }),
      providerClientId: t.string({ required: true, description: 'As the provider handed it out.' }),
      providerClientSecret: t.string({ description: 'Absent for a public client. Sealed, and never shown again.' }),
    }),
  },
  {
    description: 'Replaces the client of a connection with OAUTH_STATIC. Grants and sign-ins at the provider end.',
    errors: { types: [NotFoundError, ValidationError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const { database, keyring, clock } = context;
      const connectionId = connectionIdOf(input);
      const viewer = viewerIn(context);
      const where = { AND: [{ id: connectionId }, manageableBy(viewer)] };
      const connection = await database.db.connection.findFirst({ where });
      if (!connection) throw new NotFoundError();
      const providerIssuer = input.providerIssuer ?? connection.providerIssuer;
      const { issuer, client } = await bindClient(context, connection.remoteUrl, { ...input, providerIssuer });
      const set = await setProviderClient(database, keyring, viewer, { connectionId, issuer, client }, clock());
      return set.ok ? { connectionId, receipt: settle(context, set.value) } : throwRefusal(set.reason);
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

export const ProviderRegistration = builder.enumType('ProviderRegistration', {
  description: 'How Grantway becomes a client of a provider.',
  values: {
    CLIENT_DOCUMENT: { value: 'metadata_document', description: 'By the address of a document about Grantway.' },
    REGISTRATION: { value: 'dynamic', description: 'By registering itself.' },
    BY_HAND: { value: 'static', description: 'By a client that a person registers and enters.' },
  } as const,
});

const ParameterType = builder.objectRef<Parameter>('Parameter').implement({
  description: 'A parameter that is added to the authorization request.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'None that OAuth itself uses.' }),
    value: t.exposeString('value', { description: 'As it is sent, before it is encoded.' }),
  }),
});

const ProviderClientType = builder.prismaObject('ProviderClient', {
  description: 'What Grantway is at a provider. Its secret is never shown.',
  fields: (t) => ({
    clientId: t.exposeString('clientId', { description: 'What the provider knows it by.' }),
    issuer: t.exposeString('issuer', { description: 'The provider that it is bound to.' }),
    registration: t.expose('kind', { type: ProviderRegistration, description: 'How it came about.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was entered or registered.' }),
  }),
});

const IN_USE = { where: { retiredAt: null }, orderBy: { createdAt: 'desc' as const }, take: 1 };

const ConnectionProvider = builder.prismaObject('Connection', {
  variant: 'ConnectionProvider',
  description: 'How a connection signs in at a provider.',
  fields: (t) => ({
    issuer: t.exposeString('providerIssuer', {
      nullable: true,
      description: 'Null: the one that fits best of those that the server names.',
    }),
    resource: t.exposeString('providerResource', {
      nullable: true,
      description: 'Null: what the server calls itself.',
    }),
    scopes: t.exposeStringList('providerScopes', { description: 'Empty: what the server asks for.' }),
    authorizeParameters: t.field({
      type: [ParameterType],
      description: 'Sent along when a person signs in there.',
      select: { providerAuthorizeParameters: true },
      resolve: ({ providerAuthorizeParameters }) =>
        Object.entries(providerAuthorizeParameters as Record<string, string>).map(([name, value]) => ({ name, value })),
    }),
    pkceUnannounced: t.exposeBoolean('providerPkceUnannounced', {
      description: 'Whether it is used although it does not say that it supports PKCE.',
    }),
    callbackUrl: t.string({
      description: 'What to register at the provider where that is done by hand.',
      select: (_args, _context, nested) => ({
        providerIssuer: true,
        providerClients: nested(IN_USE),
      }),
      resolve: async ({ providerIssuer, providerClients: [inUse] }, _args, { base, keyring }) => {
        const issuer = providerIssuer ?? inUse?.issuer;
        if (issuer === undefined) return sharedCallbackUrl(base);
        // What a client entered now would use: see `storeStaticClient`.
        const kept = inUse?.kind === 'static' && inUse.issuer === issuer && !(await hasOwnCallback(keyring, inUse));
        return kept ? sharedCallbackUrl(base) : callbackUrl(base, issuer);
      },
    }),
    client: t.field({
      type: ProviderClientType,
      nullable: true,
      description: 'Null until one was entered, or the first sign-in made one.',
      select: (_args, _context, nested) => ({
        providerClients: nested(IN_USE),
      }),
      resolve: ({ providerClients }) => providerClients[0] ?? null,
    }),
  }),
});

builder.prismaObjectField(McpConnection, 'provider', (t) =>
  t.variant(ConnectionProvider, {
    description: 'Null where the connection signs in without a provider.',
    isNull: ({ authMode }) => !usesProvider(authMode),
  }),
);
