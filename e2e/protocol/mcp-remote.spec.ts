/** What `mcp-remote`, which desktop clients start, does with a connect URL: unchanged, as npm has it. */
import { openMcpRemote } from '../actors/mcp-remote.ts';
import { allow } from '../fixtures/consent.ts';
import { revokeInTab } from '../fixtures/revoke.ts';
import { expect, test } from '../fixtures/test.ts';

test('mcp-remote signs in, lists tools, and has to ask again after it is revoked', async ({
  page,
  person,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
  const remote = await openMcpRemote(connection.url);
  await allow(page)(await remote.authorizationUrl());
  await remote.connected;
  const { tools } = await remote.sdk.listTools();
  expect(tools.map(({ name }) => name)).toContain('echo');
  const { content } = await remote.sdk.callTool({ name: 'echo', arguments: { message: 'over stdio' } });
  expect(content).toEqual([{ type: 'text', text: 'Echo: over stdio' }]);

  const [grant] = await person.grants();
  expect(grant?.client.name).toBeTruthy();
  await revokeInTab(page, `“${grant?.client.name}”`, 'Everything');

  // The next call finds itself signed out, and asks for a browser again. Nobody answers: the call has no result.
  const late = remote.sdk.callTool({ name: 'echo', arguments: { message: 'too late' } });
  const result = late.then(
    () => 'answered',
    () => 'refused',
  );
  const again = remote.authorizationUrl().then((url) => url.searchParams.get('resource') ?? 'no resource');
  expect(await Promise.race([result, again])).toBe(connection.url);
  expect(await person.grants()).toEqual([]);
  await remote.close();
  expect(await result).toBe('refused');
});
