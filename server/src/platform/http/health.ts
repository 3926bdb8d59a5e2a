/** Whether this process lives, and whether it can serve: asked by whoever starts and balances processes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, MAX_SKEW } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Keyring } from '../keys.ts';
import { migrationNames } from '../migrations.ts';

const PATIENCE_MS = 2_000;

export type Health = {
  /** Answers `/health/live` and `/health/ready`; null for any other path. */
  answer: (path: string) => Promise<{ status: number; body: string } | null>;
  /** From now on not ready: the process is about to stop. */
  leave: () => void;
};

// More than this process knows of is no fault: a newer one may be starting beside it.
const LOOK = `SELECT count(*)::int AS applied, extract(epoch FROM clock_timestamp())::float8 AS clock FROM _prisma_migrations
  WHERE migration_name = ANY($1::text[]) AND finished_at IS NOT NULL AND rolled_back_at IS NULL`;

const CLOCK_IS_OFF =
  'the clocks of this machine and of the database are apart: this process is not ready, because it would refuse tokens that others issued';

/**
 * Ready means that the database answers within two seconds and holds every migration that this process knows, that both have the same time,
 * that there are keys to sign and to seal with, and that the process is not stopping. What is missing is said in a word: whoever may ask
 * learns nothing else.
 */
export function openHealth(database: Database, keyring: Keyring, clock: Clock): Health {
  let leaving = false;
  let wasOff = false;
  const names = migrationNames();
  const now = (): number => clock().getTime() / 1000;
  const lacking = async (): Promise<'migrations' | 'clock' | null> => {
    const asked = now();
    const [row] = await database.query('grantway-ready', LOOK, [names]);
    if (Number(row?.applied) < names.length) return 'migrations';
    // It was read at some moment between the two.
    const apart = Math.max(asked - Number(row?.clock), Number(row?.clock) - now());
    const isOff = apart > MAX_SKEW;
    if (isOff && !wasOff) database.log.error({ seconds: Math.round(apart) }, CLOCK_IS_OFF);
    wasOff = isOff;
    return isOff ? 'clock' : null;
  };
  const missing = async (): Promise<string | null> => {
    if (leaving) return 'stopping';
    if (keyring.signing.length === 0 || keyring.sealing.length === 0) return 'keys';
    const giveUp = new AbortController();
    try {
      const late = sleep(PATIENCE_MS, 'late' as const, { signal: giveUp.signal, ref: false });
      const lacks = await Promise.race([lacking(), late]);
      return lacks === 'late' ? 'database' : lacks;
    } catch {
      return 'database';
    } finally {
      giveUp.abort();
    }
  };
  return {
    answer: async (path) => {
      if (path === '/health/live') return { status: 200, body: '{"status":"live"}' };
      if (path !== '/health/ready') return null;
      const lacks = await missing();
      return lacks === null
        ? { status: 200, body: '{"status":"ready"}' }
        : { status: 503, body: JSON.stringify({ status: 'not ready', missing: lacks }) };
    },
    leave: () => {
      leaving = true;
    },
  };
}
