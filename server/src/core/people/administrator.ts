/** Who runs the gateway: its admins, of whom there is always one that stands. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';

export type AdminRefusal = 'not_allowed' | 'not_found' | 'oneself';

/**
 * Locks an admin and those whom they act on, in one order for all, and tells whether they are one still: two admins who block each
 * other at the same moment do not both go. Does not tell which of the others exist.
 */
export async function lockAsAdmin(tx: Tx, actorUserId: string, userIds: readonly string[]): Promise<boolean> {
  await tx.$queryRaw`
    SELECT id FROM "user" WHERE id = ANY(${[...new Set([actorUserId, ...userIds])]}::uuid[]) ORDER BY id FOR UPDATE`;
  const standing = { id: actorUserId, role: 'admin' as const, blockedAt: null, deletedAt: null };
  return (await tx.user.count({ where: standing })) === 1;
}

/** Makes somebody an admin of the gateway, or no longer one. Nobody does it to themselves, so one always stays. @throws Unavailable */
export async function setUserRole(
  database: Database,
  which: { userId: string; role: 'user' | 'admin'; actorUserId: string },
  now: Date,
): Promise<Result<null, AdminRefusal>> {
  const { userId, role, actorUserId } = which;
  return transact(database, async (tx) => {
    if (!(await lockAsAdmin(tx, actorUserId, [userId]))) return refused('not_allowed' as const);
    if (userId === actorUserId) return refused('oneself' as const);
    const user = await tx.user.findFirst({ where: { id: userId, deletedAt: null }, select: { role: true } });
    if (!user) return refused('not_found' as const);
    if (user.role === role) return ok(null);
    await tx.user.update({ where: { id: userId }, data: { role } });
    await record(tx, now, { kind: 'user.role_changed', actorUserId, ownerUserId: userId, detail: { role } });
    return ok(null);
  });
}
