/** Forgets clients that registered themselves and were never authorized: some register anew at every connect. */
import type { Database } from '../../platform/database.ts';
import { inBatches } from '../../platform/in-batches.ts';
import { transact } from '../../platform/transact.ts';

const BATCH = 200;

/**
 * Deletes dynamic clients older than `ageSeconds` that no grant was ever made for and no sign-in is waiting on. The row is locked and
 * looked at again, so a client that is being authorized at this moment stays (issuing a grant holds its row FOR SHARE).
 * There is no cap on rows: a cap could be used to lock others out. @returns how many it deleted.
 */
export async function reapClients(database: Database, now: Date, ageSeconds: number): Promise<number> {
  const before = new Date(now.getTime() - ageSeconds * 1000);
  return inBatches(BATCH, (size) =>
    transact(database, async (tx) => {
      const locked = await tx.$queryRaw<{ id: string }[]>`
        SELECT c.id FROM oauth_client c WHERE c.kind = 'dynamic' AND c.created_at < ${before}
          AND NOT EXISTS (SELECT 1 FROM oauth_grant g WHERE g.oauth_client_id = c.id)
        ORDER BY c.id LIMIT ${size} FOR UPDATE SKIP LOCKED`;
      // Looked at again now that the rows are held: what began before the lock is visible in this statement only.
      return tx.$executeRaw`
        DELETE FROM oauth_client c WHERE c.id = ANY(${locked.map(({ id }) => id)}::uuid[])
          AND NOT EXISTS (SELECT 1 FROM oauth_grant g WHERE g.oauth_client_id = c.id)
          AND NOT EXISTS (SELECT 1 FROM authorization_request r WHERE r.oauth_client_id = c.id
            AND r.status IN ('pending', 'awaiting_provider') AND r.expires_at > ${now})`;
    }),
  );
}
