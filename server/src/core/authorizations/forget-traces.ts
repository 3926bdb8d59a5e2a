/** How long it is kept what clients stumbled over. */
import type { Database } from '../../platform/database.ts';
import { inBatches } from '../../platform/in-batches.ts';

const BATCH = 1_000;
const DAYS = 7;
/** Of one connection. */
const MOST = 500;
/** Of no connection: strangers write these, from as many addresses as they have. */
const MOST_OF_NONE = 20_000;

/**
 * Deletes what is older than a week, of each connection all but the newest five hundred, and of what names no connection all but the
 * newest twenty thousand, skipping locked rows. @returns how many.
 */
export async function forgetTraces(database: Database, now: Date, mostOfNone = MOST_OF_NONE): Promise<number> {
  const before = new Date(now.getTime() - DAYS * 86_400_000);
  const { db } = database;
  let total = await db.$executeRaw`
    DELETE FROM sign_in_trace WHERE id IN (
      SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY connection_id ORDER BY at DESC, id DESC) AS place FROM sign_in_trace
        WHERE connection_id IS NOT NULL) ranked WHERE place > ${MOST} LIMIT ${BATCH})`;
  total += await inBatches(
    BATCH,
    (size) => db.$executeRaw`
      DELETE FROM sign_in_trace WHERE id IN (
        SELECT id FROM sign_in_trace WHERE at < ${before} LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
  total += await inBatches(
    BATCH,
    (size) => db.$executeRaw`
      DELETE FROM sign_in_trace WHERE id IN (
        SELECT id FROM sign_in_trace WHERE connection_id IS NULL AND at < (
          SELECT at FROM sign_in_trace WHERE connection_id IS NULL ORDER BY at DESC OFFSET ${mostOfNone - 1} LIMIT 1)
        LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
  return total;
}
