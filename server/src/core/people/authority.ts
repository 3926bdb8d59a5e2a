/** Who may do what to whom in an organization. Owners may do everything; admins run it, but make and touch no owners; members look. */
import type { MembershipRole } from '@grantway/prisma/client';
import type { Tx } from '../../platform/transact.ts';

export type Role = MembershipRole;

export const isManager = (role: Role | null | undefined): boolean => role === 'owner' || role === 'admin';

/** Whether a role lets one invite somebody as, remove a, or make somebody a holder of another role. */
export const mayManage = (actor: Role | null | undefined, subject: Role): boolean =>
  actor === 'owner' || (actor === 'admin' && subject !== 'owner');

/**
 * Locks an organization, behind whose row owners are counted and roles are changed, and tells the role of a person in it.
 * Null where there is no such organization, or they are not in it: the two are the same. A person who is blocked has no role.
 */
export async function lockOrganization(tx: Tx, organizationId: string, userId: string): Promise<Role | null> {
  await tx.$queryRaw`SELECT id FROM organization WHERE id = ${organizationId}::uuid FOR UPDATE`;
  // A statement of its own: joined to the lock it could tell of roles as they were before the wait.
  const membership = await tx.membership.findFirst({
    where: {
      organizationId,
      userId,
      removedAt: null,
      organization: { deletedAt: null },
      user: { blockedAt: null, deletedAt: null },
    },
    select: { role: true },
  });
  return membership?.role ?? null;
}
