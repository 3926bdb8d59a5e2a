/** Which texts are an instant: one that means the same everywhere, and that every layer below can hold. */
import { expect, test } from 'vitest';
import { readInstant } from './instant.ts';

test.each([
  ['2026-11-30T07:00:00Z', '2026-11-30T07:00:00.000Z'],
  ['2026-11-30T07:00+02:00', '2026-11-30T05:00:00.000Z'],
  ['2026-11-30T07:00:00.123456Z', '2026-11-30T07:00:00.123Z'],
  ['2026-11-30', '2026-11-30T00:00:00.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['0001-01-02T00:00:00Z', '0001-01-02T00:00:00.000Z'],
])('%s', (text, instant) => expect(readInstant(text)?.toISOString()).toBe(instant));

test.each([
  '',
  'yesterday',
  '30 Nov 2026',
  '2026-11-30T07:00:00',
  '2026-02-30T00:00:00Z',
  '2026-02-30',
  '2026-13-01',
  '2026-11-30T25:00:00Z',
  '0000-01-01T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '2026-11-30T07:00:00 02:00',
])('%j is none', (text) => expect(readInstant(text)).toBeNull());
