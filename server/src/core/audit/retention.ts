/** How long the record is kept. The database lets nothing but this, and erasure, touch what was recorded. */
import type { Database } from '../../platform/database.ts';
import { inBatches } from '../../platform/in-batches.ts';

const BATCH = 1_000;

/** Forgets events that are older than `days` (never any of the last day), in batches that skip locked rows. @returns how many. */
export async function forgetEvents(database: Database, now: Date, days: number): Promise<number> {
  const before = new Date(now.getTime() - days * 86_400_000);
  return inBatches(BATCH, async (size) => {
    const [row] = await database.db.$queryRaw<{ forgotten: number }[]>`
      SELECT audit_forget(${before}, ${size}) AS forgotten`;
    return row?.forgotten ?? 0;
  });
}
