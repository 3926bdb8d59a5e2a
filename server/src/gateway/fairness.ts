/** How much one sign-in may take of a process, so that a flood of one leaves the others their share (#192). */

export type Fairness = {
  /** Takes one request; else how many seconds until there is room. Never waits, asks no database. */
  take: (signInId: string, underWay: number) => number | null;
};

export type FairnessLimits = {
  /** Requests of one sign-in that may be under way at once, event streams included. */
  atOnce: number;
  /** Requests of one sign-in a minute, at this process. */
  perMinute: number;
};

type Bucket = { left: number; at: number };

// A burst may take what ten seconds would bring.
const BURST_SECONDS = 10;
const MAX_KEPT = 20_000;
const MIN_BURST = 20;

/** A bucket for each sign-in: keyed by what the token proves, not by anything that a client may write. `now` in milliseconds. */
export function openFairness(
  { atOnce, perMinute }: FairnessLimits,
  now: () => number = () => performance.now(),
): Fairness {
  const perMs = perMinute / 60_000;
  const burst = Math.max(MIN_BURST, perMs * BURST_SECONDS * 1_000);
  const buckets = new Map<string, Bucket>();
  const forgetFull = (at: number): void => {
    for (const [id, bucket] of buckets) if (bucket.left + (at - bucket.at) * perMs >= burst) buckets.delete(id);
    // All of them in use: the oldest begins anew, which is in its favour.
    if (buckets.size >= MAX_KEPT) buckets.delete(buckets.keys().next().value as string);
  };
  return {
    take: (signInId, underWay) => {
      if (underWay >= atOnce) return 1;
      const at = now();
      const bucket = buckets.get(signInId);
      if (bucket === undefined) {
        if (buckets.size >= MAX_KEPT) forgetFull(at);
        buckets.set(signInId, { left: burst - 1, at });
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
