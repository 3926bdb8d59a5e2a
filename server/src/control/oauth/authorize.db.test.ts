import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approve } from '../../core/authorizations/decide.ts';
import type { Database } from '../../platform/database.ts';
import { hashSecret } from '../../platform/secret.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openTestOAuth, type TestOAuth } from '../../testing/oauth-app.ts';
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

const HTTPS = 'https://client.example/cb?fixed=1';
let database: Database;
let oauth: TestOAuth;
let client: SceneClient;
let user: { id: string; name: string; email: string };
let connection: SceneConnection;
let route: string;
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
  client = await makeClient(database, { redirectUris: [CALLBACK, HTTPS, 'http://127.0.0.1/'] });
  user = await makeUser(database);
  connection = await makeConnection(database, { userId: user.id });
  route = `user/${user.id}/${connection.id}/${connection.resource.routeKey}`;
});
afterAll(() => database.close());

type Changes = Record<string, string | undefined>;
const queryOf = (changes: Changes = {}): string => {
  const all: Changes = {
    client_id: client.clientId,
    redirect_uri: CALLBACK,
    response_type: 'code',
    code_challenge: challengeOf(newVerifier()),
    code_challenge_method: 'S256',
    state: 'xyz',
    ...changes,
  };
  return new URLSearchParams(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]])),
  ).toString();
};
const ask = (changes: Changes = {}, path = '/oauth/authorize', headers: Record<string, string> = {}) =>
  oauth.get(`${path}?${queryOf(changes)}`, headers);
const rowOf = (response: Response) =>
  database.db.authorizationRequest.findUniqueOrThrow({
    where: { handle: response.headers.get('location')?.split('/').at(-1) ?? '' },
  });
const rows = () => database.db.authorizationRequest.count();

async function expectPage(response: Response, text?: string): Promise<void> {
  expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  const html = await response.text();
  expect(html).not.toMatch(/<a |<script|href=/);
  if (text) expect(html).toContain(text);
}

async function expectRedirect(
  response: Response,
  error: string,
  state: string | null = 'xyz',
  to = CALLBACK,
): Promise<void> {
  expect(response.status).toBe(303);
  const location = response.headers.get('location') as string;
  expect(location.startsWith(to)).toBe(true);
  const query = new URL(location).searchParams;
  expect([query.get('error'), query.get('state'), query.getAll('iss')]).toEqual([error, state, [ISSUER]]);
  expect(response.headers.get('cache-control')).toBe('no-store');
}

