import { expect, test } from 'vitest';
import { hourOf, relativeTime } from './time.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const back = (seconds: number) => new Date(now - seconds * 1000).toISOString();

test.each([
  [3, 'just now'],
  [-3, 'just now'],
  [61, '1 minute ago'],
  [3_599, '59 minutes ago'],
  [5 * 3_600, '5 hours ago'],
  [86_400, 'yesterday'],
  [13 * 86_400, '13 days ago'],
  [40 * 86_400, '5 weeks ago'],
  [100 * 86_400, '3 months ago'],
  [800 * 86_400, '2 years ago'],
  [-3 * 86_400, 'in 3 days'],
  [-30 * 86_400 + 9, 'in 30 days'],
])('%d seconds back is %s', (seconds, text) => {
  expect(relativeTime(back(seconds), now)).toBe(text);
});

test('an hour is named by its day and by when it began and ended', () => {
  const local = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();
  const noon = new Date(2026, 10, 23, 12).getTime();
  expect(hourOf(local(23, 9), noon)).toBe('today between 09:00 and 10:00');
  expect(hourOf(local(22, 23), noon)).toBe('yesterday between 23:00 and 00:00');
  expect(hourOf(local(3, 9), noon)).toBe('on Nov 3, 2026 between 09:00 and 10:00');
});
