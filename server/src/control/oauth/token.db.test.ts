import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve } from '../../core/authorizations/decide.ts';
import { reapClients } from '../../core/clients/reap.ts';
import { revokeGrants } from '../../core/grants/revoke.ts';
import type { Database } from '../../platform/database.ts';
import { hashSecret } from '../../platform/secret.ts';
import { transact } from '../../platform/transact.ts';
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
  providersOf,
  type SceneClient,
  type SceneConnection,
  signIn,
  UNLIMITED,
} from '../../testing/scene.ts';

let database: Database;
let oauth: TestOAuth;
let user: { id: string; name: string; email: string };
let connection: SceneConnection;
let client: SceneClient;
let route: string;
let resource: string;
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
  user = await makeUser(database);
  connection = await makeConnection(database, { userId: user.id });
  client = await makeClient(database);
  route = `user/${user.id}/${connection.id}/${connection.resource.routeKey}`;
  resource = `${ISSUER}/mcp-connect/${route}`;
});
afterAll(() => database.close());

type Body = Record<string, string>;
const bodyOf = async (response: Response) => (await response.json()) as Body;
const errorOf = async (response: Response) => [response.status, (await bodyOf(response)).error];

const approved = (by: SceneClient = client) => approvedForm(database, { user, client: by, connection });
const refreshOf = (refreshToken: unknown, changes: Body = {}): Body => ({
  grant_type: 'refresh_token',
  refresh_token: String(refreshToken),
  client_id: client.clientId,
  ...changes,
});

describe('a whole sign-in over HTTP', () => {
  test('#83 register, authorize, consent, code, refresh', async () => {
    const registered = await register(oauth, {
      redirect_uris: ['http://127.0.0.1/cb'],
      token_endpoint_auth_method: 'none',
    });
    const verifier = newVerifier();
    const redirectUri = 'http://127.0.0.1:50123/cb';
    const query = new URLSearchParams({
      client_id: String(registered.client_id),
      redirect_uri: redirectUri,
      response_type: 'code',
      code_challenge: challengeOf(verifier),
      code_challenge_method: 'S256',
      state: 's',
      resource,
    });
    const asked = await oauth.get(`/oauth/authorize?${query}`);
    const handle = asked.headers.get('location')?.split('/').at(-1) ?? '';
    const binding = /=([^;]+)/.exec(asked.headers.get('set-cookie') ?? '')?.[1] ?? null;
    const decided = await approve(
      database,
      handle,
      { userId: user.id, browser: { binding, sessionId: null } },
      {},
      {
        issuer: ISSUER,
        codeLifetime: 60,
        clock: () => new Date(),
        providers: await providersOf(database),
        looks: UNLIMITED,
      },
    );
    if (!decided.ok) throw new Error(decided.reason.kind);
    const answer = new URL(decided.value.redirectTo);
    expect([answer.origin, answer.searchParams.get('state'), answer.searchParams.get('iss')]).toEqual([
      'http://127.0.0.1:50123',
      's',
      ISSUER,
    ]);

    const form = {
      grant_type: 'authorization_code',
      code: answer.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_id: String(registered.client_id),
      resource,
    };
    const redeemed = await oauth.post('/oauth/token', form, { 'user-agent': 'claude-code/2.1.0' });
    expect([redeemed.status, redeemed.headers.get('cache-control'), redeemed.headers.get('pragma')]).toEqual([
      200,
      'no-store',
      'no-cache',
    ]);
    const tokens = await bodyOf(redeemed);
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'mcp:access' });
    expect(tokens.id_token).toBeUndefined();
    expect(decodeJwt(String(tokens.access_token))).toMatchObject({
      iss: ISSUER,
      aud: resource,
      sub: user.id,
      client_id: registered.client_id,
    });
    const row = await database.db.refreshToken.findUniqueOrThrow({
      where: { tokenHash: hashSecret(String(tokens.refresh_token)) },
      include: { family: true },
    });
    expect(row.family.label).toBe('Claude Code');

    const refreshed = await bodyOf(
      await oauth.post('/token', refreshOf(tokens.refresh_token, { client_id: String(registered.client_id) })),
    );
    expect(refreshed).toMatchObject({ token_type: 'Bearer', scope: 'mcp:access' });
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect(decodeJwt(String(refreshed.access_token)).aud).toBe(resource);
  });

  test('a client registered without refresh_token gets none', async () => {
    const plain = await makeClient(database, { grantTypes: ['authorization_code'] });
    const tokens = await bodyOf(await oauth.post('/oauth/token', await approved(plain)));
    expect([typeof tokens.access_token, tokens.refresh_token]).toEqual(['string', undefined]);
  });
});

