/** Which requests share a pool of sockets. */
import type { Dispatcher } from 'undici';
import { expect, it } from 'vitest';
import { openDispatchers } from './dispatchers.ts';

it('requests that end share one pool, in which no event stream is', async () => {
  let destroyed = 0;
  const opened: Dispatcher[] = [];
  const dispatchers = openDispatchers(() => {
    const one = { destroy: async () => void destroyed++ } as unknown as Dispatcher;
    opened.push(one);
    return one;
  });
  const calls = new Set(['POST', 'DELETE', 'POST'].map(dispatchers.of));
  const streams = new Set(Array.from({ length: 500 }, () => dispatchers.of('GET')));
  expect(calls.size).toBe(1);
  expect(streams.size).toBe(opened.length - 1);
  expect([...calls].some((pool) => streams.has(pool))).toBe(false);
  await dispatchers.destroy();
  expect(destroyed).toBe(opened.length);
});
