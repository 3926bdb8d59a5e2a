/** What one subscriber has not read yet. It is bounded: who reads too slowly is let go, and comes again. */
import type { Recorded } from '../../core/audit/recorded.ts';

/** Not a generator: its `return` would wait for an event that may never come. */
export class Feed<T> implements AsyncIterableIterator<T> {
  readonly #tell: (event: Recorded) => Promise<T | null>;
  readonly #most: number;
  readonly #onEnd: () => void;
  #waiting: Recorded[] = [];
  #wake: (() => void) | null = null;
  #ended = false;

  constructor(tell: (event: Recorded) => Promise<T | null>, most: number, onEnd: () => void) {
    this.#tell = tell;
    this.#most = most;
    this.#onEnd = onEnd;
  }

  push(event: Recorded): void {
    if (this.#ended) return;
    if (this.#waiting.length >= this.#most) this.end();
    else this.#waiting.push(event);
    this.#wake?.();
  }

  /** Nothing more is told, not even what waits. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = [];
    this.#onEnd();
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (!this.#ended) {
      const event = this.#waiting.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
        continue;
      }
      const told = await this.#tell(event).catch((error: unknown) => {
        this.end();
        throw error;
      });
      if (told !== null && !this.#ended) return { done: false, value: told };
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
