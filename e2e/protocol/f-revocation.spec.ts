/** SECURITY group F: what ends an authorization, and who may ask about a token. */

import { bareClient, type Fields, postForm, registerClient, visit } from '../actors/bare-client.ts';
import { openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen, approve, decide, openRequest } from '../fixtures/consent.ts';
import { expect, isTaken, refusalOf, test } from '../fixtures/protocol.ts';
import { within } from '../fixtures/within.ts';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('#127, #129, #136 a client ends its sign-in, with any hint, twice, and by either token', async ({
  gateway,
  connection,
  client,
  person,
  signIn,
}) => {
  const revoke = (fields: Fields) => postForm(`${gateway.url}/oauth/revoke`, { client_id: client.id, ...fields });
  const hints = [undefined, 'refresh_token', 'access_token', 'nonsense'];
  for (const hint of hints) {
    for (const which of ['refresh_token', 'access_token'] as const) {
      const { tokens } = await signIn(client);
      const other = await signIn(client); // another sign-in under the same grant
      const ended = await revoke({ token: tokens[which], token_type_hint: hint });
      expect([ended.status, ended.headers.get('cache-control')], `${which} as ${hint}`).toEqual([200, 'no-store']);
      expect(await isTaken(connection.url, tokens.access_token)).toBe(false);
      expect(await isTaken(connection.url, other.tokens.access_token)).toBe(true);
      expect((await revoke({ token: tokens[which], token_type_hint: hint })).status).toBe(200);
      await revoke({ token: other.tokens.refresh_token });
    }
  }
  // The last sign-in took the grant along.
  expect(await person.grants()).toEqual([]);
  expect((await revoke({ token: 'gwr_unknown' })).status).toBe(200);
  expect(await refusalOf(await revoke({}))).toEqual([400, 'invalid_request']);
});

test('#132 only the client itself, authenticated as it registered, ends its tokens', async ({
  gateway,
  connection,
  signIn,
}) => {
  const url = `${gateway.url}/oauth/revoke`;
  const client = await registerClient(gateway.url, { token_endpoint_auth_method: 'client_secret_post' });
  const stranger = await registerClient(gateway.url);
  const { tokens } = await signIn(client);
  const token = tokens.refresh_token ?? '';
  for (const fields of [{ client_id: client.id }, { client_id: client.id, client_secret: 'gws_wrong' }, {}]) {
    expect(await refusalOf(await postForm(url, { token, ...fields }))).toEqual([401, 'invalid_client']);
  }
  expect((await postForm(url, { token, client_id: stranger.id })).status).toBe(200); // not its own: as if unknown
  expect(await isTaken(connection.url, tokens.access_token)).toBe(true);
  const own = { client_id: client.id, client_secret: client.registration.client_secret };
  expect((await postForm(url, { token, ...own })).status).toBe(200);
  expect(await isTaken(connection.url, tokens.access_token)).toBe(false);
});

test('#133, field note B17: a person ends a grant: tokens, codes, questions and streams are over with the answer', async ({
  context,
  gateway,
  person,
  connection,
}) => {
  const streaming = await openMcpClient(connection.url, { name: 'Streaming' });
  await streaming.signIn(allowUnseen(context.request, person));
  await streaming.rootsAsked; // over its standing stream
  const stream = streaming.wire.exchanges.findLast(({ isStream, method }) => isStream && method === 'GET');
  const { client_id: id } = streaming.memory.kept.registration ?? { client_id: '' };
  const { access_token: accessToken = '', refresh_token: refreshToken = '' } = streaming.memory.kept.tokens ?? {};

  // The same client, on its way in once more: a code that nobody has redeemed.
  const again = bareClient(gateway.url, { client_id: id }, streaming.callback.redirectUri);
  const asked = again.ask({ resource: connection.url });
  const answer = await approve(context.request, person, asked.url);

  const [grant] = await person.grants();
  await person.revoke(grant?.id ?? '');
  expect(await isTaken(connection.url, accessToken)).toBe(false);
  const token = `${gateway.url}/oauth/token`;
  expect(await refusalOf(await postForm(token, again.refreshForm(refreshToken)))).toEqual([400, 'invalid_grant']);
  expect(await refusalOf(await postForm(token, again.codeForm(asked, answer)))).toEqual([400, 'invalid_grant']);
  await within(1_000, 'the stream ends', stream?.ended ?? Promise.reject(new Error('There was no stream.')));
  await person.revoke(grant?.id ?? ''); // #136: and again, with the same answer
  expect((await person.grants('REVOKED')).map(({ status }) => status)).toEqual(['REVOKED']);
  await streaming.close();
});

