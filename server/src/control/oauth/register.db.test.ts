import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openTestOAuth, register, type TestOAuth } from '../../testing/oauth-app.ts';
import { CALLBACK, ISSUER, makeClient, makeConnection, makeUser, signIn } from '../../testing/scene.ts';

let database: Database;
let oauth: TestOAuth;
let addresses = 0;
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
});
beforeEach(() => oauth.from(`198.51.100.${++addresses}`));
afterAll(() => database.close());

const PUBLIC = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' };
const errorOf = async (response: Response) => [response.status, ((await response.json()) as { error: string }).error];

describe('registration', () => {
  test('field notes D34, D35: everything that was registered is echoed, and a public client gets no secret', async () => {
    const response = await oauth.postJson('/oauth/register', {
      ...PUBLIC,
      client_name: 'Claude Code (everything)',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'mcp:access',
      logo_uri: 'https://client.example/logo.png',
    });
    expect(response.status).toBe(201);
    expect([response.headers.get('cache-control'), response.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    const body = (await response.json()) as Record<string, unknown>;
    expect(body).toMatchObject({
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'none',
      client_name: 'Claude Code (everything)',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'mcp:access',
      logo_uri: 'https://client.example/logo.png',
      registration_client_uri: `${ISSUER}/oauth/register/${body.client_id}`,
    });
    expect(body.client_secret).toBeUndefined();
    expect(Number.isInteger(body.client_id_issued_at)).toBe(true);
    expect(body.client_id).not.toMatch(/^https?:/);
  });

  test('RFC 7591 §2: who says nothing of its authentication is confidential by the default method', async () => {
    const body = await register(oauth, { redirect_uris: [CALLBACK] });
    expect(body).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic', client_secret_expires_at: 0 });
    expect(body.client_secret).toMatch(/^gws_/);
  });

  test('#20 secrets are unique, and the database has their digests alone', async () => {
    const [one, two] = [
      await register(oauth, { redirect_uris: [CALLBACK] }),
      await register(oauth, { redirect_uris: [CALLBACK] }),
    ];
    expect(one.client_secret).not.toBe(two.client_secret);
    const row = await database.db.oAuthClient.findUniqueOrThrow({ where: { clientId: one.client_id as string } });
    expect(JSON.stringify(row)).not.toContain(one.client_secret);
    expect(JSON.stringify(row)).not.toContain(one.registration_access_token);
  });

  test('a client that lists only authorization_code is registered with that alone', async () => {
    expect(await register(oauth, { ...PUBLIC, grant_types: ['authorization_code'] })).toMatchObject({
      grant_types: ['authorization_code'],
    });
  });

  test('field note E38: the root alias registers too', async () => {
    expect((await oauth.postJson('/register', PUBLIC)).status).toBe(201);
  });

  test('a registration for a connect resource needs one that lives', async () => {
    const user = await makeUser(database);
    const connection = await makeConnection(database, { userId: user.id });
    const path = `/oauth/register/resource/user/${user.id}/${connection.id}/${connection.resource.routeKey}`;
    expect((await oauth.postJson(path, PUBLIC)).status).toBe(201);
    expect((await oauth.postJson(`${path.slice(0, -1)}${path.endsWith('_') ? '-' : '_'}`, PUBLIC)).status).toBe(404);
    expect((await oauth.postJson('/oauth/register/resource/user/1/2/3', PUBLIC)).status).toBe(404);
    expect((await oauth.postJson('/oauth/register/resource', PUBLIC)).status).toBe(404);
  });

  test.each([
    ['null', 400],
    ['[]', 400],
    ['"x"', 400],
    ['{', 400],
    ['', 400],
    ['{"redirect_uris":["https://a.example"],"redirect_uris":["https://b.example"]}', 400],
    [`{"redirect_uris":["https://a.example"],"client_name":"${'x'.repeat(70_000)}"}`, 413],
  ])('#13 the body %.60s is refused', async (body, status) => {
    expect(await errorOf(await oauth.postJson('/oauth/register', body))).toEqual([status, 'invalid_client_metadata']);
  });

  test('#13 a form is the wrong content type', async () => {
    expect(await errorOf(await oauth.post('/oauth/register', { a: 'b' }))).toEqual([415, 'invalid_client_metadata']);
  });

  test('#13, #18 strange text is stored as far as it can be', async () => {
    const name = '<script>\u202e\u0000\ud800 "Google"';
    const body = await register(oauth, { ...PUBLIC, client_name: name, software_id: '\u0000', contacts: ['a\u0000b'] });
    expect(body.client_name).toBe('<script> \ufffd "Google"');
  });

  test('#14 one bad redirect URI refuses the registration and is named', async () => {
    const response = await oauth.postJson('/oauth/register', { redirect_uris: [CALLBACK, 'data:text/html,<b>'] });
    const body = (await response.json()) as Record<string, string>;
    expect([response.status, body.error]).toEqual([400, 'invalid_redirect_uri']);
    expect(body.error_description).toContain('data:text/html');
  });

  test('#15 our own address is refused', async () => {
    const response = await oauth.postJson('/oauth/register', { redirect_uris: [`${ISSUER}/oauth/provider/callback`] });
    expect(await errorOf(response)).toEqual([400, 'invalid_redirect_uri']);
  });
});

describe('the limit', () => {
  test('#19 counts every probe before its path or body is looked at, by address, and answers as OAuth', async () => {
    const limited = await openTestOAuth(database, {
      limits: { replays: 20, registrationsPerMinute: 4, signInsPerMinute: 9 },
    });
    limited.from('203.0.113.1');
    const probes = [
      await limited.postJson('/oauth/register/resource/nonsense', {}),
      await limited.postJson('/oauth/register/resource/user/1/2/3', '{'),
      await limited.post('/register', 'x=1'),
      await limited.postJson('/oauth/register', '{'),
    ];
    expect(probes.map(({ status }) => status)).toEqual([404, 404, 415, 400]);
    for (const path of ['/oauth/register', '/register', '/oauth/register/resource/nonsense']) {
      const refused = await limited.postJson(path, PUBLIC);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.headers.get('cache-control')).toBe('no-store');
      expect(await errorOf(refused)).toEqual([429, 'too_many_requests']);
    }
    limited.from('203.0.113.2');
    expect((await limited.postJson('/oauth/register', PUBLIC)).status).toBe(201);
  });

  test('#19 one /64 of IPv6 is one address', async () => {
    const limited = await openTestOAuth(database, {
      limits: { replays: 20, registrationsPerMinute: 1, signInsPerMinute: 9 },
    });
    limited.from('2001:db8:1:2::1');
    expect((await limited.postJson('/register', PUBLIC)).status).toBe(201);
    limited.from('2001:db8:1:2:ffff::9');
    expect((await limited.postJson('/register', PUBLIC)).status).toBe(429);
  });
});

describe('management', () => {
  const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` });
  const pathOf = (body: Record<string, unknown>) => `/oauth/register/${body.client_id}`;
  /** What a client may send back of what it was told. */
  const metadataOf = (body: Record<string, unknown>) => {
    const {
      registration_access_token,
      registration_client_uri,
      client_id_issued_at,
      client_secret_expires_at,
      ...rest
    } = body;
    return rest;
  };
  const put = (
    body: Record<string, unknown>,
    changes: Record<string, unknown>,
    token = body.registration_access_token,
  ) => oauth.postJson(pathOf(body), { ...metadataOf(body), ...changes }, bearer(token), 'PUT');
  const rowOf = (body: Record<string, unknown>) =>
    database.db.oAuthClient.findUniqueOrThrow({ where: { clientId: body.client_id as string } });

  test('#19, #22 whoever asks for registrations of others is counted as whoever registers; an owner is not', async () => {
    const limited = await openTestOAuth(database, {
      limits: { replays: 20, registrationsPerMinute: 3, signInsPerMinute: 9 },
    });
    limited.from('203.0.113.77');
    const own = await register(limited, PUBLIC);
    const ask = (token: string | null, method = 'GET', path = `/oauth/register/${own.client_id}`) =>
      limited.app.request(path, { method, headers: token === null ? {} : { authorization: `Bearer ${token}` } });
    expect((await ask(null)).status).toBe(401);
    expect((await ask('nonsense', 'PUT', '/oauth/register/%00')).status).toBe(401);
    const refused = await ask('nonsense', 'DELETE');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await errorOf(refused)).toEqual([429, 'too_many_requests']);
    expect((await limited.postJson('/oauth/register', PUBLIC)).status).toBe(429);
    expect((await ask(own.registration_access_token as string)).status).toBe(200);
  });

  test('#22 reads with its own token, and answers every other token and client alike', async () => {
    const body = await register(oauth, PUBLIC);
    const other = await register(oauth, PUBLIC);
    const read = await oauth.get(pathOf(body), bearer(body.registration_access_token));
    expect([read.status, await read.json()]).toEqual([200, body]);
    const refusals = await Promise.all([
      oauth.get(pathOf(body), bearer(other.registration_access_token)),
      oauth.get('/oauth/register/client_nobody', bearer(body.registration_access_token)),
      oauth.get(pathOf(body), bearer('gwt_x')),
      oauth.get(pathOf(body), { authorization: `Basic ${body.registration_access_token}` }),
      oauth.get(`${pathOf(body)}?access_token=${body.registration_access_token}`),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(refusals.every((response) => response.headers.get('www-authenticate')?.startsWith('Bearer'))).toBe(true);
    expect(await refusals[0]?.text()).toBe(await refusals[1]?.text());
  });

  test('#23 what only the server writes, and another client_id, are refused', async () => {
    const body = await register(oauth, PUBLIC);
    for (const changes of [
      { client_id: 'client_other' },
      { client_id: undefined },
      { registration_access_token: body.registration_access_token },
      { client_id_issued_at: 1 },
      { client_secret: 'mine' },
      { token_endpoint_auth_method: 'client_secret_post' },
    ]) {
      expect(await errorOf(await put(body, changes))).toEqual([400, 'invalid_client_metadata']);
    }
  });

  test('#24 a change is validated as a whole', async () => {
    const body = await register(oauth, PUBLIC);
    expect(await errorOf(await put(body, { redirect_uris: [CALLBACK, 'javascript:x'] }))).toEqual([
      400,
      'invalid_redirect_uri',
    ]);
    expect((await rowOf(body)).redirectUris).toEqual([CALLBACK]);
  });

  const signedIn = async () => {
    const body = await register(oauth, { ...PUBLIC, redirect_uris: [CALLBACK, 'https://client.example/cb'] });
    const user = await makeUser(database);
    const connection = await makeConnection(database, { userId: user.id });
    const client = await rowOf(body);
    const one = await signIn(database, { user, client, connection });
    const two = await signIn(database, {
      user,
      client,
      connection,
      redirectUri: 'https://client.example/cb',
      scopes: ['mcp:access', 'profile'],
    });
    oauth.ended.length = 0;
    const live = async () =>
      Promise.all(
        [one, two].map(
          async ({ grantId }) =>
            (await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } })).status === 'active',
        ),
      );
    return { body, one, two, live, client };
  };

  test('what is only added keeps every grant', async () => {
    const { body, live } = await signedIn();
    const response = await put(body, {
      redirect_uris: [CALLBACK, 'https://client.example/cb', 'app.x:/cb'],
      client_name: 'New',
    });
    expect([response.status, ((await response.json()) as Record<string, unknown>).client_name]).toEqual([200, 'New']);
    expect(await live()).toEqual([true, true]);
  });

  test('a removed redirect URI ends the grants that were given to exactly it, with their streams', async () => {
    const { body, live, two } = await signedIn();
    expect((await put(body, { redirect_uris: [CALLBACK, 'https://client.example/cb/'] })).status).toBe(200);
    expect(await live()).toEqual([true, false]);
    expect(oauth.ended).toEqual([{ grantIds: [two.grantId] }]);
    const grant = await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: two.grantId } });
    expect(grant.revocationReason).toBe('client_changed');
  });

  test('a removed scope ends the grants that hold it', async () => {
    const { body, live } = await signedIn();
    expect((await put(body, { scope: 'mcp:access' })).status).toBe(200);
    expect(await live()).toEqual([true, false]);
  });

  test('refresh tokens given up end every grant', async () => {
    const { body, live } = await signedIn();
    expect((await put(body, { grant_types: ['authorization_code'] })).status).toBe(200);
    expect(await live()).toEqual([false, false]);
  });

  test('#25 deleting ends everything, and the token with it', async () => {
    const { body, live, one, two } = await signedIn();
    const response = await oauth.app.request(pathOf(body), {
      method: 'DELETE',
      headers: bearer(body.registration_access_token),
    });
    expect([response.status, response.headers.get('cache-control')]).toEqual([204, 'no-store']);
    expect(await live()).toEqual([false, false]);
    expect(oauth.ended[0]?.grantIds.toSorted()).toEqual([one.grantId, two.grantId].toSorted());
    expect((await oauth.get(pathOf(body), bearer(body.registration_access_token))).status).toBe(401);
    const refreshed = await oauth.post('/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token: String(one.refreshToken),
      client_id: String(body.client_id),
    });
    expect(await errorOf(refreshed)).toEqual([401, 'invalid_client']);
  });

  test('a client made by hand has no registration token', async () => {
    const client = await makeClient(database);
    expect((await oauth.get(`/oauth/register/${client.clientId}`, bearer('x'))).status).toBe(401);
    expect((await oauth.postJson(`/oauth/register/${client.clientId}`, {})).status).toBe(405);
  });
});
