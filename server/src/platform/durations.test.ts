/** Our own histogram says what prom-client's would. */
import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { openDurations } from './durations.ts';

it('is read as a histogram of prom-client is', async () => {
  const [theirs, ours] = [new Registry(), new Registry()];
  const buckets = [0.001, 0.25, 5];
  const peer = new Histogram({ name: 'grantway_test_seconds', help: 'How long', buckets, registers: [theirs] });
  const add = openDurations(ours, 'grantway_test_seconds', 'How long', buckets);
  expect(await ours.metrics()).toBe(await theirs.metrics());
  for (const seconds of [0, 0.0004, 0.001, 0.0011, 0.25, 3, 5, 5.5, 60]) {
    peer.observe(seconds);
    add(seconds);
  }
  expect(await ours.metrics()).toBe(await theirs.metrics());
});
