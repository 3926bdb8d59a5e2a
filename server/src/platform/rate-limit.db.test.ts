import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase } from '../testing/database.ts';
import type { Database } from './database.ts';
import { openLimiter } from './rate-limit.ts';
import { Unavailable } from './transient.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('lets through as many as allowed, and says when there is room again', async () => {
  const limiter = openLimiter(database, 'a', { points: 2, seconds: 60 });
  expect([await limiter.take('x'), await limiter.take('x')]).toEqual([{ allowed: true }, { allowed: true }]);
  const third = await limiter.take('x');
  expect(third).toMatchObject({ allowed: false });
  expect(third.allowed || third.retryAfter).toBeGreaterThan(50);
  expect(await limiter.take('y')).toEqual({ allowed: true });
});

test('two processes share the counters; two limits do not', async () => {
  const [one, two] = [0, 1].map(() => openLimiter(database, 'b', { points: 3, seconds: 60 }));
  const takes = await Promise.all(Array.from({ length: 6 }, (_, index) => (index % 2 ? one : two)?.take('x')));
  expect(takes.filter((allowance) => allowance?.allowed)).toHaveLength(3);
  expect(await openLimiter(database, 'c', { points: 3, seconds: 60 }).take('x')).toEqual({ allowed: true });
});

test('looking takes nothing', async () => {
  const limiter = openLimiter(database, 'd', { points: 1, seconds: 60 });
  expect([await limiter.look('x'), await limiter.look('x')]).toEqual([{ allowed: true }, { allowed: true }]);
  await limiter.take('x');
  expect(await limiter.look('x')).toMatchObject({ allowed: false });
});

test('a window that is over begins anew', async () => {
  const limiter = openLimiter(database, 'e', { points: 1, seconds: 1 });
  await limiter.take('x');
  expect(await limiter.take('x')).toMatchObject({ allowed: false });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(await limiter.take('x')).toEqual({ allowed: true });
});

test('a limit that cannot be asked is unavailable, not open', async () => {
  const away = {
    ...database,
    query: () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })),
  };
  const limiter = openLimiter(away, 'f', { points: 1, seconds: 60 });
  await expect(limiter.take('x')).rejects.toBeInstanceOf(Unavailable);
  await expect(limiter.look('x')).rejects.toBeInstanceOf(Unavailable);
});
