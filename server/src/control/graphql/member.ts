/** The members of an organization: who they are, their role, and their leave. */
import { type MembershipRefusal, removeMember, setMemberRole } from '../../core/people/membership.ts';
import { builder } from './builder.ts';
import { type Context, viewerIn } from './context.ts';
import { NotAllowedError, NotFoundError, ValidationError } from './error.ts';
import { encodeGlobalId, rowIdOf } from './global-id.ts';
import { MembershipRole } from './membership-role.ts';
import { needs } from './needs.ts';
import { Organization, organizationOfViewer } from './organization.ts';
import { RECEIPT, settle } from './receipt.ts';

export const Member = builder.prismaObject('Membership', {
  name: 'Member',
  description: 'A person in an organization.',
  fields: (t) => ({
    id: t.id({ select: { id: true }, resolve: ({ id }) => encodeGlobalId('Member', id) }),
    user: t.relation('user', { description: 'Who it is.' }),
    role: t.expose('role', { type: MembershipRole, description: 'What they may do in it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they joined.' }),
  }),
});

builder.prismaObjectField('Organization', 'members', (t) =>
  t.relation('memberships', {
    type: Member,
    description: 'Those who are in it, by when they joined. Empty for a viewer who is not (any more).',
    ...needs('people:read'),
    query: (_args, context) => ({
      where: {
        removedAt: null,
        organization: { deletedAt: null, memberships: { some: { userId: viewerIn(context).userId, removedAt: null } } },
      },
      orderBy: [{ createdAt: 'asc' as const }, { id: 'asc' as const }],
    }),
  }),
);

/** The member that an id names, in an organization that the viewer is in. @throws NotFoundError */
export async function memberAsked(context: Context, globalId: string) {
  const { userId, onlyIn } = viewerIn(context);
  const id = rowIdOf('Member', globalId);
  const member =
    id === null
      ? null
      : await context.database.db.membership.findFirst({
          where: {
            id,
            removedAt: null,
            ...(onlyIn ? { organizationId: onlyIn } : {}),
            organization: { deletedAt: null, memberships: { some: { userId, removedAt: null } } },
          },
          select: { id: true, organizationId: true, userId: true },
        });
  if (!member) throw new NotFoundError();
  return member;
}

export function throwMembership(refusal: MembershipRefusal): never {
  if (refusal === 'not_found') throw new NotFoundError();
  if (refusal === 'not_allowed') throw new NotAllowedError();
  throw new ValidationError(
    null,
    'An organization needs an owner who is not blocked. Make somebody else one first, or delete it.',
  );
}

builder.relayMutationField(
  'memberSetRole',
  {
    description: 'Who gets which role.',
    inputFields: (t) => ({
      memberId: t.id({ required: true, description: 'The id of the Member, not of the user.' }),
      role: t.field({ type: MembershipRole, required: true, description: 'What they are to be.' }),
    }),
  },
  {
    description: 'Gives a member another role. Admins make and unmake admins; only owners make and unmake owners.',
    errors: { types: [NotFoundError, NotAllowedError, ValidationError] },
    ...needs('people:write'),
    resolve: async (_root, { input }, context) => {
      const { id, organizationId, userId } = await memberAsked(context, input.memberId);
      const which = { organizationId, userId, role: input.role, actorUserId: viewerIn(context).userId };
      const set = await setMemberRole(context.database, which, context.clock());
      return set.ok ? { id } : throwMembership(set.reason);
    },
  },
  {
    description: 'The member as they are now.',
    outputFields: (t) => ({
      member: t.prismaField({
        type: Member,
        description: 'As they are now.',
        resolve: (query, { id }, _args, { database }) =>
          database.db.membership.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'memberRemove',
  {
    description: 'Who is to leave.',
    inputFields: (t) => ({ memberId: t.id({ required: true, description: 'The id of the Member, not of the user.' }) }),
  },
  {
    description:
      'Removes a member: what clients could do for them in this organization ends, now, with their API keys and provider sign-ins there.',
    errors: { types: [NotFoundError, NotAllowedError, ValidationError] },
    ...needs('people:write'),
    resolve: async (_root, { input }, context) => {
      const { organizationId, userId } = await memberAsked(context, input.memberId);
      const which = { organizationId, userId, actorUserId: viewerIn(context).userId };
      const removed = await removeMember(context.database, which, context.clock());
      return removed.ok ? { organizationId, receipt: settle(context, removed.value) } : throwMembership(removed.reason);
    },
  },
  {
    description: 'The organization without them, and what ended.',
    outputFields: (t) => ({
      organization: t.prismaField({
        type: Organization,
        nullable: true,
        description: 'Null when the viewer removed themselves.',
        resolve: (query, { organizationId }, _args, context) => organizationOfViewer(context, organizationId, query),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);

builder.relayMutationField(
  'organizationLeave',
  {
    description: 'Which organization to leave.',
    inputFields: (t) => ({ organizationId: t.id({ required: true, description: 'One that the viewer is in.' }) }),
  },
  {
    description:
      'Leaves an organization. What clients could do for the viewer in it ends. The last owner who is not blocked cannot leave.',
    errors: { types: [NotFoundError, ValidationError] },
    ...needs('organizations:write'),
    resolve: async (_root, { input }, context) => {
      const viewer = viewerIn(context);
      const { userId } = viewer;
      const organizationId = rowIdOf('Organization', input.organizationId);
      if (organizationId === null || (viewer.onlyIn && viewer.onlyIn !== organizationId)) throw new NotFoundError();
      const left = await removeMember(
        context.database,
        { organizationId, userId, actorUserId: userId },
        context.clock(),
      );
      return left.ok ? { organizationId, receipt: settle(context, left.value) } : throwMembership(left.reason);
    },
  },
  {
    description: 'Which organization was left, and what ended.',
    outputFields: (t) => ({
      organizationId: t.id({
        description: 'The id that was given.',
        resolve: ({ organizationId }) => encodeGlobalId('Organization', organizationId),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
