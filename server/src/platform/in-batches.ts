/** Housekeeping in batches: never a statement over all rows, and again until there is nothing left to do. */

/**
 * Runs `batch` until one is not full. Each is a statement or transaction of its own, so that what it locks is let go in between.
 * @param batch is told how many it may do at most, and tells how many it did @returns how many were done in all
 */
export async function inBatches(size: number, batch: (size: number) => Promise<number>): Promise<number> {
  for (let total = 0; ; ) {
    const done = await batch(size);
    total += done;
    if (done < size) return total;
  }
}
