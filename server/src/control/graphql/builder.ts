/** Pothos, set up. Configuration only: types live in files of their own. */

import type PrismaTypes from '@grantway/prisma/pothos';
import { getDatamodel } from '@grantway/prisma/pothos';
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { type Context, unauthenticated } from './context.ts';
import { decodeGlobalId, encodeGlobalId } from './global-id.ts';
import { readInstant } from './instant.ts';
import { MadeFields } from './made-fields.ts';
import { anyKey } from './needs.ts';
import { readNode } from './node.ts';

const NOT_NULL = { list: false, items: false } as const;

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  Scalars: { DateTime: { Input: Date; Output: Date }; ID: { Input: string; Output: string } };
  AuthScopes: { signedIn: boolean };
  DefaultFieldNullability: false;
  DefaultEdgesNullability: typeof NOT_NULL;
  DefaultNodeNullability: false;
}>({
  // Errors before Prisma, so that a refusal passes by the selection; Relay before scopes, so that ids arrive decoded.
  plugins: [ComplexityPlugin, RelayPlugin, ScopeAuthPlugin, ErrorsPlugin, PrismaPlugin, MadeFields],
  defaultFieldNullability: false,
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    encodeGlobalID: encodeGlobalId,
    decodeGlobalID: decodeGlobalId,
    edgesFieldOptions: {
      description: 'In their order.',
      nullable: NOT_NULL,
      complexity: { field: 0, multiplier: 1 },
    },
    nodeFieldOptions: { description: 'The thing itself.', nullable: false },
    cursorFieldOptions: { description: 'Where it is in its list: for `after` and `before`.' },
    pageInfoFieldOptions: { description: 'Whether there is more, and how to ask for it.' },
    firstArgOptions: { description: 'How many, from the start or from `after`; absent: 20.' },
    lastArgOptions: { description: 'How many, counted from the end or from `before`.' },
    afterArgOptions: { description: 'A cursor: only what comes behind it.' },
    beforeArgOptions: { description: 'A cursor: only what comes ahead of it.' },
    hasNextPageFieldOptions: { description: 'Whether more comes behind it.' },
    hasPreviousPageFieldOptions: { description: 'Whether more comes ahead of it.' },
    mutationInputArgOptions: { description: 'All that it needs to know.' },
    nodeTypeOptions: { description: 'A thing with an id that is its own everywhere.' },
    pageInfoTypeOptions: { description: 'Where a page is in its list.' },
    startCursorFieldOptions: { description: 'The first of it. Null when the page is empty.' },
    endCursorFieldOptions: { description: 'The last of it. Null when the page is empty.' },
    nodeQueryOptions: {
      description: "Null when there is no such thing, or it is not the viewer's.",
      args: { id: { description: 'Of any type that is a Node.' } },
      ...anyKey,
      resolve: async (_root, { id }, context, { schema }, resolveNode) =>
        (await readNode(context, id, schema)) ? resolveNode(id) : null,
    },
    nodesQueryOptions: false,
  },
  scopeAuth: {
    authScopes: ({ viewer }) => ({ signedIn: viewer !== null }),
    unauthorizedError: unauthenticated,
    authorizeOnSubscribe: true,
  },
  errors: {
    // No base class here: it would carry any thrown message, Prisma's included, to the client past the masking.
    defaultTypes: [],
    directResult: true,
    defaultUnionOptions: {
      name: ({ fieldName }) => `${fieldName.charAt(0).toUpperCase()}${fieldName.slice(1)}Result`,
      description: 'What the mutation answers: its payload, or why it was refused.',
    },
  },
  prisma: {
    client: ({ database }) => database.db,
    dmmf: getDatamodel(),
    maxConnectionSize: 100,
    defaultConnectionSize: 20,
    exposeDescriptions: false,
  },
  // Limits are judged before execution, in limits.ts; here are only the prices.
  complexity: { defaultComplexity: 1, defaultListMultiplier: 5, disabled: true },
});

/** Everything needs a session, but for the fields that say otherwise. */
builder.queryType({
  description: 'What may be asked. All but `viewer` needs a session.',
  authScopes: { signedIn: true },
});
builder.mutationType({ description: 'What may be done. All of it needs a session.', authScopes: { signedIn: true } });

builder.subscriptionType({
  description:
    'What is told as it happens, as server-sent events. All of it needs a session, or an API key, and ends with it.',
  authScopes: { signedIn: true },
});

builder.scalarType('DateTime', {
  description: 'An instant, ISO 8601 with a time zone.',
  serialize: (value) => (value instanceof Date ? value : new Date(value as unknown as string)).toISOString() as never,
  parseValue: (value) => {
    const instant = typeof value === 'string' ? readInstant(value) : null;
    if (!instant) throw new TypeError('This is not an instant in ISO 8601 with a time zone.');
    return instant;
  },
});
