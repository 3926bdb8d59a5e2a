/** The authorization server tells what clients stumble over, and a connection's manager reads it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Attempt } from '../../core/authorizations/attempts.ts';
import { forgetTraces } from '../../core/authorizations/forget-traces.ts';
import { readAttempts } from '../../core/authorizations/read-attempts.ts';
import { openTracer } from '../../core/authorizations/trace.ts';
import { connectUrl } from '../../core/connections/resource.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { approvedForm, openTestOAuth, register, type TestOAuth } from '../../testing/oauth-app.ts';
import {
  CALLBACK,
  challengeOf,
  ISSUER,
  makeClient,
  makeConnection,
  makeUser,
  newVerifier,
  type SceneConnection,
} from '../../testing/scene.ts';

let database: Database;
let oauth: TestOAuth;
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
});
afterAll(() => database.close());

let connection: SceneConnection;
let user: Awaited<ReturnType<typeof makeUser>>;
let resource: string;
beforeEach(async () => {
  user = await makeUser(database);
  connection = await makeConnection(database, { userId: user.id });
  resource = connectUrl(ISSUER, { ...connection, connectionId: connection.id, routeKey: connection.resource.routeKey });
});

const attempts = async (): Promise<Attempt[]> => readAttempts(database, connection.id, new Date());
/** Notes are written a moment later. */
const failure = async () => {
  await expect
    .poll(async () => (await attempts()).some(({ outcome }) => outcome === 'failed'), { timeout: 5_000, interval: 20 })
    .toBe(true);
  const [attempt] = await attempts();
  return attempt?.steps.find(({ outcome }) => outcome === 'failed');
};

const ask = (parameters: Record<string, string>) =>
  oauth.get(
    `/oauth/authorize?${new URLSearchParams({
      response_type: 'code',
      redirect_uri: CALLBACK,
      code_challenge: challengeOf(newVerifier()),
      code_challenge_method: 'S256',
      resource,
      ...parameters,
    })}`,
    { 'user-agent': 'agent/1.0' },
  );

