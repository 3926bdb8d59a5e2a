/** The main journey once more on PostgreSQL, with access tokens that expire by themselves. */
import { InvalidGrantError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { openMcpClient } from '../actors/mcp-client.ts';
import { allow } from '../fixtures/consent.ts';
import { openGateway } from '../fixtures/gateway.ts';
import { signUp } from '../fixtures/person.ts';
import { openPostgres } from '../fixtures/postgres.ts';
import { revokeInTab } from '../fixtures/revoke.ts';
import { expect, test } from '../fixtures/test.ts';
import { within } from '../fixtures/within.ts';

test('on PostgreSQL a client outlives its access tokens, and not its grant', async ({ browser, everything }) => {
  test.slow();
  const postgres = await openPostgres();
  const gateway = await openGateway({ DATABASE_URL: postgres.url, GRANTWAY_ACCESS_TOKEN_SECONDS: '2' });
  const context = await browser.newContext({ baseURL: gateway.url });
  const page = await context.newPage();
  const person = await signUp(context.request, gateway.url);
  const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'On PostgreSQL' });
  await client.signIn(allow(page));
  await within(5_000, 'the standalone stream is open', client.rootsAsked);

  const first = client.memory.kept.tokens?.access_token ?? '';
  const statusWith = async (token: string) =>
    (await fetch(connection.url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{}' })).status;
  await expect.poll(() => statusWith(first), { message: 'the access token expires' }).toBe(401);
  expect(await client.echo('with the next one')).toEqual([{ type: 'text', text: 'Echo: with the next one' }]);
  expect(client.memory.kept.tokens?.access_token).not.toBe(first);

  // Restarting loses nothing: the client goes on with what it has.
  await gateway.kill();
  await gateway.start();
  await client.connect();
  expect(await client.echo('after kill -9')).toEqual([{ type: 'text', text: 'Echo: after kill -9' }]);

  const refreshToken = client.memory.kept.tokens?.refresh_token ?? '';
  const stream = client.wire.exchanges.findLast(({ isStream, method }) => isStream && method === 'GET');
  await revokeInTab(page, '“On PostgreSQL”', 'Everything');
  await within(1_000, 'the held stream ends', stream?.ended ?? Promise.reject(new Error('There was no stream.')));
  expect(await statusWith(client.memory.kept.tokens?.access_token ?? '')).toBe(401);
  await expect(client.refresh(refreshToken)).rejects.toThrow(InvalidGrantError);

  await client.close();
  await context.close();
  await gateway.dispose();
  await postgres.stop();
});
