/** SECURITY group B, first half: what a client may say of itself, and who may change it. */
import { CALLBACK, postForm, postJson, registerClient, visit } from '../actors/bare-client.ts';
import { expect, isTaken, refusalOf, test } from '../fixtures/protocol.ts';

type Manage = { method: string; body?: object; token?: string };
const manage = (url: string, { method, body, token }: Manage): Promise<Response> =>
  fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const uriOf = (registration: Record<string, unknown>) => String(registration.registration_client_uri);
const tokenOf = (registration: Record<string, unknown>) => String(registration.registration_access_token);

test('#13 whatever is no client metadata is refused in words, and never breaks anything', async ({ gateway }) => {
  const url = `${gateway.url}/oauth/register`;
  const good = JSON.stringify({ redirect_uris: [CALLBACK] });
  const bodies = [
    'null',
    '[]',
    '"x"',
    '7',
    '{',
    '',
    `{"redirect_uris":["${CALLBACK}"],"redirect_uris":["${CALLBACK}"]}`,
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    '{"redirect_uris":null}',
    '{"redirect_uris":[]}',
    `{"redirect_uris":["${CALLBACK}\\u0000"]}`,
    `{"redirect_uris":["${CALLBACK}\\ud800"]}`,
    `{"redirect_uris":["${CALLBACK}"],"grant_types":[{}]}`,
  ];
  for (const body of bodies) {
    const [status, error] = await refusalOf(await postJson(url, body));
    expect([status, error], body.slice(0, 40)).toEqual([
      400,
      expect.stringMatching(/^invalid_(client_metadata|redirect_uri)$/),
    ]);
  }
  expect((await refusalOf(await postJson(url, `{"x":"${'x'.repeat(1_000_000)}"}`)))[0]).toBe(413);
  expect((await refusalOf(await postForm(url, { redirect_uris: CALLBACK })))[0]).toBe(415);
  expect((await refusalOf(await postJson(url, good, { 'content-type': 'text/plain' })))[0]).toBe(415);
  expect((await refusalOf(await visit(url)))[0]).toBe(405);
  // Strange text is stored as far as it can be.
  expect((await postJson(url, `{"redirect_uris":["${CALLBACK}"],"client_name":"a\\u0000b\\ud800"}`)).status).toBe(201);
});

test('#14, #15 a redirect URI is judged by its parsed scheme and host, and one bad one refuses all', async ({
  gateway,
}) => {
  const own = new URL(gateway.url);
  const bad = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://x/y',
    'about:blank',
    'intent://x#Intent;end',
    'http://example.com/cb',
    'https://example.com/cb#f',
    'https://user@example.com/cb',
    'https://*.example.com/cb',
    'https://example.com/*',
    'https://example.com/a/../cb',
    'https://example.com/a/%2e%2e/cb',
    'https://example.com\\cb',
    'https://exämple.com/cb',
    'https://example.com./cb',
    'https:///cb',
    '/cb',
    `https://example.com/${'x'.repeat(4_000)}`,
    `${gateway.url}/oauth/provider/callback`,
    `http://127.0.0.1:${own.port}/login`,
    `http://[::1]:${own.port}/authorize`,
  ];
  for (const uri of bad) {
    const answer = await postJson(`${gateway.url}/oauth/register`, { redirect_uris: [CALLBACK, uri] });
    expect(await refusalOf(answer), uri).toEqual([400, 'invalid_redirect_uri']);
  }
  const many = Array.from({ length: 51 }, (_, index) => `${CALLBACK}/${index}`);
  expect((await postJson(`${gateway.url}/oauth/register`, { redirect_uris: many })).status).toBe(400);
});

test('#21, field notes C25, C26 https, loopback and private-use schemes in one registration, whatever the application type', async ({
  gateway,
}) => {
  // What Cursor and VS Code register, each in one request.
  const cursor = [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://www.cursor.com/agents/mcp/oauth/callback',
    'http://localhost:8787/callback',
  ];
  const code = [
    'https://vscode.dev/redirect',
    'https://insiders.vscode.dev/redirect',
    'http://127.0.0.1/',
    'http://127.0.0.1:33418/',
  ];
  for (const redirectUris of [cursor, code]) {
    for (const applicationType of ['web', 'native', 'nonsense', undefined]) {
      const { registration } = await registerClient(gateway.url, {
        redirect_uris: redirectUris,
        application_type: applicationType,
      });
      expect(registration.redirect_uris).toEqual(redirectUris);
    }
  }
});

test('#17, field notes D34, D35 what is registered is echoed, and nothing else reaches the row', async ({
  gateway,
}) => {
  const sent = {
    scope: 'mcp:access admin',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'password', 'implicit'],
    response_types: ['code', 'token'],
    software_statement: 'e30.e30.',
    id: '1',
    ownerId: '1',
    organizationId: '1',
    trusted: true,
    firstParty: true,
    skipConsent: true,
    createdAt: '2000-01-01',
    client_id: 'chosen',
    client_secret: 'chosen',
    registration_access_token: 'chosen',
    constructor: { x: 1 },
  };
  const { registration } = await registerClient(gateway.url, sent);
  expect(registration).toMatchObject({
    scope: 'mcp:access',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    client_id_issued_at: expect.any(Number),
  });
  expect(registration).not.toHaveProperty('client_secret');
  expect(JSON.stringify(registration)).not.toMatch(/chosen|trusted|skipConsent|admin|ownerId|software_statement/);
  const onlyPasswords = await postJson(`${gateway.url}/oauth/register`, {
    redirect_uris: [CALLBACK],
    grant_types: ['password'],
  });
  expect(await refusalOf(onlyPasswords)).toEqual([400, 'invalid_client_metadata']);
});