describe('a client that stumbles is told of at its connection', () => {
  test('that presents an id which is not registered', async () => {
    expect((await ask({ client_id: 'long-gone' })).status).toBe(400);
    expect(await failure()).toMatchObject({ name: 'authorize', difference: { what: 'client_id', got: 'long-gone' } });
    expect((await attempts())[0]).toMatchObject({ clientId: 'long-gone', userAgent: 'agent/1.0' });
  });

  test('that asks for another redirect URI than it registered, without what may be in its query', async () => {
    const client = await makeClient(database, { name: 'Mover' });
    expect((await ask({ client_id: client.clientId, redirect_uri: 'https://evil.example/cb?secret=1' })).status).toBe(
      400,
    );
    expect(await failure()).toMatchObject({
      name: 'authorize',
      difference: { what: 'redirect_uri', expected: CALLBACK, got: 'https://evil.example/cb' },
    });
    expect((await attempts())[0]).toMatchObject({ clientName: 'Mover' });
  });

  test.each([
    ['redirect_uri', { redirect_uri: 'http://localhost:9/callback' }, 'http://localhost:9/callback'],
    ['code_verifier', { code_verifier: newVerifier() }, null],
    ['resource', { resource: `${ISSUER}/mcp-connect/user/other` }, `${ISSUER}/mcp-connect/…`],
  ])('whose code is refused for its %s', async (what, change, got) => {
    const client = await makeClient(database);
    const form = await approvedForm(database, { user, client, connection });
    expect((await oauth.post('/oauth/token', { ...form, ...change })).status).toBe(400);
    expect(await failure()).toMatchObject({ name: 'token', difference: { what, got } });
    const rows = JSON.stringify(await database.db.signInTrace.findMany({ where: { connectionId: connection.id } }));
    expect(rows).not.toContain(form.code);
    expect(rows).not.toContain(form.code_verifier);
  });

  test('that knows the gateway by another address, at the connection that it means', async () => {
    const client = await makeClient(database);
    const other = resource.replace(new URL(ISSUER).origin, 'http://192.0.2.7:4000');
    expect((await ask({ client_id: client.clientId, resource: other })).status).toBe(303);
    expect(await failure()).toMatchObject({
      name: 'authorize',
      problem: expect.stringContaining('by another address'),
      difference: { what: 'issuer', expected: ISSUER, got: 'http://192.0.2.7:4000' },
    });
  });

  test('that proves who it is to another authorization server', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const answer = await oauth.post('/oauth/token', {
      grant_type: 'authorization_code',
      code: 'any',
      resource,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${part({ alg: 'ES256' })}.${part({ iss: 'x', sub: 'x', aud: 'https://login.example' })}.c2ln`,
    });
    expect(answer.status).toBe(401);
    expect(await failure()).toMatchObject({
      name: 'token',
      difference: { what: 'issuer', expected: ISSUER, got: 'https://login.example' },
    });
  });

  test('that sends a code a second time', async () => {
    const client = await makeClient(database);
    const form = await approvedForm(database, { user, client, connection });
    expect((await oauth.post('/oauth/token', form)).status).toBe(200);
    expect((await oauth.post('/oauth/token', form)).status).toBe(400);
    await expect
      .poll(() => database.db.signInTrace.findMany({ where: { connectionId: connection.id } }), {
        timeout: 5_000,
        interval: 20,
      })
      .toMatchObject([{ step: 'token', problem: 'The code was used before.' }]);
    // The sign-in itself went right.
    expect((await attempts())[0]?.steps[4]).toMatchObject({ name: 'token', outcome: 'ok' });
  });

  test('whose registration is refused, and one whose is not', async () => {
    const path = `/oauth/register/resource${new URL(resource).pathname.replace('/mcp-connect', '')}`;
    expect((await oauth.postJson(path, { redirect_uris: ['javascript:alert(1)'] })).status).toBe(400);
    expect(await failure()).toMatchObject({ name: 'registration', problem: expect.any(String) });
    const client = await register(oauth, {
      redirect_uris: [CALLBACK],
      client_name: 'Fine',
      token_endpoint_auth_method: 'none',
    });
    await expect
      .poll(() => database.db.signInTrace.count({ where: { clientId: String(client.client_id), problem: null } }), {
        timeout: 5_000,
        interval: 20,
      })
      .toBe(1);
  });
});

test('#265 whoever does not manage the connection is told of their own attempts alone', async () => {
  const stranger = await makeUser(database);
  const [mine, theirs, both] = [await makeClient(database), await makeClient(database), await makeClient(database)];
  await database.db.oAuthClient.updateMany({
    where: { id: { in: [mine.id, theirs.id, both.id] } },
    data: { kind: 'dynamic' },
  });
  const asked = (client: { id: string }, userId: string) =>
    database.db.authorizationRequest.create({
      data: {
        handle: newVerifier(),
        oauthClientId: client.id,
        userId,
        connectionId: connection.id,
        redirectUri: CALLBACK,
        registeredRedirectUri: CALLBACK,
        codeChallenge: '',
        browserBindingHash: '',
        clientDigest: '',
        expiresAt: new Date(),
      },
    });
  await asked(mine, user.id);
  await asked(theirs, stranger.id);
  await asked(both, user.id);
  await asked(both, stranger.id);
  const trace = { step: 'authorize', problem: 'x', source: 'here', connectionId: connection.id };
  await database.db.signInTrace.createMany({
    data: [
      ...[mine, theirs, both].map(({ clientId }) => ({ ...trace, clientId, userAgent: `agent of ${clientId}` })),
      { ...trace, clientId: null, source: 'elsewhere', userAgent: 'agent of nobody' },
    ],
  });
  const told = await readAttempts(database, connection.id, new Date(), user.id);
  const ids = told.map(({ clientId }) => clientId).sort();
  expect(ids).toEqual([mine.clientId, mine.clientId, both.clientId].sort());
  const agents = JSON.stringify(told);
  expect(agents).toContain(`agent of ${mine.clientId}`);
  for (const hidden of [theirs.clientId, `agent of ${both.clientId}`, 'agent of nobody'])
    expect(agents).not.toContain(hidden);
  expect(await attempts()).toHaveLength(4 + 3 + 1);
});

test('#265 of a client that many people have, only what came from where this connection was asked for', async () => {
  const clientId = `https://${connection.id}.example/client.json`;
  const shared = await makeClient(database);
  await database.db.oAuthClient.update({ where: { id: shared.id }, data: { clientId, kind: 'metadata_document' } });
  const own = await makeClient(database);
  const trace = { step: 'authorize', problem: 'x', what: 'resource' };
  await database.db.signInTrace.createMany({
    data: [
      { ...trace, clientId, source: 'here', connectionId: connection.id, userAgent: 'mine' },
      { ...trace, clientId, source: 'here', userAgent: 'mine too' },
      { ...trace, clientId, source: 'elsewhere', userAgent: 'of somebody else', got: 'https://theirs.example' },
      { ...trace, clientId: own.clientId, source: 'here', connectionId: connection.id, userAgent: 'registered' },
      { ...trace, clientId: own.clientId, source: 'on the road', userAgent: 'registered, moved' },
    ],
  });
  const told = JSON.stringify(await attempts());
  for (const seen of ['mine', 'registered']) expect(told).toContain(seen);
  for (const hidden of ['of somebody else', 'https://theirs.example']) expect(told).not.toContain(hidden);
});

test('notes are bounded by address, say the same once, and are kept for a week and of each connection the newest 500', async () => {
  const tracer = openTracer({ database, keyring: oauth.keyring });
  const note = (problem: string) =>
    tracer.note({
      step: 'authorize',
      problem,
      connectionId: connection.id,
      clientId: null,
      address: '192.0.2.1',
      userAgent: 'x'.repeat(999),
    });
  for (let number = 0; number < 50; number++) note(`problem ${number}`);
  note('problem 0');
  tracer.note({
    step: 'authorize',
    problem: 'x',
    connectionId: user.id,
    clientId: null,
    address: '192.0.2.1',
    userAgent: null,
  });
  await tracer.close();
  const rows = await database.db.signInTrace.findMany({ where: { connectionId: { in: [connection.id, user.id] } } });
  expect(rows).toHaveLength(30);
  expect(rows[0]?.userAgent).toHaveLength(300);
  expect(JSON.stringify(rows)).not.toContain('192.0.2.1');

  const [row] = rows;
  const more = Array.from({ length: 520 }, () => ({ step: 'authorize', source: 'x', connectionId: connection.id }));
  await database.db.signInTrace.createMany({ data: more });
  await database.db.signInTrace.update({
    where: { id: row?.id ?? '' },
    data: { at: new Date(Date.now() - 8 * 86_400_000) },
  });
  expect(await forgetTraces(database, new Date())).toBeGreaterThanOrEqual(50);
  expect(await database.db.signInTrace.count({ where: { connectionId: connection.id } })).toBe(500);
});

test('of what names no connection, which anyone can write, the newest alone are kept', async () => {
  const at = (index: number) => new Date(Date.now() - index * 1_000);
  const data = Array.from({ length: 12 }, (_, index) => ({ step: 'registration', source: 'flood', at: at(index) }));
  await database.db.signInTrace.deleteMany({ where: { connectionId: null } });
  await database.db.signInTrace.createMany({ data });
  await forgetTraces(database, new Date(), 5);
  const left = await database.db.signInTrace.findMany({ where: { connectionId: null }, orderBy: { at: 'desc' } });
  expect(left.map((row) => row.at)).toEqual(data.slice(0, 5).map((row) => row.at));
});
