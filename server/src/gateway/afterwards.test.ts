import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openAfterwards } from './afterwards.ts';

test('what is left to do is done when asked for, in its order, and once', () => {
  const afterwards = openAfterwards();
  const done: string[] = [];
  afterwards.later(() => done.push('first'));
  afterwards.later(() => done.push('second'));
  expect(done).toEqual([]);
  afterwards.now();
  afterwards.now();
  expect(done).toEqual(['first', 'second']);
});

test('it is done also where nobody asks, and what comes of it is not lost', async () => {
  const afterwards = openAfterwards();
  const done: string[] = [];
  afterwards.later(() => {
    done.push('first');
    afterwards.later(() => done.push('of the first'));
  });
  while (done.length < 2) await sleep(1);
  expect(done).toEqual(['first', 'of the first']);
});
