/** Clocks of machines that are apart, on one PostgreSQL. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openTestDatabase } from '../testing/database.ts';
import { after, systemClock } from './clock.ts';
import type { Database } from './database.ts';
import { openSharedClock } from './shared-clock.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const isNow = (instant: Date): boolean => Math.abs(instant.getTime() - Date.now()) < 20_000;

test('one that is off goes by the database’s, and by its own again once that is right', async () => {
  let off = 86_400;
  const warned: string[] = [];
  const log = { ...database.log, warn: (_: unknown, text: string) => void warned.push(text) } as Database['log'];
  const shared = await openSharedClock({ ...database, log }, () => after(systemClock(), off));
  expect(isNow(shared.clock())).toBe(true);
  off = -3_600;
  await vi.advanceTimersByTimeAsync(5_000);
  await vi.waitFor(() => expect(isNow(shared.clock())).toBe(true), 10_000);
  off = 0;
  await vi.advanceTimersByTimeAsync(5_000);
  await vi.waitFor(() => expect(isNow(shared.clock())).toBe(true), 10_000);
  expect(warned).toHaveLength(1);
  shared.close();
});

test('while the database does not answer it goes on as it did', async () => {
  let looks = 0;
  const rows: Database['rows'] = (...asked) =>
    ++looks > 1 ? Promise.reject(new Error('gone')) : database.rows(...asked);
  const shared = await openSharedClock({ ...database, rows }, () => after(systemClock(), 86_400));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(looks).toBeGreaterThan(2);
  expect(isNow(shared.clock())).toBe(true);
  shared.close();
});

test('an answer that comes late says little of the time, and changes nothing', async () => {
  let own = Date.now();
  const rows: Database['rows'] = async (...asked) => {
    own += 60_000;
    return database.rows(...asked);
  };
  const shared = await openSharedClock({ ...database, rows }, () => new Date(own));
  expect(shared.clock().getTime()).toBe(own);
  shared.close();
});
