/** Who of an organization may use which of its connections. */
import { assign, unassign } from '../../core/connections/assign.ts';
import { manageableBy } from '../../core/connections/manageable.ts';
import { builder } from './builder.ts';
import { connectionIdOf } from './connection-id.ts';
import { viewerIn } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { Member, memberAsked } from './member.ts';
import { needs } from './needs.ts';
import { RECEIPT, settle } from './receipt.ts';

builder.prismaObjectField('Connection', 'assignees', (t) =>
  t.prismaField({
    type: [Member],
    description: 'Who may use it, for owners and admins of its organization; else none.',
    ...needs('people:read'),
    complexity: { field: 20, multiplier: 20 },
    select: { id: true, ownerOrganizationId: true },
    resolve: async (query, { id, ownerOrganizationId }, _args, context) => {
      const { db } = context.database;
      const where = { AND: [{ id }, manageableBy(viewerIn(context))] };
      if (!ownerOrganizationId || !(await db.connection.findFirst({ where, select: { id: true } }))) return [];
      const assigned = { connectionId: id, removedAt: null };
      return db.membership.findMany({
        ...query,
        where: { organizationId: ownerOrganizationId, removedAt: null, user: { assignments: { some: assigned } } },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      });
    },
  }),
);

builder.prismaObjectField('Connection', 'viewerMayChange', (t) =>
  t.boolean({
    description: 'Whether the viewer may change it: the owner of a personal one, owners and admins of an organization.',
    complexity: 10,
    select: { id: true },
    resolve: async ({ id }, _args, context) =>
      (await context.database.db.connection.findFirst({
        where: { AND: [{ id }, manageableBy(viewerIn(context))] },
        select: { id: true },
      })) !== null,
  }),
);

builder.prismaObjectField('Connection', 'viewerIsAssigned', (t) =>
  t.boolean({
    description: 'Whether it is the viewer’s to use: their own, or assigned to them in an organization.',
    complexity: 10,
    select: { ownerUserId: true, id: true },
    resolve: async ({ id, ownerUserId }, _args, context) => {
      const { userId } = viewerIn(context);
      if (ownerUserId !== null) return ownerUserId === userId;
      const where = { connectionId: id, userId, removedAt: null };
      return (await context.database.db.assignment.findFirst({ where, select: { id: true } })) !== null;
    },
  }),
);

builder.relayMutationField(
  'connectionAssign',
  {
    description: 'Who is to use which connection.',
    inputFields: (t) => ({
      connectionId: t.id({ required: true, description: 'A connection of an organization.' }),
      memberId: t.id({ required: true, description: 'A member of the same organization.' }),
    }),
  },
  {
    description:
      'Lets a member use a connection of the organization. Where it is for a single user, whoever had it loses it first, grants included.',
    errors: { types: [NotFoundError, ValidationError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const which = await assigningOf(context, input);
      const assigned = await assign(context.database, which, context.clock());
      if (assigned.ok) return { connectionId: which.connectionId, receipt: settle(context, assigned.value) };
      if (assigned.reason === 'not_found') throw new NotFoundError();
      throw new ValidationError('memberId', 'This person is not in the organization of this connection.');
    },
  },
  {
    description: 'The connection as it is now, and what ended for whoever had it.',
    outputFields: (t) => ({
      connection: t.prismaField({
        type: 'Connection',
        description: 'With its assignees as they are now.',
        resolve: (query, { connectionId }, _args, { database }) =>
          database.db.connection.findUniqueOrThrow({ ...query, where: { id: connectionId } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);

builder.relayMutationField(
  'connectionUnassign',
  {
    description: 'Who is no longer to use which connection.',
    inputFields: (t) => ({
      connectionId: t.id({ required: true, description: 'A connection of an organization.' }),
      memberId: t.id({ required: true, description: 'A member of the same organization.' }),
    }),
  },
  {
    description: 'Takes a connection from a member: their grants for it end, now, with their sign-in at its provider.',
    errors: { types: [NotFoundError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context) => {
      const which = await assigningOf(context, input);
      const taken = await unassign(context.database, which, context.clock());
      if (!taken.ok) throw new NotFoundError();
      return { connectionId: which.connectionId, receipt: settle(context, taken.value) };
    },
  },
  {
    description: 'The connection as it is now, and what ended.',
    outputFields: (t) => ({
      connection: t.prismaField({
        type: 'Connection',
        description: 'With its assignees as they are now.',
        resolve: (query, { connectionId }, _args, { database }) =>
          database.db.connection.findUniqueOrThrow({ ...query, where: { id: connectionId } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);

async function assigningOf(
  context: Parameters<typeof memberAsked>[0],
  input: { connectionId: string; memberId: string },
) {
  const { userId: actorUserId, onlyIn } = viewerIn(context);
  const connectionId = connectionIdOf(input);
  const { userId } = await memberAsked(context, input.memberId);
  return { connectionId, userId, actorUserId, onlyIn };
}
