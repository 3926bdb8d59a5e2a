/** While there is no account, those who would make the first one go one at a time: it is the admin's. */
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';

/** Runs `work` at once where there are accounts already: then nobody is first any more. @throws Unavailable */
export async function inTurn<T>(
  database: Database,
  hasAccounts: () => Promise<boolean>,
  work: () => Promise<T>,
): Promise<T> {
  return (await hasAccounts()) ? work() : oneAtATime(() => alone(database, work));
}

let last: Promise<unknown> = Promise.resolve();

/** Within this process. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work, work);
  last = turn.catch(() => {});
  return turn;
}

const FIRST_ACCOUNT_LOCK = 4_207_002;

/**
 * Across processes: better-auth has a transaction of its own, so the lock is held by another one beside it, which does nothing else.
 * The embedded database has one process, and one connection, which must not wait for itself.
 */
const alone = <T>(database: Database, work: () => Promise<T>): Promise<T> =>
  database.kind === 'embedded'
    ? work()
    : transact(database, async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_ACCOUNT_LOCK})`;
        return work();
      });
