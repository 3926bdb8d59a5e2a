/** API keys: what a program shows in place of a session. */
import { createApiKey, revokeApiKey } from '../../core/people/api-key.ts';
import { API_KEY_SCOPES, type ApiKeyScope } from '../../core/people/api-key-scope.ts';
import { builder } from './builder.ts';
import { unauthenticated, viewerIn } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { encodeGlobalId, rowIdOf } from './global-id.ts';
import { noKey } from './needs.ts';
import { organizationAsked } from './owner.ts';
import { ViewerType } from './viewer.ts';

const WHAT: Record<ApiKeyScope, string> = {
  'grants:read': 'Sees the authorized clients.',
  'grants:revoke': 'Takes authorizations back.',
  'connections:read': 'Sees connections.',
  'connections:write': 'Makes, changes, assigns and ends connections.',
  'audit:read': 'Reads the record of what happened.',
  'people:read': 'Sees the members of organizations and, for an administrator, the accounts.',
  'people:write':
    'Invites and removes members, changes their roles and, for an administrator, blocks and erases accounts.',
  'organizations:write': 'Makes, renames and deletes organizations.',
  'tokens:mint': 'Mints access tokens for the connections of its holder.',
  'tokens:introspect': 'Asks whether tokens of its holder are valid.',
};

const nameOf = (scope: ApiKeyScope): string => scope.toUpperCase().replace(':', '_');

const Scope = builder.enumType('ApiKeyScope', {
  description: 'What an API key is good for.',
  values: Object.fromEntries(
    API_KEY_SCOPES.map((value) => [nameOf(value), { value, description: `\`${value}\`: ${WHAT[value]}` }]),
  ) as Record<string, { value: ApiKeyScope; description: string }>,
});

export const ApiKey = builder.prismaObject('ApiKey', {
  description: 'A key that acts for a person without them, as far as its scopes let it. The key itself is shown once.',
  fields: (t) => ({
    id: t.id({ select: { id: true }, resolve: ({ id }) => encodeGlobalId('ApiKey', id) }),
    name: t.exposeString('name', { description: 'What its maker calls it.' }),
    start: t.exposeString('start', { description: 'The first characters, to tell it from others.' }),
    scopes: t.field({
      type: [Scope],
      description: 'All that it may do.',
      select: { scopes: true },
      resolve: ({ scopes }) => API_KEY_SCOPES.filter((scope) => scopes.includes(scope)),
    }),
    user: t.relation('user', { description: 'Whom it acts for: whoever made it.' }),
    organization: t.relation('organization', {
      nullable: true,
      description: 'The one organization that it is for; null when it acts wherever its holder may.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null when it lasts until revoked.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null until its first request; a minute behind at most.',
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'Null while not revoked.' }),
  }),
});

builder.objectField(ViewerType, 'apiKeys', (t) =>
  t.prismaField({
    type: ['ApiKey'],
    description: "The viewer's own keys that are not revoked, newest first, those for organizations included.",
    ...noKey,
    resolve: (query, { userId }, _args, { database }) =>
      database.db.apiKey.findMany({
        ...query,
        where: { userId, revokedAt: null },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      }),
  }),
);

builder.relayMutationField(
  'apiKeyCreate',
  {
    description:
      "What the key is called, what it is good for, and for how long. Without an organization it is the viewer's own.",
    inputFields: (t) => ({
      organizationId: t.id({ description: 'The one organization that it will see.' }),
      name: t.string({ required: true, description: 'What to call it, to tell it from others.' }),
      scopes: t.field({ type: [Scope], required: true, description: 'What it may do; at least one.' }),
      expiresIn: t.int({ description: 'Seconds; absent: until revoked.' }),
    }),
  },
  {
    description: 'Makes an API key and shows it, this once. It is sent as `Authorization: Bearer`.',
    errors: { types: [ValidationError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const organizationId = await organizationAsked(context, input.organizationId);
      const { name, scopes, expiresIn } = input;
      const wanted = {
        userId: viewerIn(context).userId,
        organizationId,
        name,
        scopes,
        expiresIn: expiresIn ?? undefined,
      };
      const created = await createApiKey(context.database, wanted, context.clock());
      if (created.ok) {
        // Whoever was signed out of everything while it was made, by a new password, is not shown it: it ends as those before it did.
        if (await context.viewerNow()) return created.value;
        await revokeApiKey(context.database, { userId: wanted.userId }, created.value.id, context.clock());
        throw unauthenticated();
      }
      // Only an organization that was left, or an account that was blocked, a moment ago is not found here.
      throw created.reason.kind === 'invalid'
        ? new ValidationError(created.reason.field, created.reason.message)
        : new ValidationError(null, 'You are no longer in this organization.');
    },
  },
  {
    description: 'The key, which nothing shows again.',
    outputFields: (t) => ({
      apiKey: t.prismaField({
        type: 'ApiKey',
        description: 'What is kept of it.',
        resolve: (query, { id }, _args, { database }) =>
          database.db.apiKey.findUniqueOrThrow({ ...query, where: { id } }),
      }),
      key: t.exposeString('key', { description: 'The whole key, to be stored by whoever uses it.' }),
    }),
  },
);

builder.relayMutationField(
  'apiKeyRevoke',
  {
    description: 'Which key to end.',
    inputFields: (t) => ({
      apiKeyId: t.id({ required: true, description: 'The key, by its id and not by what it is.' }),
    }),
  },
  {
    description: "Ends an API key, now: one's own, or one for an organization that one runs. Again: changes nothing.",
    errors: { types: [NotFoundError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const keyId = rowIdOf('ApiKey', input.apiKeyId);
      if (keyId === null) throw new NotFoundError();
      const revoked = await revokeApiKey(context.database, viewerIn(context), keyId, context.clock());
      if (!revoked.ok) throw new NotFoundError();
      return revoked.value;
    },
  },
  {
    description: 'The key as it is now.',
    outputFields: (t) => ({
      apiKey: t.prismaField({
        type: 'ApiKey',
        description: 'What is kept of it.',
        resolve: (query, { id }, _args, { database }) =>
          database.db.apiKey.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  },
);
