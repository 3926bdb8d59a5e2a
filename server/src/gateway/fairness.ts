/** How much one sign-in, one grant and one client may take of a process, so that a flood of one leaves the others their share (#192). */
import type { Place } from './streams.ts';

export type Fairness = {
  /** Takes one request of whoever `id` names; else how many seconds until there is room. Never waits, asks no database. */
  take: (id: string, underWay: number) => number | null;
};

export type FairnessLimits = {
  /** Requests that may be under way at once, event streams included. */
  atOnce: number;
  /** Requests a minute, at this process. */
  perMinute: number;
};

export type Shares = {
  /** Takes one request of a sign-in, and of what it belongs to; else how many seconds until there is room for it. */
  take: (place: Place) => number | null;
};

// A client signs in on more than one machine, and to more than one connection; and whoever signs in again and again is one and the same.
const OF_GRANT = 2;
const OF_CLIENT = 4;

/**
 * The shares of sign-ins, as `limits` says them; a grant has twice as much for all of its sign-ins, and a client four times as much for
 * all that it holds of one person: many people have the same client, and owe each other nothing. What goes beyond the smaller share
 * takes nothing of the larger one.
 */
export function openShares(limits: FairnessLimits, now?: () => number): Shares {
  const signIns = openFairness(limits, now);
  const grants = openFairness(limits, now, OF_GRANT);
  const clients = openFairness(limits, now, OF_CLIENT);
  return {
    take: ({ signInId, streams, grant, client }) =>
      signIns.take(signInId, streams.length) ??
      (grant === null ? null : grants.take(grant.id, grant.underWay)) ??
      clients.take(client.id, client.underWay),
  };
}

type Bucket = { left: number; at: number };

// A burst may take what ten seconds would bring.
const BURST_SECONDS = 10;
const MAX_KEPT = 20_000;
const MIN_BURST = 20;

/**
 * A bucket for each of them, `times` as large as the limits say: keyed by what the token proves, not by anything that a client may write.
 * `now` in milliseconds.
 */
export function openFairness(limits: FairnessLimits, now: () => number = () => performance.now(), times = 1): Fairness {
  const atOnce = limits.atOnce * times;
  const perMs = (limits.perMinute * times) / 60_000;
  const burst = Math.max(MIN_BURST * times, perMs * BURST_SECONDS * 1_000);
  const buckets = new Map<string, Bucket>();
  const forgetFull = (at: number): void => {
    for (const [id, bucket] of buckets) if (bucket.left + (at - bucket.at) * perMs >= burst) buckets.delete(id);
    // All of them in use: the oldest begins anew, which is in its favour.
    if (buckets.size >= MAX_KEPT) buckets.delete(buckets.keys().next().value as string);
  };
  return {
    take: (id, underWay) => {
      if (underWay >= atOnce) return 1;
      const at = now();
      const bucket = buckets.get(id);
      if (bucket === undefined) {
        if (buckets.size >= MAX_KEPT) forgetFull(at);
        buckets.set(id, { left: burst - 1, at });
        return null;
      }
      bucket.left = Math.min(burst, bucket.left + (at - bucket.at) * perMs);
      bucket.at = at;
      if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perMs / 1_000));
      bucket.left--;
      return null;
    },
  };
}
