/** After a backup was restored: whatever ended between the backup and now is alive again, and nobody knows what that was. So all of it ends. */
import type { Database } from '../../platform/database.ts';
import { inBatches } from '../../platform/in-batches.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { revokeGrants } from '../grants/revoke.ts';

const BATCH = 500;

export type Ended = { grants: number; sessions: number; apiKeys: number; invitations: number };

/**
 * Ends every grant approved before `before`, through the primitive, and every session, API key, open invitation and one-time link made
 * before it. Running it again changes nothing. Does not bring back blocks, removals and erasures: those are repeated by hand.
 * @throws Unavailable
 */
export async function endRestored(database: Database, before: Date, now: Date): Promise<Ended> {
  const grants = await endGrants(database, before, now);
  return transact(database, async (tx) => {
    const made = { createdAt: { lt: before } };
    const sessions = (await tx.session.deleteMany({ where: made })).count;
    const apiKeys = (await tx.apiKey.updateMany({ where: { ...made, revokedAt: null }, data: { revokedAt: now } }))
      .count;
    const open = { ...made, acceptedAt: null, revokedAt: null };
    const invitations = (await tx.invitation.updateMany({ where: open, data: { revokedAt: now } })).count;
    await tx.verification.deleteMany({ where: made });
    const ended = { grants, sessions, apiKeys, invitations };
    await record(tx, now, { kind: 'backup.restored', detail: { before: before.toISOString(), ...ended } });
    return ended;
  });
}

const endGrants = (database: Database, before: Date, now: Date): Promise<number> =>
  inBatches(BATCH, async (limit) => {
    const { grantIds } = await transact(database, (tx) =>
      revokeGrants(tx, { approvedBefore: before, limit }, 'backup_restored', { userId: null }, now),
    );
    return grantIds.length;
  });
