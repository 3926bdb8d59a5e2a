/** SECURITY group D: the exchange of a code, exactly as it was asked for, once. */
import { setTimeout as pause } from 'node:timers/promises';
import { type BareClient, type Fields, postForm, postJson, registerClient } from '../actors/bare-client.ts';
import { approve } from '../fixtures/consent.ts';
import { test as base, expect, isTaken, refusalOf } from '../fixtures/protocol.ts';

type Approved = { form: Fields; verifier: string };
const test = base.extend<{ approved: (client: BareClient, changes?: Fields) => Promise<Approved>; token: string }>({
  /** The endpoint. */
  token: async ({ gateway }, use) => use(`${gateway.url}/oauth/token`),
  /** Everything that redeems a fresh code. */
  approved: async ({ context, person, connection }, use) =>
    use(async (client, changes = {}) => {
      const asked = client.ask({ resource: connection.url, ...changes });
      return {
        form: client.codeForm(asked, await approve(context.request, person, asked.url)),
        verifier: asked.verifier,
      };
    }),
});

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});
const tokensOf = async (response: Response) => {
  expect(response.status).toBe(200);
  return (await response.json()) as { access_token: string; refresh_token: string; scope: string };
};

test('#83 public or confidential, with every method of its own: a bearer token, in no cache', async ({
  gateway,
  token,
  approved,
}) => {
  for (const method of ['none', 'client_secret_post', 'client_secret_basic']) {
    const client = await registerClient(gateway.url, { token_endpoint_auth_method: method });
    const { form } = await approved(client);
    const byHeader = method === 'client_secret_basic';
    const { client_secret: secret, client_id: id, ...rest } = form;
    const response = await postForm(token, byHeader ? rest : form, byHeader ? basic(String(id), String(secret)) : {});
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect([response.headers.get('cache-control'), response.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    const tokens = await response.json();
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'mcp:access' });
    expect(tokens).not.toHaveProperty('id_token');
  }
});

test('#84 whatever is no form by POST is refused in words', async ({ token, client, approved }) => {
  const { form } = await approved(client);
  const query = new URLSearchParams(form as Record<string, string>).toString();
  const send = (init: RequestInit, url = token) => fetch(url, init);
  const type = (contentType: string) => ({ method: 'POST', body: query, headers: { 'content-type': contentType } });
  const tried: [Promise<Response>, number][] = [
    [send({ method: 'GET' }, `${token}?${query}`), 405],
    [send({ method: 'PUT', body: query }), 405],
    [postJson(token, form), 415],
    [send(type('multipart/form-data; boundary=x')), 415],
    [send(type('application/x-www-form-urlencode')), 415],
    [send(type('x'.repeat(5_000))), 415],
    [send({ method: 'POST' }), 415],
    [postForm(token, {}), 400],
    [send({ ...type('application/x-www-form-urlencoded'), body: 'grant_type=%zz' }), 400],
    [postForm(`${token}?${query}`, { grant_type: 'authorization_code' }), 401], // of the query nothing is read: no client_id
    [postForm(token, { ...form, x: 'x'.repeat(100_000) }), 413],
  ];
  for (const [answer, status] of tried) expect((await refusalOf(await answer))[0], String(status)).toBe(status);
  // A charset is no other type. And nothing of the above has used the code up.
  await tokensOf(await send(type('application/x-www-form-urlencoded; charset=utf-8')));
});

test('#86, #64 other grants are not supported, and no parameter comes twice', async ({ token, client, approved }) => {
  const { form } = await approved(client);
  for (const grantType of [
    'password',
    'client_credentials',
    'implicit',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'AUTHORIZATION_CODE',
  ]) {
    const refused = await postForm(token, { ...form, grant_type: grantType });
    expect(await refusalOf(refused), grantType).toEqual([400, 'unsupported_grant_type']);
  }
  expect(await refusalOf(await postForm(token, { ...form, grant_type: undefined }))).toEqual([400, 'invalid_request']);
  for (const name of ['code', 'client_id', 'redirect_uri', 'code_verifier', 'grant_type']) {
    const twice = await postForm(token, { ...form, [name]: [String(form[name]), String(form[name])] });
    expect((await refusalOf(twice))[0], name).toBe(400);
  }
  await tokensOf(await postForm(token, form));
});

