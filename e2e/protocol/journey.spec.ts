/** The main journey with the SDK of the 2025 era: from the first refusal to the last, and what happens between. */
import { InvalidGrantError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { type McpClient, openMcpClient } from '../actors/mcp-client.ts';
import { allow } from '../fixtures/consent.ts';
import { revokeInTab } from '../fixtures/revoke.ts';
import { secretsOn } from '../fixtures/secrets.ts';
import { expect, test } from '../fixtures/test.ts';
import { within } from '../fixtures/within.ts';

const path = (url: string) => new URL(url).pathname;

test('field note C27: a client signs in through the page, calls tools, refreshes, and is stopped on the next request after it is revoked', async ({
  page,
  person,
  gateway,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Journey One' });

  await test.step('401, discovery, registration, consent in the browser, token', async () => {
    const answer = await client.signIn(allow(page));
    await expect(page.getByRole('heading', { name: 'Back at the client' })).toBeVisible();
    expect(answer.searchParams.get('iss')).toBe(gateway.url);

    const [first] = client.wire.exchanges;
    expect(first?.status).toBe(401);
    const challenge = first?.responseHeaders.get('www-authenticate');
    expect(challenge).toContain(`resource_metadata="${gateway.url}/.well-known/oauth-protected-resource/mcp-connect/`);
    expect(challenge).toContain('scope="mcp:access"');
    const asked = client.wire.exchanges.map(({ method, url, status }) => `${method} ${path(url)} ${status}`);
    const resource = path(connection.url);
    expect(asked).toContain(`GET /.well-known/oauth-protected-resource${resource} 200`);
    expect(asked).toContain('GET /.well-known/oauth-authorization-server 200');
    expect(asked.filter((one) => one.startsWith('POST /oauth/register'))).toHaveLength(1);
    const token = client.wire.exchanges.find(({ url }) => path(url).startsWith('/oauth/token'));
    expect(token?.responseHeaders.get('cache-control')).toBe('no-store');
    expect(token?.responseHeaders.get('pragma')).toBe('no-cache');
  });

  await test.step('tools/list and tools/call are answered by server-everything', async () => {
    expect(client.sdk().getServerVersion()?.name).toBe('mcp-servers/everything');
    const { tools } = await client.sdk().listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    expect(await client.echo('through the gateway')).toEqual([{ type: 'text', text: 'Echo: through the gateway' }]);
  });

  await test.step('a refused access token makes the SDK refresh by itself, and the call succeeds', async () => {
    const before = client.memory.kept.tokens;
    client.memory.spoilAccessToken();
    const seen = client.wire.exchanges.length;
    expect(await client.echo('after a refresh')).toEqual([{ type: 'text', text: 'Echo: after a refresh' }]);
    const refused = client.wire.exchanges.slice(seen).find(({ status }) => status === 401);
    expect(refused?.responseHeaders.get('www-authenticate')).toContain('error="invalid_token"');
    expect(client.memory.kept.tokens?.access_token).not.toBe(before?.access_token);
    expect(client.memory.kept.tokens?.refresh_token).not.toBe(before?.refresh_token);
  });

  const accessToken = client.memory.kept.tokens?.access_token ?? '';
  const refreshToken = client.memory.kept.tokens?.refresh_token ?? '';
  const held = await test.step('two streams are open', () => holdStreams(client));

  await test.step('the person revokes it, and sees what ended', async () => {
    const receipt = await revokeInTab(page, '“Journey One”', 'Everything');
    expect(receipt).toMatch(/1 authorization, 1 sign-in, .*2 open streams ended/);
  });

  await test.step('both streams end, the next call is 401, the refresh is invalid_grant', async () => {
    await within(1_000, 'the standalone stream ends', held.standalone);
    await within(1_000, "the call's stream ends", held.call);
    const seen = client.wire.exchanges.length;
    const next = await fetch(connection.url, call(accessToken));
    expect(next.status).toBe(401);
    expect(next.headers.get('www-authenticate')).toContain('error="invalid_token"');
    await expect(client.refresh(refreshToken)).rejects.toThrow(InvalidGrantError);
    await expect(client.echo('too late')).rejects.toThrow();
    const late = client.wire.exchanges.slice(seen).filter(({ url }) => path(url) === path(connection.url));
    expect(late.map(({ status }) => status)).toContain(401);
    expect(late.map(({ status }) => status)).not.toContain(200);
  });

  await test.step('the gateway has written none of its secrets into its log', () => {
    const said = gateway.said();
    const secrets = secretsOn(client.wire, accessToken, refreshToken);
    expect(secrets.length).toBeGreaterThan(5);
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
  });
  await client.close();
});

/** Opens the standalone stream and one of a long call, has both carry something, and returns their ends. */
async function holdStreams(client: McpClient): Promise<{ standalone: Promise<void>; call: Promise<void> }> {
  await within(5_000, 'the server asks over the standalone stream', client.rootsAsked);
  const { promise: progressed, resolve: onprogress } = Promise.withResolvers<unknown>();
  const long = client
    .sdk()
    .callTool({ name: 'trigger-long-running-operation', arguments: { duration: 100, steps: 500 } }, undefined, {
      onprogress,
    });
  long.catch(() => {}); // how the SDK reports a cut stream is its own affair
  await within(5_000, 'the long call reports progress', progressed);
  const streams = client.wire.exchanges.filter(({ isStream }) => isStream);
  const standalone = streams.findLast(({ method }) => method === 'GET');
  const call = streams.findLast(({ method }) => method === 'POST');
  if (!standalone || !call) throw new Error('A stream is missing.');
  return { standalone: standalone.ended, call: call.ended };
}

const call = (token: string): RequestInit => ({
  method: 'POST',
  headers: {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
});
