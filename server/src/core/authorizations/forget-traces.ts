/** How long it is kept what clients stumbled over. */
import type { Database } from '../../platform/database.ts';

const BATCH = 1_000;
const DAYS = 7;
/** Of one connection. */
const MOST = 500;

/** Deletes what is older than a week, and of each connection all but the newest five hundred, skipping locked rows. @returns how many. */
export async function forgetTraces(database: Database, now: Date): Promise<number> {
  const before = new Date(now.getTime() - DAYS * 86_400_000);
  const { db } = database;
  let total = await db.$executeRaw`
    DELETE FROM sign_in_trace WHERE id IN (
      SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY connection_id ORDER BY at DESC, id DESC) AS place FROM sign_in_trace
        WHERE connection_id IS NOT NULL) ranked WHERE place > ${MOST} LIMIT ${BATCH})`;
  for (let deleted = BATCH; deleted === BATCH; total += deleted) {
    deleted = await db.$executeRaw`
      DELETE FROM sign_in_trace WHERE id IN (
        SELECT id FROM sign_in_trace WHERE at < ${before} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  }
  return total;
}
