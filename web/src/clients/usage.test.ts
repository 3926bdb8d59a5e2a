import { expect, test } from 'vitest';
import { usageDays, usageSentence } from './usage.ts';

const now = Date.parse('2026-11-23T12:00:00Z');

test('hours become days, with the unused ones between, and older ones left out', () => {
  const days = usageDays(
    [
      { hour: '2026-11-23T11:00:00Z', requests: 2, errors: 1, denials: 0 },
      { hour: '2026-11-23T01:00:00Z', requests: 3, errors: 0, denials: 1 },
      { hour: '2026-11-21T23:00:00Z', requests: 1, errors: 0, denials: 0 },
      { hour: '2026-01-01T00:00:00Z', requests: 9, errors: 9, denials: 9 },
    ],
    now,
    3,
  );
  expect(days).toEqual([
    { day: '2026-11-21', requests: 1, errors: 0, denials: 0 },
    { day: '2026-11-22', requests: 0, errors: 0, denials: 0 },
    { day: '2026-11-23', requests: 5, errors: 1, denials: 1 },
  ]);
  expect(usageSentence(days)).toBe('6 requests in 3 days, 2 failed or denied');
});

test('one request is one request', () => {
  expect(usageSentence(usageDays([{ hour: '2026-11-23T11:00:00Z', requests: 1, errors: 0, denials: 0 }], now))).toBe(
    '1 request in 30 days',
  );
});
