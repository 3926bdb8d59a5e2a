/** Whether this process lives, and whether it can serve: asked by whoever starts and balances processes. */
import { setTimeout as sleep } from 'node:timers/promises';
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
const APPLIED = `SELECT count(*)::int AS applied FROM _prisma_migrations
  WHERE migration_name = ANY($1::text[]) AND finished_at IS NOT NULL AND rolled_back_at IS NULL`;

/**
 * Ready means that the database answers within two seconds and holds every migration that this process knows, that there are keys to sign
 * and to seal with, and that the process is not stopping. What is missing is said in a word: whoever may ask learns nothing else.
 */
export function openHealth(database: Database, keyring: Keyring): Health {
  let leaving = false;
  const names = migrationNames();
  const lacksMigrations = async (): Promise<boolean> => {
    const [row] = await database.query('grantway-ready', APPLIED, [names]);
    return Number(row?.applied) < names.length;
  };
  const missing = async (): Promise<string | null> => {
    if (leaving) return 'stopping';
    if (keyring.signing.length === 0 || keyring.sealing.length === 0) return 'keys';
    const giveUp = new AbortController();
    try {
      const late = sleep(PATIENCE_MS, 'late' as const, { signal: giveUp.signal, ref: false });
      const lacks = await Promise.race([lacksMigrations(), late]);
      return lacks === 'late' ? 'database' : lacks ? 'migrations' : null;
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
