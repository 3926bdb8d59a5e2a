/** Leaving an organization, or being removed from it: everything that hangs on the membership ends with it. */
import type { Prisma } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { endInstances } from '../connections/instance.ts';
import type { Caller } from '../grants/caller.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endApiKeys } from './api-key.ts';

/** The organizations that a caller is in. */
export const organizationsOf = ({ userId, onlyIn }: Caller): Prisma.OrganizationWhereInput => ({
  ...(onlyIn ? { id: onlyIn } : {}),
  deletedAt: null,
  memberships: { some: { userId, removedAt: null } },
});

export type MembershipRefusal = 'not_a_member' | 'last_owner';

/**
 * Ends a membership: the member's assignments, instances and grants in the organization end in the same transaction, and nothing else
 * of theirs. The last owner cannot go. Does not check that the actor may do this: oneself, or an admin of the organization.
 * @throws Unavailable
 */
export async function removeMember(
  database: Database,
  which: { organizationId: string; userId: string; actorUserId: string },
  now: Date,
): Promise<Result<Revocation, MembershipRefusal>> {
  const { organizationId, userId, actorUserId } = which;
  return transact(database, async (tx) => {
    // The organization's row is the lock behind which owners are counted: two owners who leave at once would each see the other.
    await tx.$queryRaw`SELECT id FROM organization WHERE id = ${organizationId}::uuid FOR UPDATE`;
    const member = await tx.membership.findFirst({ where: { organizationId, userId, removedAt: null } });
    if (!member) return refused('not_a_member' as const);
    if (member.role === 'owner' && (await countOwners(tx, organizationId)) === 1) return refused('last_owner' as const);
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

const countOwners = (tx: Tx, organizationId: string): Promise<number> =>
  tx.membership.count({ where: { organizationId, role: 'owner', removedAt: null } });

async function endUse(
  tx: Tx,
  { organizationId, userId }: { organizationId: string; userId: string },
  actorUserId: string,
  now: Date,
) {
  const within = { userId, connection: { ownerOrganizationId: organizationId } };
  await tx.assignment.updateMany({ where: { ...within, removedAt: null }, data: { removedAt: now } });
  await endApiKeys(tx, { userIds: [userId], organizationId }, now);
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
