/** Rate limits that all replicas share: counters in the table `rate_limit`. */
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Database } from './database.ts';
import { Unavailable } from './transient.ts';

/** Whether there is room; else, in how many seconds there will be. */
export type Allowance = { allowed: true } | { allowed: false; retryAfter: number };

export type Limiter = {
  /** What a counter may count to. */
  points: number;
  /** What a counter's key begins with where it is stored. */
  prefix: string;
  /** Takes one. @throws Unavailable when the database is away: a limit that cannot be asked lets nothing through. */
  take: (key: string) => Promise<Allowance>;
  /** Looks without taking. @throws Unavailable */
  look: (key: string) => Promise<Allowance>;
  /** Begins to count anew. @throws Unavailable */
  forget: (key: string) => Promise<void>;
};

/** A limit of `points` in `seconds` for each key. `name` keeps its counters from those of the others. */
export function openLimiter(database: Database, name: string, limit: { points: number; seconds: number }): Limiter {
  const limiter = new RateLimiterPostgres({
    // The embedded database has no pool of `pg`, so both are reached through the one function that they share.
    storeClient: { query: (query: Query) => run(database, query) },
    storeType: 'client',
    tableName: 'rate_limit',
    // The migrations made it.
    tableCreated: true,
    keyPrefix: name,
    points: limit.points,
    duration: limit.seconds,
  });
  return {
    points: limit.points,
    prefix: `${name}:`,
    take: (key) => judge(limiter.consume(key), () => true),
    forget: async (key) => {
      await limiter.delete(key).catch((error: unknown) => {
        throw new Unavailable(error);
      });
    },
    look: (key) => judge(limiter.get(key), (used) => used === null || used.consumedPoints < limit.points),
  };
}

/**
 * `look` as a condition, for a statement that would else be two: whether there is room. @param key SQL for the key with its prefix
 * @param points SQL for how much the counter may hold
 */
export const hasRoom = (key: string, points: string): string =>
  `NOT EXISTS (SELECT 1 FROM rate_limit WHERE key = ${key} AND points >= ${points}
      AND (expire IS NULL OR expire > (extract(epoch FROM clock_timestamp()) * 1000)::bigint))`;

type Query = { name?: string; text: string; values?: unknown[] };

async function run(database: Database, { name, text, values }: Query): Promise<{ rows: unknown[]; rowCount: number }> {
  const rows = await database.query(name ?? 'rate-limit', text, values ?? []);
  return { rows, rowCount: rows.length };
}

async function judge(
  asked: Promise<RateLimiterRes | null>,
  isFree: (used: RateLimiterRes | null) => boolean,
): Promise<Allowance> {
  try {
    const used = await asked;
    return used === null || isFree(used) ? { allowed: true } : full(used);
  } catch (reason) {
    // The library rejects with the counter when it is full, and with the store's error when there is one.
    if (reason instanceof RateLimiterRes) return full(reason);
    throw new Unavailable(reason);
  }
}

const full = (used: RateLimiterRes): Allowance => ({
  allowed: false,
  retryAfter: Math.max(1, Math.ceil(used.msBeforeNext / 1000)),
});