test('#18 a name is one line of limited length, and cannot turn itself around', async ({ gateway }) => {
  for (const name of [
    '<img src=x onerror=alert(1)>',
    'Google\u202egnp',
    'line\nbreak',
    'x'.repeat(10_000),
    'Grantway',
  ]) {
    const { registration } = await registerClient(gateway.url, { client_name: name });
    const stored = String(registration.client_name);
    expect(stored.length).toBeLessThanOrEqual(120);
    expect(stored).not.toMatch(/[\u202a-\u202e\r\n]/);
  }
});

test('#20 every secret is its own, and of full length', async ({ gateway }) => {
  const confidential = { token_endpoint_auth_method: 'client_secret_basic' };
  const both = await Promise.all([1, 2].map(() => registerClient(gateway.url, confidential)));
  const secrets = both.flatMap(({ registration }) => [String(registration.client_secret), tokenOf(registration)]);
  expect(new Set(secrets).size).toBe(4);
  // gws_ or gwt_, 256 random bits, and a checksum by which scanners know a leak (#277).
  for (const secret of secrets) expect(secret).toMatch(/^gw[st]_[A-Za-z0-9_-]{43}[a-z0-9]{7}$/);
});

test('#22 a registration is its own token’s alone, and another client, token or kind of token hear the same', async ({
  gateway,
  signIn,
  client,
}) => {
  const [mine, theirs] = await Promise.all([1, 2].map(() => registerClient(gateway.url)));
  const url = uriOf(mine?.registration ?? {});
  const { tokens } = await signIn(client);
  const wrong: (string | undefined)[] = [
    undefined,
    tokenOf(theirs?.registration ?? {}),
    tokens.access_token,
    tokens.refresh_token,
    'nonsense',
  ];
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const bodies = new Set<string>();
    for (const token of wrong) {
      const answer = await manage(url, { method, ...(token === undefined ? {} : { token }) });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([401, 'no-store']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      if (token !== undefined) bodies.add(await answer.text());
    }
    const unknown = await manage(`${gateway.url}/oauth/register/client_unknown`, {
      method,
      token: tokenOf(mine?.registration ?? {}),
    });
    bodies.add(await unknown.text());
    expect(bodies.size).toBe(1);
  }
  const inQuery = await visit(`${url}?access_token=${tokenOf(mine?.registration ?? {})}`);
  expect(inQuery.status).toBe(401);
  expect((await manage(url, { method: 'GET', token: tokenOf(mine?.registration ?? {}) })).status).toBe(200);
});

test('#23, #24 a change is judged as a whole, writes nothing that is the server’s, and ends what it takes away', async ({
  gateway,
  connection,
  signIn,
}) => {
  const client = await registerClient(gateway.url, { redirect_uris: [CALLBACK, 'https://client.example/cb'] });
  const { tokens } = await signIn(client);
  const url = uriOf(client.registration);
  const put = (changes: object) =>
    manage(url, {
      method: 'PUT',
      token: tokenOf(client.registration),
      body: { client_id: client.id, redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', ...changes },
    });
  for (const changes of [
    { client_id: 'another' },
    { registration_access_token: 'chosen' },
    { client_id_issued_at: 1 },
    { client_secret: 'chosen' },
    { token_endpoint_auth_method: 'client_secret_basic' },
    { redirect_uris: ['javascript:alert(1)'] },
    { redirect_uris: [CALLBACK, 'http://example.com/'] },
  ]) {
    expect((await refusalOf(await put(changes)))[0], JSON.stringify(changes)).toBe(400);
  }
  expect(await isTaken(connection.url, tokens.access_token)).toBe(true);
  // Giving up a redirect URI that the grant did not use ends nothing; giving up the one that it used ends it.
  expect((await put({})).status).toBe(200);
  expect(await isTaken(connection.url, tokens.access_token)).toBe(true);
  expect((await put({ redirect_uris: [`${CALLBACK}/`] })).status).toBe(200);
  expect(await isTaken(connection.url, tokens.access_token)).toBe(false);
  expect(
    await refusalOf(await postForm(`${gateway.url}/oauth/token`, client.refreshForm(tokens.refresh_token ?? ''))),
  ).toEqual([400, 'invalid_grant']);
});

test('#25 a client that deletes itself loses everything at once', async ({ gateway, connection, signIn, person }) => {
  const client = await registerClient(gateway.url);
  const { tokens } = await signIn(client);
  const deletion = { method: 'DELETE', token: tokenOf(client.registration) };
  expect((await manage(uriOf(client.registration), deletion)).status).toBe(204);
  expect(await isTaken(connection.url, tokens.access_token)).toBe(false);
  // A client that is gone is 401 invalid_client (field note D33), by which real clients register anew.
  const refresh = await postForm(`${gateway.url}/oauth/token`, client.refreshForm(tokens.refresh_token ?? ''));
  expect(await refusalOf(refresh)).toEqual([401, 'invalid_client']);
  expect((await manage(uriOf(client.registration), deletion)).status).toBe(401);
  expect(await person.grants()).toEqual([]);
});
