/** `mcp-remote`, which desktop clients start, unchanged, as npm has it. */
import { nativeDocument } from '../actors/document-host.ts';
import { openMcpRemote } from '../actors/mcp-remote.ts';
import { allow } from '../fixtures/consent.ts';
import { removeFolder, temporaryFolder } from '../fixtures/gateway.ts';
import { freePort } from '../fixtures/port.ts';
import { revokeInTab } from '../fixtures/revoke.ts';
import { expect, test } from '../fixtures/test.ts';

const echoed = (message: string) => ({ content: [{ type: 'text', text: `Echo: ${message}` }] });
const echo = (message: string) => ({ name: 'echo', arguments: { message } });

test.describe('mcp-remote', () => {
  let home: string;
  test.beforeEach(() => {
    home = temporaryFolder();
  });
  test.afterEach(() => removeFolder(home));

  test('registers itself, signs in, calls a tool', async ({ page, person, everything }) => {
    const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
    const remote = await openMcpRemote(connection.url, home);
    await allow(page)(await remote.authorizationUrl());
    await remote.connected;
    const { tools } = await remote.sdk.listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    expect(await remote.sdk.callTool(echo('over stdio'))).toMatchObject(echoed('over stdio'));
    await remote.close();

    // Started again, it goes on with what it has kept: nobody is asked.
    const again = await openMcpRemote(connection.url, home);
    await again.connected;
    expect(await again.sdk.callTool(echo('again'))).toMatchObject(echoed('again'));
    expect(again.said()).not.toContain('Please authorize');
    await again.close();
  });

  test('is known by its metadata document, signs in, calls a tool', async ({ page, person, everything, documents }) => {
    const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
    const document = documents.publish(nativeDocument('mcp-remote of ours', '/oauth/callback'));
    const port = String(await freePort());
    const remote = await openMcpRemote(connection.url, home, [port, '--client-metadata-url', document]);
    const asked = await remote.authorizationUrl();
    expect(asked.searchParams.get('client_id')).toBe(document);
    await allow(page)(asked);
    await remote.connected;
    expect(await remote.sdk.callTool(echo('by document'))).toMatchObject(echoed('by document'));
    await remote.close();
  });

  test('is stopped when it is revoked, and asks again', async ({ page, person, everything }) => {
    const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
    const remote = await openMcpRemote(connection.url, home);
    await allow(page)(await remote.authorizationUrl());
    await remote.connected;
    const [grant] = await person.grants();
    expect(grant?.client.name).toBeTruthy();
    await revokeInTab(page, `“${grant?.client.name}”`, 'Everything');

    // The next call finds itself signed out, and asks for a browser again. Nobody answers: the call has no result.
    const late = remote.sdk.callTool(echo('too late'));
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
});
