/** How long the record is kept. */
import type { Database } from '../../platform/database.ts';

const BATCH = 1_000;

/** Deletes events that are older than `days`, in batches that skip locked rows. @returns how many. */
export async function forgetEvents(database: Database, now: Date, days: number): Promise<number> {
  const before = new Date(now.getTime() - days * 86_400_000);
  for (let total = 0; ; ) {
    const deleted = await database.db.$executeRaw`
      DELETE FROM audit_event WHERE id IN (
        SELECT id FROM audit_event WHERE occurred_at < ${before} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
    total += deleted;
    if (deleted < BATCH) return total;
  }
}
