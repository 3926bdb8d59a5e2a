/** SECURITY group C, first half: what is asked at the authorization endpoint, and where its answer may go. */
import { CALLBACK, encode, postForm, postJson, registerClient, visit } from '../actors/bare-client.ts';
import { approve, decide, openRequest } from '../fixtures/consent.ts';
import { signUp } from '../fixtures/person.ts';
import { expect, expectErrorRedirect, expectPage, refusalOf, test } from '../fixtures/protocol.ts';

const HTTPS = 'https://client.example/cb?fixed=1';
const consentId = (response: Response) => response.headers.get('location')?.split('/consent/')[1] ?? '';

test('#42, field note D33 an unknown or deleted client gets a page that says how to make it forget its registration', async ({
  gateway,
}) => {
  const client = await registerClient(gateway.url);
  const { url } = client.ask();
  const { registration_client_uri: uri, registration_access_token: token } = client.registration;
  await fetch(String(uri), { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
  await expectPage(await visit(url), 'remove the server from its settings and add it again');
  const other = await registerClient(gateway.url);
  for (const clientId of ['client_never', '', 'é', 'x'.repeat(3_000), ['a', 'b'], undefined]) {
    await expectPage(await visit(other.ask({ client_id: clientId }).url));
  }
  await expectPage(await visit(`${other.ask().url}&client_id[]=x&client_id=${other.id}`));
  // The token endpoint says the same in its own way: 401 invalid_client, by which clients register anew.
  const refresh = await postForm(`${gateway.url}/oauth/token`, client.refreshForm('gwr_x'));
  expect(await refusalOf(refresh)).toEqual([401, 'invalid_client']);
});

test('#43, #47 a redirect URI is compared as it stands; what differs gets a page, and is not led to', async ({
  gateway,
}) => {
  const client = await registerClient(gateway.url, { redirect_uris: [HTTPS, 'https://client.example:8443/cb'] });
  const different = [
    'https://client.example/CB?fixed=1',
    'https://client.example/cb/?fixed=1',
    'https://client.example/cb?fixed=1&more=1',
    'https://client.example/cb',
    'https://client.example/x/../cb?fixed=1',
    'https://client.example/%63b?fixed=1',
    'https://client.example/cb;x?fixed=1',
    'https://client.example/..;/cb?fixed=1',
    `${HTTPS}#f`,
    'https://client.example@evil.example/cb?fixed=1',
    'https://a@b@client.example/cb?fixed=1',
    'https://client.example:444/cb?fixed=1',
    'http://client.example/cb?fixed=1',
    'https://sub.client.example/cb?fixed=1',
    'https://client.example.evil.example/cb?fixed=1',
    'https:\\\\client.example/cb?fixed=1',
    'https://client.example\\.evil.example/cb?fixed=1',
    'https://client.exam\u200bple/cb?fixed=1',
    `${HTTPS}%252e`,
    `${HTTPS}1`,
    'https://client.example:8444/cb', // #47: port freedom is for loopback alone
    'http://127.0.0.1:8443/cb',
    `${gateway.url}/consent/x`,
    'javascript:alert(1)//https://client.example/cb',
  ];
  for (const redirectUri of different) await expectPage(await visit(client.ask({ redirect_uri: redirectUri }).url));
  await expectPage(await visit(client.ask({ redirect_uri: [HTTPS, HTTPS] }).url));
  await expectPage(await visit(client.ask({ redirect_uri: [HTTPS, 'https://evil.example/'] }).url));
  expect(consentId(await visit(client.ask({ redirect_uri: HTTPS }).url))).not.toBe('');
});

test('#44 a redirect URI has to be there, whether one is registered or several', async ({ gateway, client }) => {
  await expectPage(await visit(client.ask({ redirect_uri: undefined }).url));
  const several = await registerClient(gateway.url, { redirect_uris: [CALLBACK, HTTPS] });
  await expectPage(await visit(several.ask({ redirect_uri: undefined }).url));
});

test('#45, #46, field notes C23, C25 on loopback the port is free, and nothing else is', async ({ gateway }) => {
  const registered = ['http://127.0.0.1/cb', 'http://[::1]:3000/cb', 'http://127.0.0.1/'];
  const client = await registerClient(gateway.url, { redirect_uris: registered });
  for (const good of [
    'http://127.0.0.1:1/cb',
    'http://127.0.0.1:65535/cb',
    'http://[::1]:49152/cb',
    'http://127.0.0.1:33418',
  ]) {
    expect(consentId(await visit(client.ask({ redirect_uri: good }).url)), good).not.toBe('');
  }
  for (const bad of [
    'http://localhost:3000/cb',
    'http://127.0.0.2/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://0.0.0.0/cb',
    'https://127.0.0.1/cb',
    'http://127.0.0.1:3000/other',
    'http://127.0.0.1:3000/cb?x=1',
    'http://127.0.0.1:99999/cb',
    'http://[::]:3000/cb',
  ]) {
    await expectPage(await visit(client.ask({ redirect_uri: bad }).url));
  }
  const native = await registerClient(gateway.url, { redirect_uris: ['http://localhost:3000/oauth/callback'] });
  expect(consentId(await visit(native.ask({ redirect_uri: 'http://localhost:4711/oauth/callback' }).url))).not.toBe('');
  await expectPage(await visit(native.ask({ redirect_uri: 'http://127.0.0.1:3000/oauth/callback' }).url));
});

test('field note C26 a private-use scheme is answered, exactly as registered', async ({
  context,
  person,
  gateway,
  connection,
}) => {
  const uri = 'cursor://anysphere.cursor-mcp/oauth/callback';
  const client = await registerClient(gateway.url, { redirect_uris: [uri, 'https://www.cursor.com/cb', CALLBACK] });
  const answer = await approve(
    context.request,
    person,
    client.ask({ resource: connection.url, redirect_uri: uri }).url,
  );
  expect(answer.href.startsWith(`${uri}?code=`)).toBe(true);
  await expectPage(await visit(client.ask({ redirect_uri: `${uri}/` }).url));
  await expectPage(await visit(client.ask({ redirect_uri: 'cursor://evil/oauth/callback' }).url));
});

test('#49, #50, #52, #53, #54, #60, #64, #82 whatever else is wrong is told to the client, with state and issuer, and leaves nothing', async ({
  gateway,
  person,
}) => {
  const client = await registerClient(gateway.url, { redirect_uris: [HTTPS] });
  const wrong: [Record<string, string | string[] | undefined>, string][] = [
    [{ response_type: undefined }, 'invalid_request'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_type: 'id_token' }, 'unsupported_response_type'],
    [{ response_type: 'code token' }, 'unsupported_response_type'],
    [{ response_type: 'none' }, 'unsupported_response_type'],
    [{ response_type: ['code', 'code'] }, 'invalid_request'],
    [{ response_mode: 'fragment' }, 'invalid_request'],
    [{ response_mode: 'form_post' }, 'invalid_request'],
    [{ response_mode: 'query.jwt' }, 'invalid_request'],
    [{ response_mode: 'web_message' }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ code_challenge_method: undefined }, 'invalid_request'],
    [{ code_challenge_method: 's256' }, 'invalid_request'],
    [{ code_challenge_method: 'S512' }, 'invalid_request'],
    [{ code_challenge_method: '' }, 'invalid_request'],
    [{ code_challenge: undefined }, 'invalid_request'],
    [{ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    [{ code_challenge: 'a'.repeat(42) }, 'invalid_request'],
    [{ code_challenge: `${'a'.repeat(43)}=` }, 'invalid_request'],
    [{ code_challenge: `${'a'.repeat(41)}+/` }, 'invalid_request'],
    [{ code_challenge: 'é'.repeat(43) }, 'invalid_request'],
    [{ code_challenge: 'a'.repeat(129) }, 'invalid_request'],
    [{ code_challenge: ['a'.repeat(43), 'b'.repeat(43)] }, 'invalid_request'],
    [{ scope: 'admin' }, 'invalid_scope'],
    [{ scope: 'mcp:access\u0001' }, 'invalid_scope'],
    [{ scope: 'x '.repeat(1_000) }, 'invalid_scope'],
    [{ scope: ['mcp:access', 'profile'] }, 'invalid_request'],
    [{ request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    [{ request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri_not_supported'],
    [{ request_uri: 'http://127.0.0.1:1/x' }, 'request_uri_not_supported'],
  ];
  for (const [changes, error] of wrong) {
    await test.step(JSON.stringify(changes).slice(0, 60), async () => {
      const answer = expectErrorRedirect(await visit(client.ask(changes).url), gateway.url, `${HTTPS}&`, error);
      expect(answer.searchParams.get('state')).toBe('the state');
    });
  }
  expect(await person.grants()).toEqual([]);
});

test('#55 the state comes back byte for byte, encoded once, or not at all', async ({
  context,
  person,
  connection,
  client,
  gateway,
}) => {
  for (const state of ['a b+c&d=e%20', 'x\r\nSet-Cookie: y', '"\'</script>', '😀', 'x'.repeat(4_096)]) {
    const answer = await approve(context.request, person, client.ask({ resource: connection.url, state }).url);
    expect(answer.searchParams.getAll('state')).toEqual([state]);
  }
  const without = await approve(
    context.request,
    person,
    client.ask({ resource: connection.url, state: undefined }).url,
  );
  expect(without.searchParams.has('state')).toBe(false);
  const long = await visit(client.ask({ state: 'x'.repeat(4_097) }).url);
  expect(expectErrorRedirect(long, gateway.url, CALLBACK, 'invalid_request').searchParams.has('state')).toBe(false);
  await expectPage(await visit(`${client.ask({ state: undefined }).url}&state=%00`));
});

test('#56 every answer carries the issuer once: allowed, denied and refused alike', async ({
  context,
  person,
  gateway,
  connection,
  client,
}) => {
  const metadata = await (await fetch(`${gateway.url}/.well-known/oauth-authorization-server`)).json();
  const { url } = client.ask({ resource: connection.url });
  const allowed = await approve(context.request, person, url);
  const denied = await decide(person, await openRequest(context.request, url), 'Deny');
  for (const answer of [allowed, new URL(denied.redirectTo ?? '')]) {
    expect(answer.searchParams.getAll('iss')).toEqual([(metadata as { issuer: string }).issuer]);
    expect(answer.searchParams.get('state')).toBe('the state');
  }
  expect(new URL(denied.redirectTo ?? '').searchParams.get('error')).toBe('access_denied');
});

test('#58, field notes E40, E41 one resource, in any spelling of its own; the origin or none means the only one', async ({
  context,
  person,
  gateway,
  connection,
  client,
  everything,
  playwright,
}) => {
  const { url } = connection;
  const other = await playwright.request.newContext();
  const neighbour = await signUp(other, gateway.url, 'Neighbour');
  const theirs = await neighbour.createConnection({ name: 'Theirs', remoteUrl: everything.url });
  const bad: (string | string[])[] = [
    `${url}#f`,
    new URL(url).pathname,
    url.replace('http:', 'https:'),
    everything.url,
    `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`,
    `${url}/x`,
    'urn:x',
    [url, url],
    Array.from({ length: 60 }, () => url),
  ];
  for (const resource of bad) {
    expectErrorRedirect(await visit(client.ask({ resource }).url), gateway.url, CALLBACK, 'invalid_target');
  }
  const { port } = new URL(gateway.url);
  const path = new URL(url).pathname;
  for (const resource of [
    url,
    `${url}/`,
    `HTTP://LOCALHOST:${port}${path}`,
    gateway.url,
    `${gateway.url}/`,
    undefined,
  ]) {
    const answer = await approve(context.request, person, client.ask({ resource }).url);
    expect(answer.searchParams.get('code'), String(resource)).toMatch(/^gwc_/);
  }
  // Another tenant's is there, and not for this person.
  const asked = await openRequest(context.request, client.ask({ resource: theirs.url }).url);
  expect((await decide(person, asked)).__typename).toBe('ValidationError');
  // The route form and the parameter must agree.
  const form = `/oauth/authorize${path.replace('/mcp-connect', '')}`;
  expect((await approve(context.request, person, client.ask({}, form).url)).searchParams.has('code')).toBe(true);
  const disagreeing = client.ask({ resource: theirs.url }, form).url;
  expectErrorRedirect(await visit(disagreeing), gateway.url, CALLBACK, 'invalid_target');
  await other.dispose();
});

test('#60, field note E43 scopes: absent means mcp:access, offline_access is taken, what was granted is said', async ({
  client,
  signIn,
}) => {
  const granted = async (scope: string | undefined) => (await signIn(client, { scope })).tokens;
  expect(await granted(undefined)).toMatchObject({ scope: 'mcp:access', refresh_token: expect.any(String) });
  expect(await granted('mcp:access offline_access')).toMatchObject({ scope: 'mcp:access' });
  expect(await granted('mcp:access mcp:access admin')).toMatchObject({ scope: 'mcp:access' });
  expect(await granted('mcp:access profile openid')).toMatchObject({ scope: 'mcp:access profile' });
});

test('#62, #63 prompt=none is answered where the answer stays with the person, and never sends a browser to a stranger unseen', async ({
  context,
  person,
  gateway,
  connection,
}) => {
  const client = await registerClient(gateway.url, { redirect_uris: [CALLBACK, 'https://phish.example/cb'] });
  const silent = (redirectUri: string) =>
    client.ask({ resource: connection.url, prompt: 'none', redirect_uri: redirectUri }).url;
  expectErrorRedirect(await visit(silent(CALLBACK)), gateway.url, CALLBACK, 'login_required');
  const signedIn = await context.request.get(silent(CALLBACK).href, { maxRedirects: 0 });
  expect(signedIn.headers().location).toContain('error=consent_required');
  const strange = await context.request.get(silent('https://phish.example/cb').href, { maxRedirects: 0 });
  expect(strange.headers().location).toContain(`${gateway.url}/consent/`);
  const [requestId] = [strange.headers().location?.split('/').at(-1) ?? ''];
  // Only the person's own answer leads there.
  expect((await decide(person, requestId, 'Deny')).redirectTo).toContain(
    'https://phish.example/cb?error=access_denied',
  );
  for (const prompt of ['consent', 'select_account', 'whatever']) {
    expect(consentId(await visit(client.ask({ resource: connection.url, prompt }).url)), prompt).not.toBe('');
  }
});

test('#64 parameters come once, by query or by form, and in no other way', async ({ gateway, client }) => {
  const { url } = client.ask();
  const endpoint = `${gateway.url}/oauth/authorize`;
  expect(consentId(await postForm(endpoint, Object.fromEntries(url.searchParams)))).not.toBe('');
  await expectPage(await postForm(`${endpoint}?client_id=${client.id}`, Object.fromEntries(url.searchParams)));
  await expectPage(await postJson(endpoint, Object.fromEntries(url.searchParams)));
  const twice = await visit(`${url}&${encode({ prompt: ['consent', 'login'] })}`);
  expectErrorRedirect(twice, gateway.url, CALLBACK, 'invalid_request');
});

test('field notes C28, E38 a prefetch changes nothing; the aliases at the root work like the endpoints', async ({
  gateway,
  client,
  connection,
  context,
  person,
}) => {
  const { url } = client.ask();
  const hints: Record<string, string>[] = [{ 'sec-purpose': 'prefetch;prerender' }, { purpose: 'prefetch' }];
  for (const hint of hints) {
    const answer = await visit(url, hint);
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([204, null]);
  }
  const registered = await postJson(`${gateway.url}/register`, {
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'none',
  });
  expect(registered.status).toBe(201);
  const asked = client.ask({ resource: connection.url }, '/authorize');
  const answer = await approve(context.request, person, asked.url);
  const redeemed = await postForm(`${gateway.url}/token`, client.codeForm(asked, answer));
  expect([redeemed.status, redeemed.headers.get('cache-control')]).toEqual([200, 'no-store']);
});