test('#87 a client authenticates as it registered and in no other way; what was refused consumed nothing', async ({
  gateway,
  token,
  approved,
}) => {
  const client = await registerClient(gateway.url, { token_endpoint_auth_method: 'client_secret_basic' });
  const { form } = await approved(client);
  const { client_secret: secret, ...withoutSecret } = form;
  const wrong: [Fields, Record<string, string>][] = [
    [form, {}], // by post
    [withoutSecret, {}], // not at all
    [withoutSecret, basic(client.id, 'gws_wrong')],
    [withoutSecret, basic('client_other', String(secret))],
    [withoutSecret, { authorization: 'Basic %%%' }],
  ];
  for (const [fields, headers] of wrong) {
    const response = await postForm(token, fields, headers);
    expect(response.headers.get('www-authenticate') ?? '').toMatch('authorization' in headers ? /^Basic / : /^$/);
    expect(await refusalOf(response)).toEqual([401, 'invalid_client']);
  }
  const both = await postForm(token, form, basic(client.id, String(secret)));
  expect(await refusalOf(both)).toEqual([400, 'invalid_request']);
  await tokensOf(await postForm(token, withoutSecret, basic(client.id, String(secret))));

  const open = await registerClient(gateway.url);
  const public_ = await approved(open);
  const withSecret = await postForm(token, { ...public_.form, client_secret: 'x' });
  expect(await refusalOf(withSecret)).toEqual([401, 'invalid_client']);
  await tokensOf(await postForm(token, { ...public_.form, client_secret: '' })); // an empty one is none
});

test('#89 guesses are limited by client and address, and an unknown client and a wrong secret answer alike', async ({
  gateway,
  token,
}) => {
  const client = await registerClient(gateway.url, { token_endpoint_auth_method: 'client_secret_post' });
  const guess = (id: string, address: string) =>
    postForm(
      token,
      { grant_type: 'refresh_token', refresh_token: 'gwr_x', client_id: id, client_secret: 'wrong' },
      { 'x-forwarded-for': address },
    );
  const statuses = await Promise.all(Array.from({ length: 130 }, () => guess(client.id, '203.0.113.89')));
  const count = (status: number) => statuses.filter((one) => one.status === status).length;
  expect(count(429)).toBeGreaterThan(0);
  expect(count(401) + count(429)).toBe(130);
  expect((await guess(client.id, '203.0.113.89')).headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await refusalOf(await guess(client.id, '203.0.113.90'))).toEqual([401, 'invalid_client']);
  expect(await refusalOf(await guess('client_unknown', '203.0.113.91'))).toEqual([401, 'invalid_client']);
});

test('#90, #91, #92, #102, #105 what fails its checks is invalid_grant and consumes nothing, five times', async ({
  gateway,
  token,
  client,
  approved,
  connection,
}) => {
  const thief = await registerClient(gateway.url);
  const wrong: Fields[] = [
    { code_verifier: 'a'.repeat(43) },
    { code_verifier: '' },
    { code_verifier: undefined },
    { code_verifier: 'a'.repeat(42) },
    { code_verifier: 'a'.repeat(129) },
    { redirect_uri: undefined },
    { redirect_uri: 'http://127.0.0.1:1/callback' }, // another port than was asked for
    { redirect_uri: `${client.redirectUri}/` },
    { client_id: thief.id },
  ];
  const answers = new Set<string>();
  for (let from = 0; from < wrong.length; from += 4) {
    const { form } = await approved(client);
    for (const changes of wrong.slice(from, from + 4)) {
      const response = await postForm(token, { ...form, ...changes });
      answers.add(await response.clone().text());
      expect(await refusalOf(response), JSON.stringify(changes)).toEqual([400, 'invalid_grant']);
    }
    await tokensOf(await postForm(token, { ...form, resource: connection.url }));
  }
  expect(answers.size).toBe(1); // never which of them it was
  const { form, verifier } = await approved(client);
  for (let times = 0; times < 5; times += 1) {
    await postForm(token, { ...form, code_verifier: `${verifier.slice(1)}x` });
  }
  expect(await refusalOf(await postForm(token, form))).toEqual([400, 'invalid_grant']);
});

test('#54 a challenge cannot be left out on either side', async ({ token, client, approved }) => {
  const { form } = await approved(client);
  expect(await refusalOf(await postForm(token, { ...form, code_verifier: undefined }))).toEqual([400, 'invalid_grant']);
});

test('#93 no other secret passes for a code, nor a code for another', async ({
  gateway,
  token,
  client,
  signIn,
  approved,
}) => {
  const { tokens } = await signIn(client);
  const { form } = await approved(client);
  const others = [
    tokens.access_token,
    tokens.refresh_token ?? '',
    String(client.registration.registration_access_token),
    'x',
    `${form.code}x`,
  ];
  for (const code of others) {
    expect(await refusalOf(await postForm(token, { ...form, code }))).toEqual([400, 'invalid_grant']);
  }
  const asRefresh = await postForm(token, client.refreshForm(String(form.code)));
  expect(await refusalOf(asRefresh)).toEqual([400, 'invalid_grant']);
  const url = String(client.registration.registration_client_uri);
  expect((await fetch(url, { headers: { authorization: `Bearer ${form.code}` } })).status).toBe(401);
  expect(
    (await fetch(`${gateway.url}/oauth/userinfo`, { headers: { authorization: `Bearer ${form.code}` } })).status,
  ).toBe(401);
});

