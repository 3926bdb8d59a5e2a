import { expect, test } from 'vitest';
import { exportUrl, filterOf, readActivitySearch } from './search.ts';

const NOW = Date.parse('2026-11-24T12:34:56Z');

test('what is typed into the address is read, and nothing else', () => {
  expect(readActivitySearch({ kind: 'grants', outcome: 'denied', since: 'day', client: ' abc ' })).toEqual({
    kind: 'grants',
    outcome: 'denied',
    since: 'day',
    client: 'abc',
    connection: undefined,
  });
  expect(readActivitySearch({ kind: 'toString', outcome: 7, since: 'year', client: {} })).toEqual({});
});

test('a page and its export ask the same', () => {
  const search = { kind: 'grants', outcome: 'denied', since: 'day' } as const;
  expect(filterOf(search, NOW)).toMatchObject({
    kinds: ['grant.*', 'family.*', 'refresh.*'],
    outcome: 'DENIED',
    since: '2026-11-23T12:34:00.000Z',
  });
  expect(exportUrl(search, 'csv', NOW, 'org')).toBe(
    '/api/audit-events?format=csv&kinds=grant.*%2Cfamily.*%2Crefresh.*&outcome=DENIED&since=2026-11-23T12%3A34%3A00.000Z&organizationId=org',
  );
  expect(exportUrl({}, 'ndjson', NOW)).toBe('/api/audit-events?format=ndjson');
});
