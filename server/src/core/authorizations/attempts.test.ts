import { expect, test } from 'vitest';
import { type Attempt, attemptsOf, type RequestRow, type TraceRow } from './attempts.ts';

const now = new Date('2026-11-24T12:00:00Z');
const at = (minutesAgo: number): Date => new Date(now.getTime() - minutesAgo * 60_000);
let ids = 0;

const trace = (step: string, minutesAgo: number, about: Partial<TraceRow> = {}): TraceRow => ({
  id: String(++ids),
  at: at(minutesAgo),
  step,
  problem: null,
  what: null,
  expected: null,
  got: null,
  clientId: null,
  source: 'laptop',
  userAgent: 'agent/1.0',
  ...about,
});

const request = (minutesAgo: number, about: Partial<RequestRow> = {}): RequestRow => ({
  id: String(++ids),
  createdAt: at(minutesAgo),
  expiresAt: at(minutesAgo - 5),
  decidedAt: null,
  status: 'pending',
  userAgent: 'Browser',
  client: { clientId: 'client-a', name: 'A', createdAt: at(minutesAgo + 1), kind: 'dynamic' },
  codes: [],
  ...about,
});

const approved = (minutesAgo: number, code: Partial<RequestRow['codes'][number]> = {}): RequestRow =>
  request(minutesAgo, {
    status: 'approved',
    decidedAt: at(minutesAgo),
    codes: [{ consumedAt: null, expiresAt: at(minutesAgo - 1), revokedAt: null, family: null, ...code }],
  });

const shape = ({ steps }: Attempt): string => steps.map(({ outcome }) => outcome).join(' ');

test('a sign-in that went right is all steps, with the times of the rows that it left', () => {
  const [attempt] = attemptsOf(
    [approved(9, { consumedAt: at(8), family: { lastUsedAt: at(7) } })],
    [trace('discovery', 11), trace('registration', 10, { clientId: 'client-a' })],
    now,
  );
  expect(attempt).toMatchObject({ outcome: 'ok', clientName: 'A', userAgent: 'agent/1.0', startedAt: at(9) });
  expect(attempt?.steps.map((step) => step.at)).toEqual([at(11), at(10), at(9), at(9), at(8), at(7)]);
});

test('a code that was refused says what differed, and what comes after was not reached', () => {
  const refused = trace('token', 8, {
    clientId: 'client-a',
    problem: 'The redirect URI is not the one of the authorization request.',
    what: 'redirect_uri',
    expected: 'http://localhost:1/cb',
    got: 'http://localhost/cb',
  });
  const [attempt] = attemptsOf([approved(9)], [refused], now);
  expect(attempt && shape(attempt)).toBe('not_seen ok ok ok failed not_reached');
  expect(attempt?.outcome).toBe('failed');
  expect(attempt?.steps[4]?.difference).toEqual({
    what: 'redirect_uri',
    expected: 'http://localhost:1/cb',
    got: 'http://localhost/cb',
  });
});

test.each([
  ['waiting', request(1), 'not_seen ok ok waiting not_reached not_reached'],
  ['failed', request(9), 'not_seen ok ok failed not_reached not_reached'],
  ['failed', request(9, { status: 'denied', decidedAt: at(8) }), 'not_seen ok ok failed not_reached not_reached'],
  ['failed', approved(9), 'not_seen ok ok ok failed not_reached'],
  ['waiting', approved(0.5), 'not_seen ok ok ok waiting not_reached'],
  ['waiting', approved(9, { consumedAt: at(8), family: { lastUsedAt: null } }), 'not_seen ok ok ok ok waiting'],
] as const)('%s: %#', (outcome, row, steps) => {
  const [attempt] = attemptsOf([row], [], now);
  expect([attempt?.outcome, attempt && shape(attempt)]).toEqual([outcome, steps]);
});

test('a first call that the server failed is told while nothing came after it', () => {
  const failure = trace('first_call', 7, { clientId: 'client-a', problem: 'The server refused.' });
  const usedAt = (minutesAgo: number) => approved(9, { consumedAt: at(8), family: { lastUsedAt: at(minutesAgo) } });
  const last = (row: RequestRow) => attemptsOf([row], [failure], now)[0]?.steps.at(-1);
  expect(last(usedAt(7))).toMatchObject({ outcome: 'failed', at: at(7), problem: 'The server refused.' });
  expect(last(usedAt(6))).toMatchObject({ outcome: 'ok', at: at(6), problem: null });
  // Uses are told apart by half a minute; that one works after all is noted.
  const worked = trace('first_call', 6.9, { clientId: 'client-a' });
  expect(attemptsOf([usedAt(7)], [failure, worked], now)[0]?.steps.at(-1)).toMatchObject({
    outcome: 'ok',
    at: at(6.9),
  });
});

test('who asks at a rotated address has an attempt of its own, and a sign-in at the new one is not blamed for it', () => {
  const old = trace('discovery', 11, { problem: 'The connect URL was rotated.' });
  const good = approved(9, { consumedAt: at(8), family: { lastUsedAt: at(7) } });
  const attempts = attemptsOf([good], [old, trace('registration', 10, { clientId: 'client-a' })], now);
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['ok', 'failed']);
  expect(attempts.map(shape)[1]).toBe('failed not_reached not_reached not_reached not_reached not_reached');
});

test('what a client stumbled over before any request is an attempt of its own', () => {
  const attempts = attemptsOf(
    [],
    [
      trace('discovery', 60),
      trace('registration', 59, { problem: 'redirect_uris has a scheme that is not allowed.' }),
      trace('discovery', 30, { source: 'desktop' }),
      trace('authorize', 29, {
        source: 'desktop',
        clientId: 'gone',
        problem: 'not registered',
        what: 'client_id',
        got: 'gone',
      }),
      trace('discovery', 20, { source: 'phone' }),
      trace('discovery', 1, { source: 'tablet' }),
    ],
    now,
  );
  expect(attempts.map((attempt) => [attempt.outcome, shape(attempt)])).toEqual([
    ['waiting', 'ok waiting not_reached not_reached not_reached not_reached'],
    ['not_reached', 'ok not_reached not_reached not_reached not_reached not_reached'],
    ['failed', 'ok not_seen failed not_reached not_reached not_reached'],
    ['failed', 'ok failed not_reached not_reached not_reached not_reached'],
  ]);
});

test('a request that is refused after one that was taken is another attempt', () => {
  const good = approved(9, { consumedAt: at(8), family: { lastUsedAt: at(7) } });
  const attempts = attemptsOf([good], [trace('authorize', 3, { clientId: 'client-a', problem: 'wrong address' })], now);
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'ok']);
});

test('two tries of one client keep their own failures, and the list ends at twenty', () => {
  const failure = (minutesAgo: number, problem: string) =>
    trace('token', minutesAgo, { clientId: 'client-a', problem });
  const attempts = attemptsOf([approved(9), approved(30)], [failure(29, 'first'), failure(8, 'second')], now);
  expect(attempts.map(({ steps }) => steps[4]?.problem)).toEqual(['second', 'first']);
  const many = Array.from({ length: 30 }, (_, index) => request(index + 10));
  expect(attemptsOf(many, [], now)).toHaveLength(20);
});
