/** Clients as an administrator sees them: all of them, and which are blocked for everyone. */
import type { Prisma } from '@grantway/prisma/client';
import { blockClient, unblockClient } from '../../core/clients/block.ts';
import { builder } from './builder.ts';
import { Client } from './client.ts';
import { adminIn } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { rowIdOf } from './global-id.ts';
import { noKey } from './needs.ts';
import { containing, pageComplexity, pageFrom } from './page.ts';
import { RECEIPT, settle } from './receipt.ts';

const MAX_REASON = 300;

function matching(search: string | null | undefined): Prisma.OAuthClientWhereInput {
  const text = containing(search);
  return { deletedAt: null, ...(text ? { OR: [{ name: text }, { clientId: text }] } : {}) };
}

builder.queryField('clients', (t) =>
  t.prismaConnection(
    {
      type: 'OAuthClient',
      cursor: 'id',
      complexity: pageComplexity,
      ...noKey,
      description:
        'For administrators: every client that is registered or was asked for, newest first. At most 100 a page.',
      args: { search: t.arg.string({ description: 'In name and client ID.' }) },
      totalCount: (_root, { search }, context) => {
        adminIn(context);
        return context.database.db.oAuthClient.count({ where: matching(search) });
      },
      resolve: async (query, _root, { search }, context) => {
        adminIn(context);
        const { db } = context.database;
        const where = matching(search);
        const isListed = (id: string) =>
          db.oAuthClient.findFirst({ where: { AND: [where, { id }] }, select: { id: true } });
        return db.oAuthClient.findMany({
          ...(await pageFrom(query, isListed)),
          where,
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        });
      },
    },
    { name: 'ClientPage', description: 'A page of clients.' },
    { name: 'ClientPageEdge', description: 'A client in its page.' },
  ),
);

builder.relayMutationField(
  'clientBlock',
  {
    description: 'Which client nobody may use.',
    inputFields: (t) => ({
      clientId: t.id({ required: true, description: 'The id of the Client, not its OAuth client ID.' }),
      reason: t.string({ description: 'For the record; nobody else is told.' }),
    }),
  },
  {
    description: "Blocks a client: everyone's authorizations of it end, and it gets none. For administrators.",
    errors: { types: [NotFoundError, ValidationError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const { userId: actorUserId } = adminIn(context);
      const id = rowIdOf('Client', input.clientId);
      const reason = input.reason?.trim() || null;
      if (reason !== null && reason.length > MAX_REASON)
        throw new ValidationError('reason', `A reason has at most ${MAX_REASON} characters.`);
      const revocation = id && (await blockClient(context.database, { id, reason, actorUserId }, context.clock()));
      if (!revocation) throw new NotFoundError();
      return { id, receipt: settle(context, revocation) };
    },
  },
  {
    description: 'The client as it is now, and what ended.',
    outputFields: (t) => ({
      client: t.prismaField({
        type: Client,
        description: 'As it is now.',
        resolve: (query, { id }, _args, { database }) =>
          database.db.oAuthClient.findUniqueOrThrow({ ...query, where: { id } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);

builder.relayMutationField(
  'clientUnblock',
  {
    description: 'Which client people may use again.',
    inputFields: (t) => ({
      clientId: t.id({ required: true, description: 'The id of the Client, not its OAuth client ID.' }),
    }),
  },
  {
    description: 'Lets people authorize a client again. What ended stays ended. For administrators.',
    errors: { types: [NotFoundError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const { userId: actorUserId } = adminIn(context);
      const id = rowIdOf('Client', input.clientId);
      if (id === null || !(await unblockClient(context.database, { id, actorUserId }, context.clock())))
        throw new NotFoundError();
      return { id };
    },
  },
  {
    description: 'The client as it is now.',
    outputFields: (t) => ({
      client: t.prismaField({
        type: Client,
        description: 'As it is now.',
        resolve: (query, { id }, _args, { database }) =>
          database.db.oAuthClient.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  },
);
