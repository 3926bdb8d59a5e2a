/** Browser sessions: which there are, and their end. */
import type { Session } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';

/** The person's sessions that have not run out, the latest used first. */
export const sessionsOf = (database: Database, userId: string, now: Date): Promise<Session[]> =>
  database.db.session.findMany({
    where: { userId, expiresAt: { gt: now } },
    orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
    take: 100,
  });

/**
 * Ends one session of the person, or all but `keep`. Ending what has ended changes nothing. Another's session is like none.
 * @returns how many ended @throws Unavailable
 */
export async function endSessions(
  database: Database,
  which: { userId: string } & ({ sessionId: string } | { keep: string }),
  now: Date,
): Promise<number> {
  const { userId } = which;
  return transact(database, async (tx) => {
    const { count } = await tx.session.deleteMany({
      where: { userId, ...('keep' in which ? { id: { not: which.keep } } : { id: which.sessionId }) },
    });
    if (count > 0)
      await record(tx, now, { kind: 'session.ended', actorUserId: userId, ownerUserId: userId, detail: { count } });
    return count;
  });
}
