/** Sharing one piece of work among all who ask for the same thing at the same moment. */

type Flight<T> = {
  beganAt: number;
  /** When the first of its burst began. */
  burstBeganAt: number;
  running: Promise<T>;
  next: Promise<T> | null;
  landed: { at: number; answer: T | null } | null;
};

/** What is done; `before` is the answer of a run of the same burst, null where there was none, or it failed. */
export type Work<T> = (before: T | null) => Promise<T>;

/**
 * Runs `work` for a key; `askedAt` is when it was asked for, by performance.now(). A run is shared by all who asked before it began, also
 * by those whose question took its time to get here. Who asks later does not get it, because it may be older than the question (a
 * revocation may have been acknowledged in between), but shares the next run with all others who wait. Runs that were asked for before
 * the last one ended are one burst, for `keptMs` at most; for so long an answer is kept.
 */
export function singleFlight<T>(keptMs: number): (key: string, askedAt: number, work: Work<T>) => Promise<T> {
  const flights = new Map<string, Flight<T>>();
  const begin = (key: string, work: Work<T>, last: Flight<T> | null): Promise<T> => {
    const beganAt = performance.now();
    const joins = last !== null && beganAt - last.burstBeganAt < keptMs;
    const running = work(joins ? (last.landed?.answer ?? null) : null);
    const flight: Flight<T> = {
      beganAt,
      burstBeganAt: joins ? last.burstBeganAt : beganAt,
      running,
      next: null,
      landed: null,
    };
    flights.set(key, flight);
    const land = (answer: T | null): void => {
      flight.landed = { at: performance.now(), answer };
      // A later run may have replaced it by then.
      setTimeout(() => flights.get(key) === flight && flights.delete(key), keptMs).unref();
    };
    running.then(land, () => land(null));
    return running;
  };
  return (key, askedAt, work) => {
    const flight = flights.get(key);
    if (flight === undefined) return begin(key, work, null);
    if (askedAt <= flight.beganAt) return flight.running;
    const again = (): Promise<T> => begin(key, work, flight);
    if (flight.landed === null) flight.next ??= flight.running.then(again, again);
    // Between landing and the run that waits for it nothing else gets in.
    else flight.next ??= begin(key, work, askedAt < flight.landed.at ? flight : null);
    return flight.next;
  };
}
