/** Ends the grants whose time is over: the chosen one, or the idle limit. */
import type { Database } from '../../platform/database.ts';
import { inBatches } from '../../platform/in-batches.ts';
import { transact } from '../../platform/transact.ts';
import { revokeGrants, type Which } from './revoke.ts';

const BATCH = 500;

/**
 * Revokes what expired by `now`, and what was unused for `idleSeconds`. Any number of processes may do it at once: rows are locked in
 * id order and counted once. The live check refuses an expired grant before this comes by.
 * @returns how many it ended.
 */
export async function expireGrants(database: Database, now: Date, idleSeconds: number): Promise<number> {
  const idleSince = new Date(now.getTime() - idleSeconds * 1000);
  return (
    (await endAll(database, now, { expiredBy: now }, 'expired')) + (await endAll(database, now, { idleSince }, 'idle'))
  );
}

const endAll = (database: Database, now: Date, which: Which, reason: 'expired' | 'idle'): Promise<number> =>
  inBatches(BATCH, async (limit) => {
    const { grantIds } = await transact(database, (tx) =>
      revokeGrants(tx, { ...which, limit }, reason, { userId: null }, now),
    );
    return grantIds.length;
  });
