/** Both TypeScript SDKs of the MCP project, each on its own wire: everything that a client does with an authorization. */
import { nativeDocument } from '../actors/document-host.ts';
import { openMcpClient } from '../actors/mcp-client.ts';
import { openMcpClientV2 } from '../actors/mcp-client-v2.ts';
import type { Upstream } from '../actors/upstream-everything.ts';
import { openStateless } from '../actors/upstream-stateless.ts';
import { allow, answerHere, answerWith, openConsent } from '../fixtures/consent.ts';
import { revokeInTab } from '../fixtures/revoke.ts';
import { expect, test } from '../fixtures/test.ts';

const SDKS = [
  { name: '@modelcontextprotocol/sdk', open: openMcpClient, upstream: async (everything: Upstream) => everything },
  { name: '@modelcontextprotocol/client', open: openMcpClientV2, upstream: () => openStateless() },
];

const echoed = (message: string) => [{ type: 'text', text: `Echo: ${message}` }];
const registrations = (client: { wire: { exchanges: { method: string; url: string }[] } }) =>
  client.wire.exchanges.filter(({ method, url }) => method === 'POST' && url.includes('/register')).length;

for (const { name, open, upstream: openUpstream } of SDKS) {
  test.describe(name, () => {
    let upstream: Upstream;
    test.beforeAll(async ({ everything }) => {
      upstream = await openUpstream(everything);
    });
    test.afterAll(async ({ everything }) => {
      if (upstream !== everything) await upstream.stop();
    });

    test('registers itself, signs in, calls a tool', async ({ page, person, gateway }) => {
      const connection = await person.createConnection({ name: 'By registration', remoteUrl: upstream.url });
      const client = await open(connection.url, { name: 'Registered' });
      const answer = await client.signIn(allow(page));
      expect(answer.searchParams.get('iss')).toBe(gateway.url);
      expect(registrations(client)).toBe(1);
      expect(await client.echo('registered')).toEqual(echoed('registered'));
      await client.close();
    });

    test('is known by its metadata document, signs in, calls a tool', async ({ page, person, documents }) => {
      const connection = await person.createConnection({ name: 'By document', remoteUrl: upstream.url });
      const document = documents.publish(nativeDocument('Documented'));
      const client = await open(connection.url, { name: 'Documented', document });
      await client.signIn(async (authorizationUrl) => {
        expect(authorizationUrl.searchParams.get('client_id')).toBe(document);
        await openConsent(page, authorizationUrl);
        // The host is verified, because the document came from there; its name is not.
        await expect(page.getByRole('main')).toContainText(new URL(document).host);
        await answerHere(page, 'Allow');
      });
      expect(registrations(client)).toBe(0);
      expect(documents.fetched(document)).toBe(1);
      expect(await client.echo('documented')).toEqual(echoed('documented'));

      // Another installation of it: the same client_id, another port. Neither ends the other (#41, field note B20).
      const second = await open(connection.url, { name: 'Documented', document });
      await second.signIn(allow(page));
      expect(await second.echo('second')).toEqual(echoed('second'));
      expect(await client.echo('first')).toEqual(echoed('first'));
      await second.close();
      await client.close();
    });

    test('refreshes by itself, several processes at once', async ({ page, person }) => {
      const connection = await person.createConnection({ name: 'Shared tokens', remoteUrl: upstream.url });
      const client = await open(connection.url, { name: 'Refreshing' });
      await client.signIn(allow(page));
      client.memory.spoilAccessToken();
      const before = client.memory.kept.tokens?.refresh_token ?? '';
      expect(await client.echo('refreshed')).toEqual(echoed('refreshed'));
      const current = client.memory.kept.tokens?.refresh_token ?? '';
      expect(current).not.toBe(before);
      // What other processes do that still hold the former token.
      const answers = await Promise.all(Array.from({ length: 5 }, () => client.refresh(before)));
      expect(new Set(answers.map((tokens) => tokens.refresh_token))).toEqual(new Set([current]));
      await client.close();
    });

    test('hears that it was denied', async ({ page, person }) => {
      const connection = await person.createConnection({ name: 'Denied', remoteUrl: upstream.url });
      const client = await open(connection.url, { name: 'Denied' });
      await expect(client.signIn(answerWith(page, 'Deny'))).rejects.toThrow(/access_denied|no code/);
      expect(await person.grants()).toEqual([]);
      await client.close();
    });

    test('is stopped when it is revoked, and asks again', async ({ page, person }) => {
      const connection = await person.createConnection({ name: 'Revoked', remoteUrl: upstream.url });
      const client = await open(connection.url, { name: 'Comes back' });
      await client.signIn(allow(page));
      await revokeInTab(page, '“Comes back”', 'Revoked');
      await expect(client.echo('too late')).rejects.toThrow();
      expect(client.memory.kept.tokens).toBeUndefined(); // the SDK has thrown them away by itself
      const again = await open(connection.url, { name: 'Comes back' });
      again.memory.kept.registration = client.memory.kept.registration;
      await again.signIn(allow(page)); // through the question again: a revoked grant is final
      expect(registrations(again)).toBe(0);
      expect(await again.echo('let in again')).toEqual(echoed('let in again'));
      await again.close();
      await client.close();
    });
  });
}
