/** Whether this process lives, and whether it can serve: asked by whoever starts and balances processes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database.ts';

const PATIENCE_MS = 2_000;

export type Health = {
  /** Answers `/health/live` and `/health/ready`; null for any other path. */
  answer: (path: string) => Promise<{ status: number; body: string } | null>;
  /** From now on not ready: the process is about to stop. */
  leave: () => void;
};

/** Ready means that the database answers within two seconds, and that the process is not stopping. */
export function openHealth(database: Database): Health {
  let leaving = false;
  const isReady = async (): Promise<boolean> => {
    if (leaving) return false;
    const giveUp = new AbortController();
    try {
      const late = sleep(PATIENCE_MS, false, { signal: giveUp.signal, ref: false });
      return await Promise.race([database.query('grantway-ready', 'SELECT 1', []).then(() => true), late]);
    } catch {
      return false;
    } finally {
      giveUp.abort();
    }
  };
  return {
    answer: async (path) => {
      if (path === '/health/live') return { status: 200, body: '{"status":"live"}' };
      if (path !== '/health/ready') return null;
      return (await isReady())
        ? { status: 200, body: '{"status":"ready"}' }
        : { status: 503, body: '{"status":"not ready"}' };
    },
    leave: () => {
      leaving = true;
    },
  };
}
