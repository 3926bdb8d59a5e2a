/** Leaving an organization, or being removed from it: everything that hangs on the membership ends with it. */
import { MembershipRole, type Prisma } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { endInstances } from '../connections/instance.ts';
import type { Caller } from '../grants/caller.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endApiKeys } from './api-key.ts';
import { lockOrganization, mayManage, type Role } from './authority.ts';
import { endInvitations } from './invite.ts';

/** The organizations that a caller is in. */
export const organizationsOf = ({ userId, onlyIn }: Caller): Prisma.OrganizationWhereInput => ({
  ...(onlyIn ? { id: onlyIn } : {}),
  deletedAt: null,
  memberships: { some: { userId, removedAt: null } },
});

export type MembershipRefusal = 'not_found' | 'not_allowed' | 'last_owner';

/**
 * Ends a membership: the member's assignments, API keys, instances, grants and open invitations in the organization end in the same
 * transaction, and nothing else of theirs. Whoever it is may leave; owners and admins remove others. The last owner who is not blocked cannot go.
 * @throws Unavailable
 */
export async function removeMember(
  database: Database,
  which: { organizationId: string; userId: string; actorUserId: string },
  now: Date,
): Promise<Result<Revocation, MembershipRefusal>> {
  const { organizationId, userId, actorUserId } = which;
  return transact(database, async (tx) => {
    const actor = await lockOrganization(tx, organizationId, actorUserId);
    const member = await tx.membership.findFirst({ where: { organizationId, userId, removedAt: null } });
    if (actor === null || !member) return refused('not_found' as const);
    if (userId !== actorUserId && !mayManage(actor, member.role)) return refused('not_allowed' as const);
    if (member.role === 'owner' && !(await hasOtherOwner(tx, member))) return refused('last_owner' as const);
    await tx.membership.update({ where: { id: member.id }, data: { removedAt: now } });
    const revocation = await endUse(tx, { organizationId, userId }, actorUserId, now);
    await record(tx, now, {
      kind: 'member.removed',
      actorUserId,
      ownerUserId: userId,
      ownerOrganizationId: organizationId,
    });
    return ok(revocation);
  });
}

/**
 * Gives a member another role. No grant hangs on one: who may use a connection is assigned to it. Invitations do: those that they may no
 * longer send end. The last owner who is not blocked stays one. @throws Unavailable
 */
export async function setMemberRole(
  database: Database,
  which: { organizationId: string; userId: string; role: Role; actorUserId: string },
  now: Date,
): Promise<Result<null, MembershipRefusal>> {
  const { organizationId, userId, role, actorUserId } = which;
  return transact(database, async (tx) => {
    const actor = await lockOrganization(tx, organizationId, actorUserId);
    const member = await tx.membership.findFirst({ where: { organizationId, userId, removedAt: null } });
    if (actor === null || !member) return refused('not_found' as const);
    if (!mayManage(actor, member.role) || !mayManage(actor, role)) return refused('not_allowed' as const);
    if (member.role === role) return ok(null);
    if (member.role === 'owner' && !(await hasOtherOwner(tx, member))) return refused('last_owner' as const);
    await tx.membership.update({ where: { id: member.id }, data: { role } });
    // Those that the new role could not send end with the old one: they would rest, and be good again after a promotion.
    const roles = Object.values(MembershipRole).filter((invited) => !mayManage(role, invited));
    await endInvitations(tx, { userIds: [userId], organizationId, roles }, now);
    await record(tx, now, {
      kind: 'member.role_changed',
      actorUserId,
      ownerUserId: userId,
      ownerOrganizationId: organizationId,
      detail: { from: member.role, role },
    });
    return ok(null);
  });
}

/** Of those who can act: a blocked owner runs nothing. */
const hasOtherOwner = async (
  tx: Tx,
  { id, organizationId }: { id: string; organizationId: string },
): Promise<boolean> =>
  (await tx.membership.count({
    where: {
      id: { not: id },
      organizationId,
      role: 'owner',
      removedAt: null,
      user: { blockedAt: null, deletedAt: null },
    },
  })) > 0;

async function endUse(
  tx: Tx,
  { organizationId, userId }: { organizationId: string; userId: string },
  actorUserId: string,
  now: Date,
) {
  const within = { userId, connection: { ownerOrganizationId: organizationId } };
  await tx.assignment.updateMany({ where: { ...within, removedAt: null }, data: { removedAt: now } });
  await endApiKeys(tx, { userIds: [userId], organizationId }, now);
  await endInvitations(tx, { userIds: [userId], organizationId }, now);
  const revocation = await revokeGrants(
    tx,
    { organizationId, userIds: [userId] },
    'membership_removed',
    { userId: actorUserId },
    now,
  );
  await endInstances(tx, { organizationId, userIds: [userId] }, now);
  return revocation;
}
