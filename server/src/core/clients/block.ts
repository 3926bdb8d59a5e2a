/** Blocking one client for everyone: what it was granted ends, and nobody can authorize it, until it is unblocked. */
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { lockClient } from './change.ts';

/**
 * Blocks a client; one that is blocked already stays so. @returns what ended; null when there is no such client.
 * Does not check that the actor is an admin. @throws Unavailable
 */
export async function blockClient(
  database: Database,
  { id, reason, actorUserId }: { id: string; reason: string | null; actorUserId: string },
  now: Date,
): Promise<Revocation | null> {
  return transact(database, async (tx) => {
    const client = await lockClient(tx, id);
    if (!client) return null;
    if (client.blockedAt === null)
      await tx.oAuthClient.update({ where: { id }, data: { blockedAt: now, updatedAt: now } });
    const revocation = await revokeGrants(tx, { oauthClientId: id }, 'client_blocked', { userId: actorUserId }, now);
    const detail = { name: client.name, reason, revoked: revocation.grantIds.length };
    if (client.blockedAt === null)
      await record(tx, now, { kind: 'client.blocked', actorUserId, oauthClientId: id, detail });
    return revocation;
  });
}

/** Lets people authorize a client again; its grants stay ended. @returns false when there is no such client. Does not check the actor. */
export async function unblockClient(
  database: Database,
  { id, actorUserId }: { id: string; actorUserId: string },
  now: Date,
): Promise<boolean> {
  return transact(database, async (tx) => {
    const client = await lockClient(tx, id);
    if (!client) return false;
    if (client.blockedAt === null) return true;
    await tx.oAuthClient.update({ where: { id }, data: { blockedAt: null, updatedAt: now } });
    await record(tx, now, {
      kind: 'client.unblocked',
      actorUserId,
      oauthClientId: id,
      detail: { name: client.name },
    });
    return true;
  });
}
