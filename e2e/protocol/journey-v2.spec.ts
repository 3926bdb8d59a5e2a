/** The main journey with the second SDK, on the 2026-07-28 wire, against a stateless upstream. */
import { openMcpClientV2 } from '../actors/mcp-client-v2.ts';
import { openStateless } from '../actors/upstream-stateless.ts';
import { allow } from '../fixtures/consent.ts';
import { revokeInTab } from '../fixtures/revoke.ts';
import { expect, test } from '../fixtures/test.ts';
import { within } from '../fixtures/within.ts';

/** What a client might send along and an upstream must never see. */
const NOT_FOR_UPSTREAMS = {
  cookie: 'session=stolen',
  'x-api-key': 'key-of-the-client',
  'x-auth-token': 'token-of-the-client',
  'x-token-extra': 'more-of-the-client',
  'proxy-authorization': 'Basic c2VjcmV0',
};

test('a stateless client signs in, calls a tool, listens, refreshes, and is stopped when it is revoked', async ({
  page,
  person,
  gateway,
}) => {
  const upstream = await openStateless();
  const connection = await person.createConnection({ name: 'Stateless', remoteUrl: upstream.url });
  const client = await openMcpClientV2(connection.url, { name: 'Journey Two', headers: NOT_FOR_UPSTREAMS });

  await client.signIn(allow(page));
  expect(client.sdk.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  const { tools } = await client.sdk.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['echo']);
  expect(await client.echo('without a session')).toEqual([{ type: 'text', text: 'Echo: without a session' }]);

  const call = upstream.received.at(-1)?.headers;
  expect(call).toMatchObject({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
    host: new URL(upstream.url).host,
  });

  const before = client.memory.kept.tokens;
  client.memory.spoilAccessToken();
  expect(await client.echo('after a refresh')).toEqual([{ type: 'text', text: 'Echo: after a refresh' }]);
  const { access_token: accessToken, refresh_token: refreshToken } = client.memory.kept.tokens ?? {};
  expect(refreshToken).not.toBe(before?.refresh_token);

  const subscription = await client.sdk.listen({ toolsListChanged: true });
  expect(subscription.honoredFilter).toEqual({ toolsListChanged: true });
  expect(await revokeInTab(page, '“Journey Two”', 'Stateless')).toContain('1 open stream ended');
  expect(await within(1_000, 'the subscription ends', subscription.closed)).toBe('remote');

  const received = upstream.received.length;
  const next = await fetch(connection.url, { method: 'POST', headers: { authorization: `Bearer ${accessToken}` } });
  expect(next.status).toBe(401);
  await expect(client.refresh(refreshToken ?? '')).rejects.toMatchObject({ code: 'invalid_grant' });
  await expect(client.echo('too late')).rejects.toThrow();
  expect(upstream.received).toHaveLength(received);

  for (const { headers } of upstream.received) {
    expect(Object.keys(headers)).not.toContain('authorization');
    for (const name of Object.keys(NOT_FOR_UPSTREAMS)) expect(Object.keys(headers)).not.toContain(name);
    expect(JSON.stringify(headers)).not.toContain(new URL(gateway.url).host);
  }
  await client.close();
  await upstream.stop();
});

test('the static headers of a connection reach its upstream, and the token of the client does not', async ({
  page,
  person,
  gateway,
}) => {
  const upstream = await openStateless();
  const secret = `Bearer upstream-${crypto.randomUUID()}`;
  const connection = await person.createConnection({
    name: 'With headers',
    remoteUrl: upstream.url,
    headers: [{ name: 'Authorization', value: secret }],
  });
  const client = await openMcpClientV2(connection.url, { name: 'Static' });
  await client.signIn(allow(page));
  await client.echo('with a key');

  expect(upstream.received.length).toBeGreaterThan(0);
  expect(upstream.received.map(({ headers }) => headers.authorization)).toEqual(upstream.received.map(() => secret));
  expect(gateway.said()).not.toContain(secret);
  await page.goto('/connections');
  await page.getByRole('link', { name: 'With headers' }).click();
  await expect(page.getByText('values are never shown again')).toBeVisible();
  expect(await page.content()).not.toContain(secret);
  await client.close();
  await upstream.stop();
});