test('field note B18 a revoked client is asked about again, and never let in silently', async ({
  page,
  context,
  person,
  connection,
  client,
  signIn,
}) => {
  await signIn(client);
  const [grant] = await person.grants();
  await person.revoke(grant?.id ?? '');
  const requestId = await openRequest(context.request, client.ask({ resource: connection.url }).url);
  await page.goto(`/consent/${requestId}`);
  await expect(page.getByRole('heading', { name: /^Allow access/ })).toBeVisible();
  expect((await decide(person, requestId)).redirectTo).toContain('code=');
});

test('#137, #138, #139 a client asks about its own tokens alone, and hears the truth of this moment', async ({
  gateway,
  person,
  signIn,
}) => {
  const url = `${gateway.url}/oauth/introspect`;
  const confidential = { token_endpoint_auth_method: 'client_secret_post' };
  const [mine, other] = await Promise.all([1, 2].map(() => registerClient(gateway.url, confidential)));
  if (!mine || !other) throw new Error('two were registered');
  const { tokens } = await signIn(mine);
  const ask = (by: typeof mine, token: string, more: Fields = {}) =>
    postForm(url, { token, client_id: by.id, client_secret: by.registration.client_secret, ...more });
  const told = async (response: Response) => [response.status, await response.json()];
  expect((await told(await ask(mine, tokens.access_token)))[1]).toMatchObject({ active: true, client_id: mine.id });
  expect(
    (await told(await ask(mine, tokens.refresh_token ?? '', { token_type_hint: 'access_token' })))[1],
  ).toMatchObject({ active: true });

  const inactive = [200, { active: false }];
  for (const token of [tokens.access_token, tokens.refresh_token ?? ''])
    expect(await told(await ask(other, token))).toEqual(inactive);
  for (const token of ['x', `${tokens.access_token}x`, String(mine.registration.registration_access_token)]) {
    expect(await told(await ask(mine, token))).toEqual(inactive);
  }
  const open = await registerClient(gateway.url);
  expect(await refusalOf(await postForm(url, { token: tokens.access_token }))).toEqual([401, 'invalid_client']);
  expect(await refusalOf(await postForm(url, { token: tokens.access_token, client_id: open.id }))).toEqual([
    401,
    'invalid_client',
  ]);
  expect(await refusalOf(await ask(mine, tokens.access_token, { client_secret: 'wrong' }))).toEqual([
    401,
    'invalid_client',
  ]);

  const [grant] = await person.grants();
  await person.revoke(grant?.id ?? '');
  for (const token of [tokens.access_token, tokens.refresh_token ?? ''])
    expect(await told(await ask(mine, token))).toEqual(inactive);
});

test('#140, #152 a token is for what it was issued for, and for nothing else', async ({
  gateway,
  connection,
  client,
  signIn,
}) => {
  const { tokens } = await signIn(client, { scope: 'mcp:access profile' });
  const { access_token: accessToken, refresh_token: refreshToken = '' } = tokens;
  const registration = String(client.registration.registration_access_token);
  const userinfo = (token: string) => visit(`${gateway.url}/oauth/userinfo`, bearer(token));
  expect((await userinfo(accessToken)).status).toBe(200);
  const without = await signIn(client);
  expect((await userinfo(without.tokens.access_token)).status).toBe(403); // no scope `profile`
  for (const token of [refreshToken, registration, 'x']) {
    expect((await userinfo(token)).status).toBe(401);
    expect(await isTaken(connection.url, token)).toBe(false);
  }
  const graphql = (token: string) =>
    fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { ...bearer(token), 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1' },
      body: JSON.stringify({ query: '{ viewer { user { email } } }' }),
    });
  for (const token of [accessToken, refreshToken, registration]) {
    const answer = await graphql(token);
    expect([answer.status, (await answer.text()).includes('@')]).toEqual([401, false]);
  }
  const manage = (token: string) => visit(String(client.registration.registration_client_uri), bearer(token));
  for (const token of [accessToken, refreshToken]) expect((await manage(token)).status).toBe(401);
});
