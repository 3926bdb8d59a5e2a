/** Long answers take turns, so that however many of them flow, short ones beside them do not wait. */
import { performance } from 'node:perf_hooks';

export type Turns = {
  /** Calls `go` when it is its turn. */
  wait: (go: () => void) => void;
  /** Is told of every request: how busy the process is has to be known before a long answer asks. */
  look: () => void;
};

// With each turn go SHORT_BYTES: 64 MiB a second, all long answers together, while the process has time, and 4 when it has little.
const TURN_MS = 1;
const BUSY_TURN_MS = 16;
const BUSY = 0.5;
const LOOK_MS = 50;
const LATELY_MS = 500;

/** One waiting answer goes on at a time: when the process is busy with others, seldom. */
export function openTurns(isBusy: () => boolean = openBusiness()): Turns {
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    timer = undefined;
    waiting.shift()?.();
    schedule();
  };
  const schedule = (): void => {
    if (timer !== undefined || waiting.length === 0) return;
    timer = setTimeout(next, isBusy() ? BUSY_TURN_MS : TURN_MS);
  };
  return {
    wait: (go) => {
      waiting.push(go);
      schedule();
    },
    look: isBusy,
  };
}

/** @returns what tells whether this thread has lately been at work for more than half of the time. */
export function openBusiness(): () => boolean {
  let from = performance.eventLoopUtilization();
  let at = performance.now();
  let busy = false;
  return () => {
    const since = performance.now() - at;
    if (since < LOOK_MS) return busy;
    const now = performance.eventLoopUtilization();
    // Nothing came for that long: what it did before says nothing of now.
    busy = since < LATELY_MS && performance.eventLoopUtilization(now, from).utilization > BUSY;
    from = now;
    at = performance.now();
    return busy;
  };
}

// What passes without waiting: at once, and then each millisecond (a megabyte a second). Events of a stream that are small never wait.
export const SHORT_BYTES = 64 * 1_024;
const PER_MS = 1_024;

/** How much of one answer may pass without a turn, once it is no short one any more. */
export class Share {
  #left = 0;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** Takes so many bytes; `now` in milliseconds. @returns whether some are left: else what comes next waits for its turn. */
  take(bytes: number, now: number): boolean {
    const left = Math.min(SHORT_BYTES, this.#left + (now - this.#at) * PER_MS) - bytes;
    this.#at = now;
    this.#left = Math.max(0, left);
    return left > 0;
  }

  /** Its turn has come: with however small pieces an upstream comes, as much passes with each. */
  fill(): void {
    this.#left = SHORT_BYTES;
  }
}