test('field note A14: a sign-in that lapsed long ago is invalid_grant, because its client is never forgotten', async () => {
  const lapsed = await makeClient(database);
  const tokens = await bodyOf(await oauth.post('/oauth/token', await approved(lapsed)));
  const long = new Date(0);
  await database.db.oAuthClient.update({ where: { id: lapsed.id }, data: { createdAt: long } });
  await database.db.refreshToken.updateMany({
    where: { family: { grant: { oauthClientId: lapsed.id } } },
    data: { expiresAt: long },
  });
  const [grant] = await database.db.oAuthGrant.findMany({ where: { oauthClientId: lapsed.id } });
  await transact(database, (tx) =>
    revokeGrants(tx, { grantIds: [String(grant?.id)] }, 'idle', { userId: null }, new Date()),
  );
  await reapClients(database, new Date(), 30 * 86_400);
  const refreshed = await oauth.post('/oauth/token', refreshOf(tokens.refresh_token, { client_id: lapsed.clientId }));
  expect(await errorOf(refreshed)).toEqual([400, 'invalid_grant']);
});

describe('what is malformed', () => {
  test('#84 other methods and content types', async () => {
    const get = await oauth.get('/oauth/token');
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await oauth.app.request('/oauth/token', { method: 'PUT' })).status).toBe(405);
    expect(await errorOf(await oauth.postJson('/oauth/token', {}))).toEqual([415, 'invalid_request']);
    expect(await errorOf(await oauth.app.request('/oauth/token', { method: 'POST' }))).toEqual([
      415,
      'invalid_request',
    ]);
    expect(await errorOf(await oauth.post('/oauth/token', ''))).toEqual([400, 'invalid_request']);
    expect(await errorOf(await oauth.post('/oauth/token', 'grant_type=%zz'))).toEqual([400, 'invalid_request']);
    expect(await errorOf(await oauth.post('/oauth/token', 'a'.repeat(40_000)))).toEqual([413, 'invalid_request']);
  });
  test('#84 parameters in the query string are not read', async () => {
    const query = new URLSearchParams(await approved()).toString();
    expect(await errorOf(await oauth.post(`/oauth/token?${query}`, ''))).toEqual([400, 'invalid_request']);
  });
  test.each([
    'password',
    'client_credentials',
    'AUTHORIZATION_CODE',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    '__proto__',
    'constructor',
  ])('#86 grant_type %s', async (grantType) => {
    expect(
      await errorOf(await oauth.post('/oauth/token', { grant_type: grantType, client_id: client.clientId })),
    ).toEqual([400, 'unsupported_grant_type']);
  });
  test('#64 a parameter that comes twice', async () => {
    const form = new URLSearchParams(await approved()).toString();
    expect(await errorOf(await oauth.post('/oauth/token', `${form}&code=x`))).toEqual([400, 'invalid_request']);
    expect(await errorOf(await oauth.post('/oauth/token', `${form}&resource=a&resource=b`))).toEqual([
      400,
      'invalid_target',
    ]);
    expect((await oauth.post('/oauth/token', form)).status).toBe(200);
  });
});

