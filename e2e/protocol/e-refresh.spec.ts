/** SECURITY group E: refresh tokens that rotate, and that survive what real clients do with them. */
import { type BareClient, type Fields, postForm, registerClient, type TokenAnswer } from '../actors/bare-client.ts';
import { test as base, expect, isTaken, refusalOf } from '../fixtures/protocol.ts';

const test = base.extend<{ refresh: (client: BareClient, token: string, changes?: Fields) => Promise<Response> }>({
  refresh: async ({ gateway }, use) =>
    use((client, token, changes = {}) => postForm(`${gateway.url}/oauth/token`, client.refreshForm(token, changes))),
});

const tokensOf = async (response: Response): Promise<Required<TokenAnswer>> => {
  expect(response.status, await response.clone().text()).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as Required<TokenAnswer>;
};

test('#107, field note E41 a refresh gives a new token of the same scope, without a resource too', async ({
  connection,
  client,
  signIn,
  refresh,
}) => {
  const { tokens } = await signIn(client, { scope: 'mcp:access profile' });
  const next = await tokensOf(await refresh(client, tokens.refresh_token ?? ''));
  expect(next.scope).toBe('mcp:access profile');
  expect(next.refresh_token).not.toBe(tokens.refresh_token);
  expect(await isTaken(connection.url, next.access_token)).toBe(true);
  await tokensOf(await refresh(client, next.refresh_token, { resource: connection.url }));
});

test('#109, #120, #121, field notes A8, A9 whatever is refused rotates nothing', async ({
  gateway,
  person,
  connection,
  client,
  everything,
  signIn,
  refresh,
}) => {
  const { tokens } = await signIn(client);
  const token = tokens.refresh_token ?? '';
  const other = await person.createConnection({ name: 'Other', remoteUrl: everything.url });
  const thief = await registerClient(gateway.url);
  const wrong: [BareClient, Fields, [number, string]][] = [
    [thief, {}, [400, 'invalid_grant']],
    [client, { resource: other.url }, [400, 'invalid_target']],
    [client, { resource: `${connection.url}#f` }, [400, 'invalid_target']],
    [client, { resource: 'nonsense' }, [400, 'invalid_target']],
    [client, { resource: [connection.url, connection.url] }, [400, 'invalid_target']],
    [client, { scope: 'mcp:access profile' }, [400, 'invalid_scope']],
    [client, { client_secret: 'x' }, [401, 'invalid_client']],
    [client, { client_id: undefined }, [401, 'invalid_client']],
    [client, { refresh_token: undefined }, [400, 'invalid_request']],
  ];
  for (const [by, changes, answer] of wrong) expect(await refusalOf(await refresh(by, token, changes))).toEqual(answer);
  const next = await tokensOf(await refresh(client, token));
  expect(await isTaken(connection.url, next.access_token)).toBe(true);
});

test('#111, #112, #114, field notes A1, A2, A7 tokens that others have rotated still lead to the current one, never to a fork', async ({
  client,
  signIn,
  refresh,
}) => {
  const chain = [(await signIn(client)).tokens.refresh_token ?? ''];
  for (let round = 0; round < 3; round += 1) {
    chain.push((await tokensOf(await refresh(client, chain.at(-1) ?? ''))).refresh_token);
  }
  const head = chain.at(-1) ?? '';
  for (const old of chain.slice(0, -1)) expect((await tokensOf(await refresh(client, old))).refresh_token).toBe(head);
  const next = await tokensOf(await refresh(client, head)); // the one that was given works
  expect((await tokensOf(await refresh(client, chain[0] ?? ''))).refresh_token).toBe(next.refresh_token);
});

test('#113 twenty replays of one token get the one current token, the twenty-first is refused, and nobody is signed out', async ({
  client,
  connection,
  signIn,
  refresh,
}) => {
  const { tokens } = await signIn(client);
  const head = await tokensOf(await refresh(client, tokens.refresh_token ?? ''));
  for (let times = 0; times < 20; times += 1) {
    expect((await tokensOf(await refresh(client, tokens.refresh_token ?? ''))).refresh_token).toBe(head.refresh_token);
  }
  expect(await refusalOf(await refresh(client, tokens.refresh_token ?? ''))).toEqual([400, 'invalid_grant']);
  expect(await isTaken(connection.url, head.access_token)).toBe(true);
  await tokensOf(await refresh(client, head.refresh_token));
});

test('#115 the window does not outlive the grant', async ({ person, client, signIn, refresh }) => {
  const { tokens } = await signIn(client);
  const next = await tokensOf(await refresh(client, tokens.refresh_token ?? ''));
  const [grant] = await person.grants();
  await person.revoke(grant?.id ?? '');
  for (const token of [tokens.refresh_token ?? '', next.refresh_token]) {
    expect(await refusalOf(await refresh(client, token))).toEqual([400, 'invalid_grant']);
  }
});

test('#126 what cannot be a refresh token is invalid_grant', async ({ client, signIn, refresh }) => {
  const { tokens } = await signIn(client);
  const token = tokens.refresh_token ?? '';
  const wrong = [
    'x'.repeat(10_000),
    token.replace('gwr_', 'gwc_'),
    token.toUpperCase(),
    token.slice(0, -1),
    ` ${token}`,
    `${token} ${token}`,
    tokens.access_token,
    '',
  ];
  for (const one of wrong) {
    const [status, error] = await refusalOf(await refresh(client, one));
    expect([status, error], one.slice(0, 60)).toEqual([400, one === '' ? 'invalid_request' : 'invalid_grant']);
  }
  // With a character that no form field may have it is no request at all.
  expect(await refusalOf(await refresh(client, `${token}\u0000`))).toEqual([400, 'invalid_request']);
  await tokensOf(await refresh(client, token));
});

test('field note D35 a client without the refresh grant gets no refresh token', async ({ gateway, signIn }) => {
  const plain = await registerClient(gateway.url, { grant_types: ['authorization_code'] });
  expect(plain.registration.grant_types).toEqual(['authorization_code']);
  expect((await signIn(plain)).tokens.refresh_token).toBeUndefined();
});
