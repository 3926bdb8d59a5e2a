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

/** What is left of a share, and when that was. */
export type Bucket = { left: number; at: number };

/** Of whom nothing is known yet: a whole share. */
export const fullBucket = (): Bucket => ({ left: Number.POSITIVE_INFINITY, at: 0 });

export type Shares = {
  /** Takes one request of a sign-in, and of what it belongs to; else how many seconds until there is room for it. */
  take: (place: Place) => number | null;
  /** In milliseconds: of what took nothing for so long the share is whole again, and it may be forgotten. */
  restMs: number;
};

// A client signs in on more than one machine, and to more than one connection; and whoever signs in again and again is one and the same.
const OF_GRANT = 2;
const OF_CLIENT = 4;

/**
 * The shares of sign-ins, as `limits` says them; a grant has twice as much for all of its sign-ins, and a client four times as much for
 * all that it holds of one person: many people have the same client, and owe each other nothing. What goes beyond the smaller share
 * takes nothing of the larger one. What is left of each lies in its place, since every request has that in hand.
 */
export function openShares(limits: FairnessLimits, now: () => number = () => performance.now()): Shares {
  const ofSignIn = rateOf(limits);
  const ofGrant = rateOf(limits, OF_GRANT);
  const ofClient = rateOf(limits, OF_CLIENT);
  return {
    take: ({ bucket, streams, grant, client }) => {
      const at = now();
      return (
        takeOf(ofSignIn, bucket, streams.length, at) ??
        (grant === null ? null : takeOf(ofGrant, grant.bucket, grant.underWay, at)) ??
        takeOf(ofClient, client.bucket, client.underWay, at)
      );
    },
    restMs: ofSignIn.burst / ofSignIn.perMs,
  };
}

type Rate = { atOnce: number; perMs: number; burst: number };

// A burst may take what ten seconds would bring.
const BURST_SECONDS = 10;
const MAX_KEPT = 20_000;
const MIN_BURST = 20;

/** `times` as much as the limits say. */
function rateOf(limits: FairnessLimits, times = 1): Rate {
  const perMs = (limits.perMinute * times) / 60_000;
  return {
    atOnce: limits.atOnce * times,
    perMs,
    burst: Math.max(MIN_BURST * times, perMs * BURST_SECONDS * 1_000),
  };
}

function takeOf({ atOnce, perMs, burst }: Rate, bucket: Bucket, underWay: number, at: number): number | null {
  if (underWay >= atOnce) return 1;
  bucket.left = Math.min(burst, bucket.left + (at - bucket.at) * perMs);
  bucket.at = at;
  if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perMs / 1_000));
  bucket.left--;
  return null;
}

/** A bucket for each of them: keyed by what the token proves or the network says, not by anything that a client may write. `now` in milliseconds. */
export function openFairness(limits: FairnessLimits, now: () => number = () => performance.now()): Fairness {
  const rate = rateOf(limits);
  const buckets = new Map<string, Bucket>();
  const forgetFull = (at: number): void => {
    for (const [id, { left, at: then }] of buckets)
      if (left + (at - then) * rate.perMs >= rate.burst) buckets.delete(id);
    // All of them in use: the oldest begins anew, which is in its favour.
    if (buckets.size >= MAX_KEPT) buckets.delete(buckets.keys().next().value as string);
  };
  return {
    take: (id, underWay) => {
      const at = now();
      let bucket = buckets.get(id);
      if (bucket === undefined) {
        if (buckets.size >= MAX_KEPT) forgetFull(at);
        bucket = fullBucket();
        buckets.set(id, bucket);
      }
      return takeOf(rate, bucket, underWay, at);
    },
  };
}