describe('codes', () => {
  test('#90, #91, #92 a redemption that fails does not consume, and says no more than invalid_grant', async () => {
    const form = await approved();
    const other = await makeClient(database);
    const bodies = [];
    const wrong: Body[] = [
      { code_verifier: newVerifier() },
      { redirect_uri: `${CALLBACK}/` },
      { client_id: other.clientId },
    ];
    for (const changes of wrong) {
      const response = await oauth.post('/oauth/token', { ...form, ...changes });
      expect(response.status).toBe(400);
      bodies.push(await response.text());
    }
    expect(new Set(bodies).size).toBe(1);
    expect((await oauth.post('/oauth/token', form)).status).toBe(200);
  });
  test('#93 other secrets are no codes', async () => {
    const { refreshToken } = await signIn(database, { user, client, connection });
    const form = await approved();
    for (const code of [String(refreshToken), 'x', 'gwc_', 'é\u0001', 'x'.repeat(10_000)]) {
      expect(await errorOf(await oauth.post('/oauth/token', { ...form, code }))).toEqual([400, 'invalid_grant']);
    }
  });
  test('#102 the resource is equal or absent, else invalid_target and nothing is consumed', async () => {
    const form = await approved();
    const other = `${ISSUER}/mcp-connect/user/${user.id}/${user.id}/${'a'.repeat(32)}`;
    for (const wrong of [other, 'https://evil.example', 'x', `${resource}#f`]) {
      expect(await errorOf(await oauth.post('/oauth/token', { ...form, resource: wrong }))).toEqual([
        400,
        'invalid_target',
      ]);
    }
    expect(
      await errorOf(await oauth.post(`/oauth/token/${route.slice(0, -1)}${route.endsWith('_') ? '-' : '_'}`, form)),
    ).toEqual([400, 'invalid_target']);
    expect((await oauth.post(`/oauth/token/${route}`, { ...form, resource: `${resource}/` })).status).toBe(200);
  });
  test('field note E40: the origin alone is no other resource', async () => {
    expect((await oauth.post('/oauth/token', { ...(await approved()), resource: `${ISSUER}/` })).status).toBe(200);
  });
});

describe('refresh', () => {
  test('#111, #114 a token presented again gets the current one', async () => {
    const { refreshToken } = await signIn(database, { user, client, connection });
    const one = await bodyOf(await oauth.post('/oauth/token', refreshOf(refreshToken)));
    const two = await bodyOf(await oauth.post('/oauth/token', refreshOf(refreshToken)));
    expect(two.refresh_token).toBe(one.refresh_token);
    expect((await oauth.post('/oauth/token', refreshOf(two.refresh_token))).status).toBe(200);
  });
  test('#118 fifty at once in one process are one presentation', async () => {
    const { refreshToken } = await signIn(database, { user, client, connection });
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => oauth.post('/oauth/token', refreshOf(refreshToken))),
    );
    const bodies = await Promise.all(responses.map(bodyOf));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(bodies.map((body) => body.refresh_token)).size).toBe(1);
  });
  test('#120, #121 another resource or more scope rotates nothing', async () => {
    const { refreshToken } = await signIn(database, { user, client, connection });
    expect(
      await errorOf(await oauth.post('/oauth/token', refreshOf(refreshToken, { resource: 'https://evil.example' }))),
    ).toEqual([400, 'invalid_target']);
    expect(
      await errorOf(await oauth.post('/oauth/token', refreshOf(refreshToken, { scope: 'mcp:access profile' }))),
    ).toEqual([400, 'invalid_scope']);
    const row = await database.db.refreshToken.findUniqueOrThrow({
      where: { tokenHash: hashSecret(String(refreshToken)) },
    });
    expect(row.rotatedAt).toBeNull();
    expect(
      (await oauth.post('/oauth/token', refreshOf(refreshToken, { scope: 'mcp:access offline_access', resource })))
        .status,
    ).toBe(200);
  });
  test('#109 another client cannot use it', async () => {
    const { refreshToken } = await signIn(database, { user, client, connection });
    const other = await makeClient(database);
    expect(
      await errorOf(await oauth.post('/oauth/token', refreshOf(refreshToken, { client_id: other.clientId }))),
    ).toEqual([400, 'invalid_grant']);
    expect((await oauth.post('/oauth/token', refreshOf(refreshToken))).status).toBe(200);
  });
  test.each(['x', 'gwr_x', `gwr_${'a'.repeat(50)}`, 'x'.repeat(10_000), 'eyJ.eyJ.x'])(
    '#126 %.20s is invalid_grant',
    async (refreshToken) => {
      expect(await errorOf(await oauth.post('/oauth/token', refreshOf(refreshToken)))).toEqual([400, 'invalid_grant']);
    },
  );
});
