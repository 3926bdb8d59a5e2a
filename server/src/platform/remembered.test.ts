/** What is kept of texts is bounded, and what is used stays. */
import { expect, it } from 'vitest';
import { Remembered } from './remembered.ts';

it('keeps no more than its limit, and what is asked for longest', () => {
  const kept = new Remembered<number>(10);
  for (let n = 0; n < 1_000; n++) {
    kept.set(`text ${n}`, n);
    expect(kept.get('text 0')).toBe(0);
  }
  const left = Array.from({ length: 1_000 }, (_, n) => kept.get(`text ${n}`)).filter((value) => value !== undefined);
  expect(left.length).toBeLessThanOrEqual(11);
  kept.clear();
  expect([kept.get('text 0'), kept.get('text 999')]).toEqual([undefined, undefined]);
});
