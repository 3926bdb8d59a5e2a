/** Blocking people: their sessions, their API keys, the invitations they sent and all that clients may do for them end in one transaction. Unblocking brings nothing back. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { type AdminRefusal, lockAsAdmin } from './administrator.ts';
import { endApiKeys } from './api-key.ts';
import { endInvitations } from './invite.ts';
import { forgetResets } from './password.ts';

/** Named people, or everyone whose address is of a domain, but whoever does it. */
export type WhichUsers = { userIds: readonly string[] } | { emailDomain: string };

/**
 * Blocks users, all or none; those that are blocked already stay as they were. `reason` is for admins to read. For the gateway's
 * admins, who cannot block themselves. @throws Unavailable
 */
export async function blockUsers(
  database: Database,
  which: WhichUsers & { reason: string; actorUserId: string },
  now: Date,
): Promise<Result<Revocation & { blocked: string[] }, AdminRefusal>> {
  const { reason, actorUserId } = which;
  return transact(database, async (tx) => {
    const named = 'userIds' in which ? [...new Set(which.userIds)] : await ofDomain(tx, which.emailDomain, actorUserId);
    if (!(await lockAsAdmin(tx, actorUserId, named))) return refused('not_allowed' as const);
    if (named.includes(actorUserId)) return refused('oneself' as const);
    const live = await tx.user.findMany({ where: { id: { in: named }, deletedAt: null }, select: { id: true } });
    const userIds = live.map(({ id }) => id);
    if ('userIds' in which && userIds.length < named.length) return refused('not_found' as const);
    const changed = await tx.$queryRaw<{ id: string }[]>`
      UPDATE "user" SET blocked_at = ${now}, blocked_reason = ${reason}, updated_at = ${now}
      WHERE id = ANY(${userIds}::uuid[]) AND blocked_at IS NULL RETURNING id`;
    await tx.session.deleteMany({ where: { userId: { in: userIds } } });
    await endApiKeys(tx, { userIds }, now);
    await endInvitations(tx, { userIds }, now);
    await forgetResets(tx, userIds);
    const revocation = await revokeGrants(tx, { userIds }, 'user_blocked', { userId: actorUserId }, now);
    const blocked = changed.map(({ id }) => id);
    for (const userId of blocked) {
      await record(tx, now, { kind: 'user.blocked', actorUserId, ownerUserId: userId, detail: { reason } });
    }
    return ok({ ...revocation, blocked });
  });
}

async function ofDomain(tx: Tx, emailDomain: string, actorUserId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "user" WHERE lower(split_part(email, '@', 2)) = ${emailDomain.toLowerCase()} AND deleted_at IS NULL
      AND id <> ${actorUserId}::uuid ORDER BY id`;
  return rows.map(({ id }) => id);
}

/** Lets a user sign in again. Their grants and keys stay ended. Again: changes nothing. For the gateway's admins. @throws Unavailable */
export async function unblockUser(
  database: Database,
  which: { userId: string; actorUserId: string },
  now: Date,
): Promise<Result<null, AdminRefusal>> {
  const { userId, actorUserId } = which;
  return transact(database, async (tx) => {
    if (!(await lockAsAdmin(tx, actorUserId, [userId]))) return refused('not_allowed' as const);
    const live = await tx.user.count({ where: { id: userId, deletedAt: null } });
    if (live === 0) return refused('not_found' as const);
    const { count } = await tx.user.updateMany({
      where: { id: userId, blockedAt: { not: null } },
      data: { blockedAt: null, blockedReason: null },
    });
    if (count === 0) return ok(null);
    // A sign-in that was under way when the block came may have left a session behind it.
    await tx.session.deleteMany({ where: { userId } });
    await record(tx, now, { kind: 'user.unblocked', actorUserId, ownerUserId: userId });
    return ok(null);
  });
}
