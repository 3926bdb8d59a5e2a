/** What becomes of organizations whose only owner goes: the one who has run it longest, and is not blocked, gets it; where nobody is left, it ends. */
import type { Prisma } from '@grantway/prisma/client';
import type { Tx } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Revocation } from '../grants/revoke.ts';
import { endOrganization } from './organization.ts';

/** The caller holds the lock of the user's row. @returns what ended with organizations that nobody is left in */
export async function passOnOrganizations(
  tx: Tx,
  userId: string,
  actorUserId: string,
  now: Date,
): Promise<Revocation[]> {
  const owned = await tx.$queryRaw<{ id: string }[]>`
    SELECT o.id FROM organization o WHERE o.deleted_at IS NULL AND EXISTS (
      SELECT 1 FROM membership m WHERE m.organization_id = o.id AND m.user_id = ${userId}::uuid AND m.role = 'owner' AND m.removed_at IS NULL)
    ORDER BY o.id FOR UPDATE`;
  const ended: Revocation[] = [];
  for (const { id: organizationId } of owned) {
    const next = (user: Prisma.UserWhereInput) =>
      tx.membership.findFirst({
        where: { organizationId, userId: { not: userId }, removedAt: null, user: { ...user, deletedAt: null } },
        // The enum is in this order: owner, admin, member.
        orderBy: [{ role: 'asc' }, { createdAt: 'asc' }, { id: 'asc' }],
      });
    // Somebody who can run it, before an owner who is blocked. Where all are, it waits for one of them.
    const heir = (await next({ blockedAt: null })) ?? (await next({}));
    if (!heir) ended.push(await endOrganization(tx, organizationId, actorUserId, now));
    else if (heir.role !== 'owner') {
      await tx.membership.update({ where: { id: heir.id }, data: { role: 'owner' } });
      await record(tx, now, {
        kind: 'member.role_changed',
        actorUserId,
        ownerUserId: heir.userId,
        ownerOrganizationId: organizationId,
        detail: { from: heir.role, role: 'owner' },
      });
    }
  }
  return ended;
}
