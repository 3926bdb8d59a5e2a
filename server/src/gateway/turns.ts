/** Long answers take turns, so that however many of them flow, short ones beside them do not wait. */

export type Turns = {
  /** Calls `go` when it is its turn. */
  wait: (go: () => void) => void;
};

// An answer that waits alone goes on at 64 MiB a second; several share 16, beside which the garbage that they leave is not felt.
const ALONE_MS = 1;
const TURN_MS = 4;

/** One waiting answer goes on at a time, with what has come of it meanwhile (64 KiB at most): when the process is busy, later. */
export function openTurns(): Turns {
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    timer = undefined;
    waiting.shift()?.();
    schedule();
  };
  const schedule = (): void => {
    if (timer !== undefined || waiting.length === 0) return;
    timer = setTimeout(next, waiting.length === 1 ? ALONE_MS : TURN_MS);
  };
  return {
    wait: (go) => {
      waiting.push(go);
      schedule();
    },
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

  /** Takes so many bytes; `now` in milliseconds. @returns whether there were as many: else the answer waits for its turn. */
  take(bytes: number, now: number): boolean {
    const left = Math.min(SHORT_BYTES, this.#left + (now - this.#at) * PER_MS) - bytes;
    this.#at = now;
    this.#left = Math.max(0, left);
    return left >= 0;
  }
}