describe('a good request', () => {
  test('is kept with everything asked, and the browser goes to consent', async () => {
    const response = await ask({
      resource: `${ISSUER}/mcp-connect/${route}`,
      scope: 'mcp:access profile offline_access',
    });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toMatch(new RegExp(`^${ISSUER}/consent/[A-Za-z0-9_-]{32}$`));
    expect([response.headers.get('cache-control'), response.headers.get('referrer-policy')]).toEqual([
      'no-store',
      'no-referrer',
    ]);
    expect(await rowOf(response)).toMatchObject({
      oauthClientId: client.id,
      redirectUri: CALLBACK,
      registeredRedirectUri: CALLBACK,
      connectionId: connection.id,
      connectResourceId: connection.resource.id,
      scopes: ['mcp:access', 'profile'],
      state: 'xyz',
      status: 'pending',
      sessionId: null,
    });
  });

  test('without scope and resource means mcp:access and whatever the person picks', async () => {
    expect(await rowOf(await ask())).toMatchObject({ scopes: ['mcp:access'], connectionId: null, resource: null });
  });

  test('field notes C23, C24, C25: on loopback the port is free, and what was sent is what the code will be bound to', async () => {
    const row = await rowOf(await ask({ redirect_uri: 'http://127.0.0.1:49152' }));
    expect(row).toMatchObject({ redirectUri: 'http://127.0.0.1:49152', registeredRedirectUri: 'http://127.0.0.1/' });
  });

  test('field note E38: the root alias and POST work alike', async () => {
    expect((await ask({}, '/authorize')).status).toBe(303);
    const posted = await oauth.post('/oauth/authorize', queryOf());
    expect([posted.status, (await rowOf(posted)).state]).toEqual([303, 'xyz']);
  });

  test('the browser is bound by a cookie that it keeps for all its requests, and by its sign-in where it has one', async () => {
    const first = await ask();
    const cookie = first.headers.get('set-cookie') as string;
    expect(cookie).toMatch(/^grantway_browser=[A-Za-z0-9_-]{32}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    const value = /=([^;]+)/.exec(cookie)?.[1] as string;
    expect((await rowOf(first)).browserBindingHash).toBe(hashSecret(value));
    const viewer = oauth.as(user);
    const second = await ask({}, '/oauth/authorize', { cookie: `a=b; grantway_browser=${value}` });
    oauth.as(null);
    expect(second.headers.get('set-cookie')).toContain(value);
    expect(await rowOf(second)).toMatchObject({ browserBindingHash: hashSecret(value), sessionId: viewer?.sessionId });
    const planted = await ask({}, '/oauth/authorize', { cookie: 'grantway_browser=<evil>' });
    expect(planted.headers.get('set-cookie')).not.toContain('evil');
  });

  test.each(['plain', 'a b+c&d=e#f?g%', '"</script>\r\nSet-Cookie: x', '😀', 'x'.repeat(4_096)])(
    '#55 state %.20s is kept byte for byte',
    async (state) => {
      expect((await rowOf(await ask({ state }))).state).toBe(state);
    },
  );

  test('no state is no state', async () => {
    expect((await rowOf(await ask({ state: undefined }))).state).toBeNull();
  });

  test('field note C28: a prefetch changes nothing', async () => {
    const before = await rows();
    const hints: Record<string, string>[] = [{ 'sec-purpose': 'prefetch;prerender' }, { purpose: 'prefetch' }];
    for (const headers of hints) {
      const response = await ask({}, '/oauth/authorize', headers);
      expect([response.status, response.headers.get('set-cookie')]).toEqual([204, null]);
    }
    await oauth.app.request(`/oauth/authorize?${queryOf()}`, { method: 'HEAD' });
    expect(await rows()).toBe(before);
  });
});

describe('phase 1: a page, and nothing is sent anywhere', () => {
  test('#42, field note D33: an unknown client, with the way out', async () => {
    await expectPage(await ask({ client_id: 'client_gone' }), 'remove the server from its settings and add it again');
    await expectPage(await ask({ client_id: 'x'.repeat(3_000) }));
    await expectPage(await ask({ client_id: 'é\t' }));
  });
  test('#42 a deleted client', async () => {
    const deleted = await makeClient(database);
    await database.db.oAuthClient.update({ where: { id: deleted.id }, data: { deletedAt: new Date() } });
    await expectPage(await ask({ client_id: deleted.clientId }));
  });
  test('#42, #64 a client or a redirect URI that comes twice', async () => {
    await expectPage(await oauth.get(`/oauth/authorize?${queryOf()}&client_id=${client.clientId}`), 'client_id');
    await expectPage(await oauth.get(`/oauth/authorize?${queryOf()}&redirect_uri=${encodeURIComponent(CALLBACK)}`));
    await expectPage(await oauth.post(`/oauth/authorize?client_id=${client.clientId}`, queryOf()));
  });
  test('no client, no redirect URI, nothing at all', async () => {
    await expectPage(await ask({ client_id: undefined }));
    await expectPage(await ask({ redirect_uri: undefined }));
    await expectPage(await oauth.get('/oauth/authorize'));
  });
  test.each([
    'https://evil.example/cb',
    `${HTTPS}&x`,
    `${CALLBACK}/`,
    'https://client.example/cb',
    'javascript:alert(1)',
    `${ISSUER}/consent`,
  ])('#43 the redirect URI %s is shown as text and never followed', async (redirectUri) => {
    await expectPage(await ask({ redirect_uri: redirectUri }));
  });
  test('#68 what is shown is escaped', async () => {
    await expectPage(await ask({ redirect_uri: 'https://x/"><img src=x onerror=alert(1)>' }), '&lt;img');
  });
  test('#55, #64 an address that cannot be read', async () => {
    await expectPage(await oauth.get(`/oauth/authorize?${queryOf()}&x=%zz`));
    await expectPage(await oauth.get(`/oauth/authorize?${queryOf({ state: undefined })}&state=%00`));
    await expectPage(await oauth.postJson('/oauth/authorize', { client_id: client.clientId }));
  });
});

describe('phase 2: the client hears it, with state and iss', () => {
  test.each<[string, Changes, string]>([
    ['#49 no response_type', { response_type: undefined }, 'invalid_request'],
    ['#49 token', { response_type: 'token' }, 'unsupported_response_type'],
    ['#49 code token', { response_type: 'code token' }, 'unsupported_response_type'],
    ['#50 fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['#50 form_post', { response_mode: 'form_post' }, 'invalid_request'],
    ['#52 plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['#52 no method', { code_challenge_method: undefined }, 'invalid_request'],
    ['#52 s256', { code_challenge_method: 's256' }, 'invalid_request'],
    ['#53 no challenge', { code_challenge: undefined }, 'invalid_request'],
    ['#53 42 characters', { code_challenge: 'a'.repeat(42) }, 'invalid_request'],
    ['#53 44 characters', { code_challenge: `${'a'.repeat(43)}=` }, 'invalid_request'],
    ['#53 128 characters', { code_challenge: 'a'.repeat(128) }, 'invalid_request'],
    ['#53 base64 that is not base64url', { code_challenge: `${'a'.repeat(41)}+/` }, 'invalid_request'],
    ['#60 unknown scopes alone', { scope: 'admin' }, 'invalid_scope'],
    ['#60 control characters in scope', { scope: 'mcp:access\u0001' }, 'invalid_scope'],
    ['#60 a thousand scopes', { scope: 'x '.repeat(1_000) }, 'invalid_scope'],
    ['#64 a request object', { request: 'eyJ' }, 'request_not_supported'],
    ['#82 request_uri', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri_not_supported'],
    ['#62 prompt=none, signed out', { prompt: 'none' }, 'login_required'],
    ['#62 prompt=none and another', { prompt: 'none login' }, 'invalid_request'],
    ['#58 a fragment', { resource: `${ISSUER}/mcp-connect/x#y` }, 'invalid_target'],
    ['#58 relative', { resource: '/mcp-connect/x' }, 'invalid_target'],
    [
      '#58 unknown',
      {
        resource: `${ISSUER}/mcp-connect/user/0198c5a2-0000-7000-8000-000000000001/0198c5a2-0000-7000-8000-000000000002/${'a'.repeat(32)}`,
      },
      'invalid_target',
    ],
    ["#58 the upstream's own", { resource: 'http://127.0.0.1:9/mcp' }, 'invalid_target'],
  ])('%s', async (_what, changes, error) => {
    const before = await rows();
    await expectRedirect(await ask(changes), error);
    expect(await rows()).toBe(before);
  });

  test('#55 a state that is too long is refused and not sent back', async () => {
    await expectRedirect(await ask({ state: 'é'.repeat(2_049) }), 'invalid_request', null);
  });
  test('#64 any other parameter that comes twice', async () => {
    await expectRedirect(await oauth.get(`/oauth/authorize?${queryOf()}&scope=a&scope=b`), 'invalid_request');
    await expectRedirect(await oauth.get(`/oauth/authorize?${queryOf()}&state=abc`), 'invalid_request', null);
  });
  test("the answer keeps the redirect URI's own query", async () => {
    await expectRedirect(
      await ask({ redirect_uri: HTTPS, response_type: 'token' }),
      'unsupported_response_type',
      'xyz',
      `${HTTPS}&`,
    );
  });
});

describe('the resource', () => {
  const canonical = () => `${ISSUER}/mcp-connect/${route}`;
  test('#58, field note E40: spelling does not matter', async () => {
    for (const resource of [`${canonical()}/`, canonical().replace('http://localhost', 'HTTP://LOCALHOST')]) {
      expect(await rowOf(await ask({ resource }))).toMatchObject({ connectionId: connection.id, resource });
    }
  });
  test('field note E40: the origin alone counts as none', async () => {
    expect((await rowOf(await ask({ resource: `${ISSUER}/` }))).connectionId).toBeNull();
    expect((await rowOf(await ask({ resource: ISSUER }, `/oauth/authorize/${route}`))).connectionId).toBe(
      connection.id,
    );
  });
  test('the route form names it, and must agree with the parameter', async () => {
    expect((await rowOf(await ask({}, `/oauth/authorize/${route}`))).connectionId).toBe(connection.id);
    expect((await rowOf(await ask({ resource: canonical() }, `/oauth/authorize/${route}`))).connectionId).toBe(
      connection.id,
    );
    const other = await makeConnection(database, { userId: user.id });
    const otherRoute = `user/${user.id}/${other.id}/${other.resource.routeKey}`;
    await expectRedirect(await ask({ resource: canonical() }, `/oauth/authorize/${otherRoute}`), 'invalid_target');
    await expectRedirect(await ask({}, '/oauth/authorize/user/1/2/3'), 'invalid_target');
  });
  test('#58 one slash too many is another address, here as at the token endpoint', async () => {
    await expectRedirect(await ask({ resource: `${canonical()}//` }), 'invalid_target');
  });
  test('#58 two of them are refused', async () => {
    const one = encodeURIComponent(canonical());
    await expectRedirect(
      await oauth.get(`/oauth/authorize?${queryOf()}&resource=${one}&resource=${one}`),
      'invalid_target',
    );
  });
  test('a disabled connection and a retired route are unknown', async () => {
    const disabled = await makeConnection(database, { userId: user.id });
    const resource = `${ISSUER}/mcp-connect/user/${user.id}/${disabled.id}/${disabled.resource.routeKey}`;
    await database.db.connection.update({ where: { id: disabled.id }, data: { status: 'disabled' } });
    await expectRedirect(await ask({ resource }), 'invalid_target');
  });
});

describe('what a client registered limits it', () => {
  test('#60 to its scopes, where it registered any', async () => {
    const narrow = await makeClient(database);
    await database.db.oAuthClient.update({
      where: { id: narrow.id },
      data: { scopes: ['mcp:access', 'offline_access'] },
    });
    const asked = await ask({ client_id: narrow.clientId, scope: 'profile mcp:access' });
    expect((await rowOf(asked)).scopes).toEqual(['mcp:access']);
    await expectRedirect(await ask({ client_id: narrow.clientId, scope: 'profile' }), 'invalid_scope');
  });
});

describe('prompt', () => {
  test('#62 consent and unknown values go to consent', async () => {
    for (const prompt of ['consent', 'select_account', 'whatever'])
      expect((await rowOf(await ask({ prompt }))).prompt).toBe(prompt);
  });
  const withSession = async (ageSeconds: number) => {
    const viewer = oauth.as(user);
    await database.db.session.create({
      data: {
        id: viewer?.sessionId as string,
        userId: user.id,
        token: viewer?.sessionId as string,
        expiresAt: new Date(Date.now() + 3_600_000),
        createdAt: new Date(Date.now() - ageSeconds * 1000),
      },
    });
    return viewer;
  };
  const approveAs = async (response: Response, sessionId: string) => {
    const handle = response.headers.get('location')?.split('/').at(-1) ?? '';
    const binding = /grantway_browser=([^;]+)/.exec(response.headers.get('set-cookie') ?? '')?.[1] as string;
    const providers = await providersOf(database);
    const settings = { issuer: ISSUER, codeLifetime: 60, clock: () => new Date(), providers, looks: UNLIMITED };
    const decider = { userId: user.id, browser: { binding, sessionId } };
    return approve(database, handle, decider, { connectionId: connection.id }, settings);
  };
  test('#62 login: nothing is approved before the person has signed in once more', async () => {
    const before = await withSession(60);
    const asked = await ask({ prompt: 'login' });
    expect(await approveAs(asked, before?.sessionId as string)).toEqual({
      ok: false,
      reason: { kind: 'sign_in_required' },
    });
    const after = await withSession(-1);
    expect((await approveAs(asked, after?.sessionId as string)).ok).toBe(true);
    oauth.as(null);
  });
  test('#62 max_age: a sign-in that is older counts as none', async () => {
    await withSession(100);
    expect((await rowOf(await ask({ max_age: '1000' }))).prompt).toBeNull();
    expect((await rowOf(await ask({ max_age: '99' }))).prompt).toBe('login');
    expect((await rowOf(await ask({ max_age: '0', prompt: 'consent' }))).prompt).toBe('consent login');
    await expectRedirect(await ask({ max_age: '99', prompt: 'none' }), 'login_required');
    await expectRedirect(await ask({ max_age: 'x' }), 'invalid_request');
    oauth.as(null);
    expect((await rowOf(await ask({ max_age: '99' }))).prompt).toBeNull();
  });
  test('#62, #63 none never bounces to a host that this person has not let in', async () => {
    oauth.as(user);
    const before = await ask({ prompt: 'none', redirect_uri: HTTPS });
    expect(before.headers.get('location')).toContain('/consent/');
    await signIn(database, { user, client, connection, redirectUri: HTTPS });
    await expectRedirect(await ask({ prompt: 'none', redirect_uri: HTTPS }), 'consent_required', 'xyz', HTTPS);
    oauth.as(null);
    expect((await ask({ prompt: 'none', redirect_uri: HTTPS })).headers.get('location')).toContain('/consent/');
  });
});

test('#81 requests are limited by address, with a page', async () => {
  oauth.from('203.0.113.77');
  const statuses = [];
  for (let count = 0; count < 121; count++) statuses.push((await ask()).status);
  expect(statuses.filter((status) => status === 303)).toHaveLength(120);
  const response = await ask();
  expect([response.status, response.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8']);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  oauth.from('198.51.100.7');
});

test('a fault that will pass is a page with Retry-After', async () => {
  const away = await openTestOAuth({
    ...database,
    db: {
      oAuthClient: { findUnique: () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })) },
    } as never,
  });
  const response = await away.get(`/oauth/authorize?${queryOf()}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  expect(response.headers.get('retry-after')).toBe('2');
});
