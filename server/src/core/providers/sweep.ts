/** Forgets sign-ins that nobody finished, and what is left of those that ended. */
import type { Database } from '../../platform/database.ts';
import { inBatches } from '../../platform/in-batches.ts';

const BATCH = 1_000;
/** Kept for a day, so that a page that is loaded again can still say what became of it. */
const MEMORY_MS = 86_400_000;

/** Sweeps in batches that skip locked rows. @returns how many rows it closed or deleted. */
export async function sweepSignIns({ db }: Database, now: Date): Promise<number> {
  const forgotten = new Date(now.getTime() - MEMORY_MS);
  const passes = [
    (size: number) => db.$executeRaw`
      UPDATE pending_provider_authorization SET status = 'failed', sealed = '' WHERE id IN (
        SELECT id FROM pending_provider_authorization WHERE status = 'pending' AND expires_at < ${now}
        LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
    (size: number) => db.$executeRaw`
      DELETE FROM pending_provider_authorization WHERE id IN (
        SELECT id FROM pending_provider_authorization WHERE status <> 'pending' AND expires_at < ${forgotten}
        LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
    // Not while the provider has to be told still.
    (size: number) => db.$executeRaw`
      DELETE FROM provider_grant WHERE id IN (
        SELECT g.id FROM provider_grant g WHERE g.revoked_at < ${forgotten}
          AND NOT EXISTS (SELECT 1 FROM provider_revocation r WHERE r.provider_grant_id = g.id)
        LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
    // A registration goes with the last sign-in that it obtained.
    (size: number) => db.$executeRaw`
      DELETE FROM provider_client WHERE id IN (
        SELECT c.id FROM provider_client c WHERE c.retired_at < ${forgotten}
          AND NOT EXISTS (SELECT 1 FROM provider_grant g WHERE g.provider_client_id = c.id)
        LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  ];
  let total = 0;
  for (const pass of passes) total += await inBatches(BATCH, pass);
  return total;
}
