/** What is over of people's sign-ins: sessions and one-time values past their time. */
import type { Database } from '../../platform/database.ts';

/** @returns how many rows went. */
export async function sweepSessions(database: Database, now: Date): Promise<number> {
  const sessions = await database.db.session.deleteMany({ where: { expiresAt: { lt: now } } });
  const values = await database.db.verification.deleteMany({ where: { expiresAt: { lt: now } } });
  return sessions.count + values.count;
}
