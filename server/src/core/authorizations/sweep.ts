/** Closes requests that nobody decided in time, or whose person did not come back from the provider, and forgets closed ones. */
import type { Database } from '../../platform/database.ts';
import { inBatches } from '../../platform/in-batches.ts';
import { transact } from '../../platform/transact.ts';
import { abandonGrants } from '../grants/abandon.ts';

const BATCH = 1_000;
/** Closed requests are kept for a week, for whoever looks why a sign-in failed. */
const MEMORY_MS = 7 * 86_400_000;

/** Sweeps in batches that skip locked rows. @returns how many requests it closed or deleted. */
export async function sweepRequests(database: Database, now: Date): Promise<number> {
  const forgotten = new Date(now.getTime() - MEMORY_MS);
  const { db } = database;
  let total = await closeWaiting(database, now);
  total += await inBatches(
    BATCH,
    (size) => db.$executeRaw`
      UPDATE authorization_request SET status = 'expired' WHERE id IN (
        SELECT id FROM authorization_request WHERE status = 'pending' AND expires_at < ${now}
        LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
  // Not while a code of it is remembered: its replay must still be told.
  total += await inBatches(
    BATCH,
    (size) => db.$executeRaw`
      DELETE FROM authorization_request WHERE id IN (
        SELECT r.id FROM authorization_request r WHERE r.expires_at < ${forgotten} AND r.status NOT IN ('pending', 'awaiting_provider')
          AND NOT EXISTS (SELECT 1 FROM authorization_code c WHERE c.authorization_request_id = r.id)
        LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
  return total;
}

/** The grant that waited goes first, behind its lock: a callback that holds it finishes, and then nothing waits any more (SECURITY #313). */
const closeWaiting = (database: Database, now: Date): Promise<number> =>
  inBatches(BATCH, async (size) => {
    const due = await database.db.authorizationRequest.findMany({
      where: { status: 'awaiting_provider', expiresAt: { lt: now } },
      select: { id: true, grantId: true },
      take: size,
    });
    return transact(database, async (tx) => {
      await abandonGrants(
        tx,
        due.flatMap(({ grantId }) => grantId ?? []),
      );
      const { count } = await tx.authorizationRequest.updateMany({
        where: { id: { in: due.map(({ id }) => id) }, status: 'awaiting_provider' },
        data: { status: 'expired' },
      });
      return count;
    });
  });