test('#96, #97, #104 a code again: with everything right the sign-in dies, with anything wrong it lives', async ({
  token,
  connection,
  client,
  signIn,
}) => {
  const { form, tokens } = await signIn(client);
  await pause(1_100); // within a second it is a race, which ends nothing
  const replay = (changes: Fields) => postForm(token, { ...form, ...changes });
  expect(await refusalOf(await replay({ code_verifier: 'b'.repeat(43) }))).toEqual([400, 'invalid_grant']);
  expect(await refusalOf(await replay({ redirect_uri: 'http://127.0.0.1:1/callback' }))).toEqual([
    400,
    'invalid_grant',
  ]);
  expect(await isTaken(connection.url, tokens.access_token)).toBe(true);
  expect(await refusalOf(await replay({}))).toEqual([400, 'invalid_grant']);
  expect(await isTaken(connection.url, tokens.access_token)).toBe(false);
  const refresh = await postForm(token, client.refreshForm(tokens.refresh_token ?? ''));
  expect(await refusalOf(refresh)).toEqual([400, 'invalid_grant']);
});

test('#100, #101 what ended between consent and exchange gives nothing', async ({
  context,
  gateway,
  token,
  connection,
  client,
  approved,
  person,
}) => {
  const end = async (form: Fields) => refusalOf(await postForm(token, form));
  const revoked = await approved(client);
  const [grant] = await person.grants();
  await person.revoke(grant?.id ?? '');
  expect(await end(revoked.form)).toEqual([400, 'invalid_grant']);

  const gone = await registerClient(gateway.url);
  const deleted = await approved(gone);
  const { registration_client_uri: uri, registration_access_token: secret } = gone.registration;
  await fetch(String(uri), { method: 'DELETE', headers: { authorization: `Bearer ${secret}` } });
  expect(await end(deleted.form)).toEqual([401, 'invalid_client']);

  const disabled = await approved(client);
  await person.ask('mutation ($input: ConnectionDisableInput!) { connectionDisable(input: $input) { __typename } }', {
    input: { connectionId: connection.id },
  });
  expect(await end(disabled.form)).toEqual([400, 'invalid_grant']);
  const asked = await context.request.get(client.ask({ resource: connection.url }).url.href, { maxRedirects: 0 });
  expect(asked.headers().location).toContain('error=invalid_target');
});

test('#102, #103 another resource is invalid_target and more scope is never given; nothing is consumed', async ({
  person,
  token,
  connection,
  client,
  approved,
  everything,
}) => {
  const other = await person.createConnection({ name: 'Other', remoteUrl: everything.url });
  const { form } = await approved(client);
  const wrong = [
    other.url,
    everything.url,
    [connection.url, connection.url],
    [connection.url, other.url],
    `${connection.url}#f`,
  ];
  for (const resource of wrong) {
    expect(await refusalOf(await postForm(token, { ...form, resource }))).toEqual([400, 'invalid_target']);
  }
  const tokens = await tokensOf(
    await postForm(token, { ...form, resource: `${connection.url}/`, scope: 'mcp:access profile' }),
  );
  expect(tokens.scope).toBe('mcp:access');
  expect(await isTaken(connection.url, tokens.access_token)).toBe(true);
  // The route form of the endpoint names it too, and its answers are in no cache either.
  const route = `${token}${new URL(other.url).pathname.replace('/mcp-connect', '')}`;
  expect(await refusalOf(await postForm(route, (await approved(client)).form))).toEqual([400, 'invalid_target']);
});

test('field note A4 five sign-ins of one client at once: verifiers that are mixed up burn none of them', async ({
  token,
  client,
  connection,
  approved,
}) => {
  const all = [
    await approved(client),
    await approved(client),
    await approved(client),
    await approved(client),
    await approved(client),
  ];
  for (const [index, { form }] of all.entries()) {
    const another = all[(index + 1) % all.length]?.verifier;
    const mixed = await postForm(token, { ...form, code_verifier: another });
    expect(await refusalOf(mixed)).toEqual([400, 'invalid_grant']);
  }
  const tokens = await Promise.all(all.map(async ({ form }) => tokensOf(await postForm(token, form))));
  for (const one of tokens) expect(await isTaken(connection.url, one.access_token)).toBe(true);
});
