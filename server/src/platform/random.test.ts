import { expect, test } from 'vitest';
import { freshBytes, newId } from './random.ts';

test('no byte is given out twice, and what was given out is changed by nothing that comes after', () => {
  const given = Array.from({ length: 1_000 }, () => freshBytes(32));
  const told = given.map((bytes) => bytes.toString('hex'));
  expect(new Set(told).size).toBe(1_000);
  expect(told).not.toContain('00'.repeat(32));
  given[0]?.fill(0);
  for (let count = 0; count < 1_000; count++) freshBytes(12);
  expect(given.slice(1).map((bytes) => bytes.toString('hex'))).toEqual(told.slice(1));
});

test('a size that does not divide what is fetched at once gets bytes of the next', () => {
  for (const size of [4_096, 4_095, 1, 4_096, 5, 4_090]) expect(freshBytes(size).length).toBe(size);
});

test('ids are of version 7, and do not repeat within a millisecond', () => {
  const ids = Array.from({ length: 1_000 }, newId);
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
