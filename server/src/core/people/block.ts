/** Blocking people: their sessions, their API keys and all that clients may do for them end in one transaction. Unblocking brings nothing back. */
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endApiKeys } from './api-key.ts';

/**
 * Blocks users; those that are blocked already stay as they were. `reason` is for admins to read. Does not check that the actor is one.
 * @throws Unavailable
 */
export async function blockUsers(
  database: Database,
  which: { userIds: readonly string[]; reason: string; actorUserId: string },
  now: Date,
): Promise<Revocation & { blocked: string[] }> {
  const { reason, actorUserId } = which;
  return transact(database, async (tx) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM "user" WHERE id = ANY(${[...which.userIds]}::uuid[]) AND deleted_at IS NULL ORDER BY id FOR UPDATE`;
    const userIds = rows.map(({ id }) => id);
    const changed = await tx.$queryRaw<{ id: string }[]>`
      UPDATE "user" SET blocked_at = ${now}, blocked_reason = ${reason}, updated_at = ${now}
      WHERE id = ANY(${userIds}::uuid[]) AND blocked_at IS NULL RETURNING id`;
    await tx.session.deleteMany({ where: { userId: { in: userIds } } });
    await endApiKeys(tx, { userIds }, now);
    const revocation = await revokeGrants(tx, { userIds }, 'user_blocked', { userId: actorUserId }, now);
    const blocked = changed.map(({ id }) => id);
    for (const userId of blocked) {
      await record(tx, now, { kind: 'user.blocked', actorUserId, ownerUserId: userId, detail: { reason } });
    }
    return { ...revocation, blocked };
  });
}

/** Lets a user sign in again. Their grants stay revoked. @returns whether the user was blocked. Does not check the actor. */
export async function unblockUser(
  database: Database,
  which: { userId: string; actorUserId: string },
  now: Date,
): Promise<boolean> {
  return transact(database, async (tx) => {
    const { count } = await tx.user.updateMany({
      where: { id: which.userId, blockedAt: { not: null }, deletedAt: null },
      data: { blockedAt: null, blockedReason: null },
    });
    if (count === 1)
      await record(tx, now, { kind: 'user.unblocked', actorUserId: which.actorUserId, ownerUserId: which.userId });
    return count === 1;
  });
}
