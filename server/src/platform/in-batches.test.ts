import { expect, test } from 'vitest';
import { inBatches } from './in-batches.ts';

test.each([
  ['nothing', 0, 1],
  ['less than a batch', 3, 1],
  ['a full one, after which another is asked for', 10, 2],
  ['several', 25, 3],
])('%s', async (_name, due, batches) => {
  let [left, asked] = [due, 0];
  const total = await inBatches(10, async (size) => {
    asked++;
    const done = Math.min(size, left);
    left -= done;
    return done;
  });
  expect([total, asked, left]).toEqual([due, batches, 0]);
});
