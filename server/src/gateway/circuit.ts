/** Upstreams that do not answer: how many requests may wait for one, and when it is no longer asked for a while (#205). */

export type Circuit = {
  /** Whether a request may go to this origin now; it then has to be told how it ended. Else in how many seconds to come again. */
  enter: (origin: string) => number | null;
  /** It began an answer, or the client left before it could. */
  left: (origin: string, answered: boolean) => void;
  /** It could not be reached, or said nothing in time. */
  failed: (origin: string) => void;
};

type State = { waiting: number; failures: number; closedUntil: number };

/** So many requests at a process may wait for one upstream's answer to begin: what hangs must not take all there is. */
const MAX_WAITING = 1_000;
const MAX_FAILURES = 10;
const PAUSE_MS = 5_000;
/** So many origins are remembered for failing; whoever may make connections may name any number of them. */
const MAX_KEPT = 10_000;

/**
 * One failure after another closes an origin for a few seconds; then one request tries it. `now` in milliseconds.
 * How many origins it remembers is bounded.
 */
export function openCircuit(now: () => number = () => performance.now()): Circuit {
  const states = new Map<string, State>();
  const leave = (origin: string): State | undefined => {
    const state = states.get(origin);
    if (state) state.waiting--;
    return state;
  };
  /** The oldest for which nobody waits is tried anew when it is called again. */
  const forgetOne = (): void => {
    for (const [origin, { waiting }] of states) if (waiting === 0) return void states.delete(origin);
  };
  return {
    enter: (origin) => {
      const state = states.get(origin) ?? { waiting: 0, failures: 0, closedUntil: 0 };
      const at = now();
      if (state.waiting >= MAX_WAITING) return 1;
      if (state.failures >= MAX_FAILURES) {
        if (at < state.closedUntil) return Math.ceil((state.closedUntil - at) / 1_000);
        // This one tries; the others wait for what comes of it.
        state.closedUntil = at + PAUSE_MS;
      }
      state.waiting++;
      if (states.size >= MAX_KEPT && !states.has(origin)) forgetOne();
      states.set(origin, state);
      return null;
    },
    left: (origin, answered) => {
      const state = leave(origin);
      if (state && answered) state.failures = 0;
      if (state && state.waiting === 0 && state.failures === 0) states.delete(origin);
    },
    failed: (origin) => {
      const state = leave(origin);
      if (state && ++state.failures >= MAX_FAILURES) state.closedUntil = now() + PAUSE_MS;
    },
  };
}
