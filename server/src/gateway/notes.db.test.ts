/** What the gateway notes of clients that sign in: that one knocked, where one asks in vain, and what failed its first call. Of what works, nothing. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readAttempts } from '../core/authorizations/read-attempts.ts';
import { rotateRoute } from '../core/connections/rotate.ts';
import type { Database } from '../platform/database.ts';
import {
  type Caller,
  call,
  makeCaller,
  openScene,
  type Running,
  type Scene,
  type Upstream,
} from '../testing/gateway.ts';

let scene: Scene;
let database: Database;
let running: Running;
let upstream: Upstream;
let caller: Caller;

beforeAll(async () => {
  scene = await openScene();
  ({ database, running, upstream } = scene);
});
afterAll(() => scene.close());
beforeEach(async () => {
  caller = await makeCaller(database, running, upstream.url);
});

const notes = (connectionId: string) =>
  database.db.signInTrace.findMany({ where: { connectionId }, orderBy: { at: 'asc' } });

it('notes a client that comes without a token once, and where it stopped, and one that works not at all', async () => {
  const connectionId = caller.connection.id;
  for (let times = 0; times < 3; times++) expect((await call(running, caller)).status).toBe(200);
  for (let times = 0; times < 3; times++)
    expect((await call(running, caller, { headers: { authorization: '', 'user-agent': 'agent/2.0' } })).status).toBe(
      401,
    );
  await expect
    .poll(() => notes(connectionId), { timeout: 5_000, interval: 20 })
    .toMatchObject([{ step: 'discovery', problem: null, clientId: null, userAgent: 'agent/2.0' }]);
  const later = new Date(Date.now() + 20 * 60_000);
  const attempts = await readAttempts(database, connectionId, later);
  expect(attempts.map(({ userAgent, outcome, steps }) => [userAgent, outcome, steps[1]?.problem])).toContainEqual([
    'agent/2.0',
    'not_reached',
    'The client came no further.',
  ]);
});

it('notes a token for another address, and neither the token nor that address', async () => {
  const other = await makeCaller(database, running, upstream.url);
  expect((await call(running, { ...caller, token: other.token })).status).toBe(401);
  await expect
    .poll(() => notes(caller.connection.id), { timeout: 5_000, interval: 20 })
    .toMatchObject([
      {
        step: 'first_call',
        what: 'resource',
        expected: running.config.url + caller.path,
        got: `${running.config.url}/mcp-connect/…`,
      },
    ]);
  const kept = JSON.stringify(await notes(caller.connection.id));
  expect(kept).not.toContain(other.token);
  expect(kept).not.toContain(other.connection.resource.routeKey);
});

it('notes nothing of an address that does not exist', async () => {
  const gone = { ...caller, path: caller.path.slice(0, -4).concat('AAAA') };
  expect((await call(running, gone, { headers: { authorization: '' } })).status).toBe(404);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await notes(caller.connection.id)).toEqual([]);
});

it('notes a client that asks at a connect URL from before it was rotated, with and without its token', async () => {
  const { id } = caller.connection;
  const actor = { userId: caller.user.id };
  expect(await rotateRoute(database, actor, id, new Date())).toMatchObject({ ok: true });
  expect((await call(running, caller, { headers: { authorization: '' } })).status).toBe(404);
  expect((await call(running, caller)).status).toBe(404);
  const problem = 'The connect URL was rotated, and the client still asks at the old one. Give it the new one.';
  await expect
    .poll(async () => (await notes(id)).map((noted) => [noted.step, noted.problem, noted.clientId]), {
      timeout: 5_000,
      interval: 20,
    })
    .toEqual([
      ['discovery', problem, null],
      ['discovery', problem, caller.client.clientId],
    ]);
  const [attempt] = await readAttempts(database, id, new Date());
  expect([attempt?.outcome, attempt?.steps.map(({ outcome }) => outcome)]).toEqual([
    'failed',
    ['failed', 'not_reached', 'not_reached', 'not_reached', 'not_reached', 'not_reached'],
  ]);
});

it.each([
  [401, 502, 'The server of the connection refused its credentials. Look at them on the page of the connection.'],
  [0, 502, 'The server of the connection could not be reached, or did not answer in time.'],
])(
  'notes that the server failed the first call of a sign-in (%d), and not a later one',
  async (status, told, problem) => {
    const usual = upstream.answer;
    upstream.answer = (req, res) => (status === 0 ? req.socket.destroy() : res.writeHead(status).end());
    try {
      const { id } = caller.connection;
      expect((await call(running, caller)).status).toBe(told);
      await expect
        .poll(() => notes(id), { timeout: 5_000, interval: 20 })
        .toMatchObject([{ step: 'first_call', problem, clientId: caller.client.clientId, what: null }]);
      const [attempt] = await readAttempts(database, id, new Date());
      expect(attempt?.steps.at(-1)).toMatchObject({ name: 'first_call', outcome: 'failed', problem });

      // Once one works, at once: a use is told apart from the one before it by half a minute only.
      const failing = upstream.answer;
      upstream.answer = usual;
      for (let times = 0; times < 2; times++) expect((await call(running, caller)).status).toBe(200);
      await expect
        .poll(() => notes(id), { timeout: 5_000, interval: 20 })
        .toMatchObject([{ problem }, { step: 'first_call', problem: null, clientId: caller.client.clientId }]);
      upstream.answer = failing;

      const anHourAgo = (Date.now() - 3_600_000).toString(16).padStart(12, '0');
      const familyId = `${anHourAgo.slice(0, 8)}-${anHourAgo.slice(8)}${caller.familyId.slice(13)}`;
      await database.db.tokenFamily.update({ where: { id: caller.familyId }, data: { id: familyId } });
      const token = await caller.mint({ familyId });
      expect((await call(running, { ...caller, token }, { headers: { 'user-agent': 'later/1.0' } })).status).toBe(told);
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(await notes(id)).toHaveLength(2);
    } finally {
      upstream.answer = usual;
    }
  },
);

it('notes what was never issued here, and of another server its name alone', async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const foreign = (iss: string) => `${part({ alg: 'ES256' })}.${part({ iss, sub: 'canary' })}.c2lnbmF0dXJl`;
  for (const token of [
    'sk-canary-of-the-server',
    foreign('https://login.example/realm?canary=1'),
    foreign(running.config.url),
  ])
    expect((await call(running, { ...caller, token })).status).toBe(401);
  await expect.poll(async () => (await notes(caller.connection.id)).length, { timeout: 5_000, interval: 20 }).toBe(2);
  const kept = await notes(caller.connection.id);
  const issuer = { step: 'first_call', what: 'issuer', expected: running.config.url, clientId: null };
  expect(kept).toMatchObject([
    { ...issuer, got: null, problem: expect.stringContaining('did not issue') },
    { ...issuer, got: 'https://login.example/realm', problem: expect.stringContaining('another authorization server') },
  ]);
  expect(JSON.stringify(kept)).not.toContain('canary');
});

it('notes a client that looks for the authorization server below the connect URL', async () => {
  const below = { ...caller, path: `${caller.path}/.well-known/openid-configuration` };
  expect((await call(running, below, { headers: { authorization: '' } })).status).toBe(404);
  await expect
    .poll(() => notes(caller.connection.id), { timeout: 5_000, interval: 20 })
    .toMatchObject([
      {
        step: 'discovery',
        what: 'issuer',
        expected: `${running.config.url}/.well-known/oauth-authorization-server`,
        got: `${running.config.url}/mcp-connect/…`,
      },
    ]);
});
