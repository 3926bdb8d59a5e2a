/** What was worked out of a text, kept for when the same text comes again. Bounded, and cheap to ask: nothing is written for what is found. */

/**
 * At most `limit` entries, those that were least lately used forgotten first. They lie in two halves: when the newer is full the older
 * goes, and what was used of it meanwhile has moved. (A Map whose entries are put last again at each use makes table after table, and
 * what dead ones held is only freed by a full collection.)
 */
export class Remembered<Value> {
  readonly #half: number;
  #newer = new Map<string, Value>();
  #older = new Map<string, Value>();

  constructor(limit: number) {
    this.#half = limit / 2;
  }

  get(key: string): Value | undefined {
    const found = this.#newer.get(key);
    if (found !== undefined) return found;
    const old = this.#older.get(key);
    if (old !== undefined) {
      this.#older.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#newer.size >= this.#half) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, value);
  }

  clear(): void {
    this.#newer.clear();
    this.#older.clear();
  }
}
