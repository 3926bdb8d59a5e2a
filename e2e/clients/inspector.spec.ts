/** `@modelcontextprotocol/inspector --cli`, as a person types it: one process per call, tokens kept in its own files. */
import { nativeDocument } from '../actors/document-host.ts';
import { inspect } from '../actors/inspector.ts';
import { allow } from '../fixtures/consent.ts';
import { removeFolder, temporaryFolder } from '../fixtures/gateway.ts';
import { freePort } from '../fixtures/port.ts';
import { revokeInTab } from '../fixtures/revoke.ts';
import { expect, test } from '../fixtures/test.ts';

const ECHO = ['--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'message=inspected'];
const echoed = { result: { content: [{ type: 'text', text: 'Echo: inspected' }] } };
const callback = async () => ['--callback-url', `http://127.0.0.1:${await freePort()}/oauth/callback`];

test.describe('@modelcontextprotocol/inspector --cli', () => {
  let home: string;
  test.beforeEach(() => {
    home = temporaryFolder();
  });
  test.afterEach(() => removeFolder(home));

  test('registers itself, signs in, calls a tool', async ({ page, person, everything }) => {
    const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
    const first = await inspect(home, connection.url, [...(await callback()), ...ECHO], allow(page));
    expect(first, first.said).toMatchObject({ code: 0, answer: echoed });
    // The next process finds the tokens of the first.
    const second = await inspect(home, connection.url, ['--stored-auth-only', ...ECHO]);
    expect(second, second.said).toMatchObject({ code: 0, answer: echoed });
  });

  test('is known by its metadata document, signs in, calls a tool', async ({ page, person, everything, documents }) => {
    const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
    const document = documents.publish(nativeDocument('Inspector of ours', '/oauth/callback'));
    const args = [...(await callback()), '--client-metadata-url', document, ...ECHO];
    const done = await inspect(home, connection.url, args, async (authorizationUrl) => {
      expect(authorizationUrl.searchParams.get('client_id')).toBe(document);
      await allow(page)(authorizationUrl);
    });
    expect(done, done.said).toMatchObject({ code: 0, answer: echoed });
  });

  // Version 2.12 of it forgets without revoking (it looks for the metadata where it did not keep it), as most clients do: the person can.
  test('forgets its tokens (--relogin), and signs in anew beside what it forgot', async ({
    page,
    person,
    everything,
  }) => {
    const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
    await inspect(home, connection.url, [...(await callback()), ...ECHO], allow(page));
    const again = await inspect(home, connection.url, [...(await callback()), '--relogin', ...ECHO], allow(page));
    expect(again, again.said).toMatchObject({ code: 0, answer: echoed });
    expect(await person.grants()).toHaveLength(2);
  });

  test('is stopped when it is revoked, and asks again', async ({ page, person, everything }) => {
    const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
    await inspect(home, connection.url, [...(await callback()), ...ECHO], allow(page));
    const [grant] = await person.grants();
    await revokeInTab(page, `“${grant?.client.name}”`, 'Everything');
    const stopped = await inspect(home, connection.url, ['--stored-auth-only', ...ECHO]);
    expect(stopped.code).not.toBe(0);
    expect(stopped.answer).toBeNull();
    const again = await inspect(home, connection.url, [...(await callback()), ...ECHO], allow(page));
    expect(again, again.said).toMatchObject({ code: 0, answer: echoed });
  });
});
