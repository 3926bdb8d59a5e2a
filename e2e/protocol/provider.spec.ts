/** An upstream that asks for OAuth itself: consent leads to its provider and back, its tokens stay in the gateway, and an end is an end. */
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import type { Page } from '@playwright/test';
import { type OpenBrowser, openMcpClient } from '../actors/mcp-client.ts';
import { openProtectedServer, type ProtectedServer } from '../actors/protected-server.ts';
import { openConsent } from '../fixtures/consent.ts';
import { passProvider } from '../fixtures/pass-provider.ts';
import type { Connection, Person } from '../fixtures/person.ts';
import { secretsOn } from '../fixtures/secrets.ts';
import { expect, test } from '../fixtures/test.ts';

let upstream: ProtectedServer;
test.beforeEach(async ({ everything }) => {
  upstream = await openProtectedServer(everything.url);
});
test.afterEach(() => upstream.stop());

test('a person signs in upstream on the way through consent; the call arrives with the provider’s token and without ours', async ({
  page,
  person,
  gateway,
}) => {
  const connection = await connect(person, upstream);
  const client = await openMcpClient(connection.url, { name: 'Traveller' });

  await test.step('consent, the provider’s own sign-in, and back at the client with a code', async () => {
    expect(await signInOf(person, connection)).toMatchObject({ status: 'SIGNED_OUT' });
    await client.signIn(throughProvider(page, 'ada'));
    await expect(page.getByRole('heading', { name: 'Back at the client' })).toBeVisible();
    expect(await signInOf(person, connection)).toMatchObject({
      status: 'SIGNED_IN',
      account: 'ada@provider.example',
      scopes: expect.arrayContaining(['mcp']),
    });
  });

  const ours = client.memory.kept.tokens?.access_token ?? '';
  await test.step('the call is answered; upstream got the token that it gave, and nothing of ours', async () => {
    expect(await client.echo('through two sign-ins')).toEqual([{ type: 'text', text: 'Echo: through two sign-ins' }]);
    for (const headers of upstream.letIn) {
      expect(upstream.secrets.has(headers.authorization?.slice('Bearer '.length) ?? '')).toBe(true);
      expect(JSON.stringify(headers)).not.toContain(ours);
      expect(headers.cookie).toBeUndefined();
    }
  });

  await test.step('a second client needs consent, and no second sign-in', async () => {
    const second = await openMcpClient(connection.url, { name: 'Companion' });
    await second.signIn(allowOnly(page));
    expect(await second.echo('me too')).toEqual([{ type: 'text', text: 'Echo: me too' }]);
    expect(upstream.tokensAsked('authorization_code')).toBe(1);
    await second.close();
  });

  await test.step('the provider drops the sign-in: the client comes back by itself, through consent and the provider', async () => {
    await upstream.forgetGrants();
    await expect(client.echo('refused')).rejects.toThrow(/Reconnect it at/);
    expect(await signInOf(person, connection)).toMatchObject({ status: 'NEEDS_REAUTH' });
    const { authorizationUrl } = client.memory.kept;
    // 401, a refresh that is invalid_grant, and the SDK asks for the browser.
    await expect(client.echo('not yet')).rejects.toThrow(UnauthorizedError);
    expect(client.memory.kept.authorizationUrl).not.toEqual(authorizationUrl);
    // Else its standalone stream would ask as well, at the same time.
    await client.sdk().close();
    await client.signIn(throughProvider(page, 'ada'));
    expect(await client.echo('back again')).toEqual([{ type: 'text', text: 'Echo: back again' }]);
    expect(await signInOf(person, connection)).toMatchObject({ status: 'SIGNED_IN' });
  });

  await test.step('revoked: the very next call is refused, and the sign-in at the provider stays the person’s', async () => {
    for (const { id } of await person.grants()) await person.revoke(id);
    await expect(client.echo('too late')).rejects.toThrow();
    expect(await signInOf(person, connection)).toMatchObject({ status: 'SIGNED_IN' });
  });

  await test.step('no token of the provider’s, nor of ours, is in the gateway’s log or in what the client saw', async () => {
    const said = gateway.said();
    const theirs = [...upstream.secrets];
    expect(theirs.length).toBeGreaterThan(3);
    expect(theirs.filter((secret) => said.includes(secret))).toEqual([]);
    const seen = JSON.stringify(client.wire.exchanges);
    expect(theirs.filter((secret) => seen.includes(secret))).toEqual([]);
    expect(secretsOn(client.wire, ours).filter((secret) => said.includes(secret))).toEqual([]);
  });
  await client.close();
});

test('a person signs in from the connection’s page, without a client, and out again; the provider is told', async ({
  page,
  person,
}) => {
  const connection = await connect(person, upstream);
  const { signIn } = await person.ask<{ signIn: { redirectTo: string } }>(
    `mutation ($id: ID!) { signIn: connectionProviderSignIn(input: { connectionId: $id }) {
      ... on ConnectionProviderSignInPayload { redirectTo } ... on Error { message } } }`,
    { id: connection.id },
  );
  await page.goto(signIn.redirectTo);
  await passProvider(page, 'grace');
  await page.waitForURL(/\/connections\/.+\?provider=connected$/);
  expect(await signInOf(person, connection)).toMatchObject({ status: 'SIGNED_IN', account: 'grace@provider.example' });

  await person.ask(
    `mutation ($id: ID!) { connectionProviderDisconnect(input: { connectionId: $id }) { __typename } }`,
    { id: connection.id },
  );
  expect(await signInOf(person, connection)).toMatchObject({ status: 'SIGNED_OUT', account: null });
  await expect.poll(() => upstream.revocations()).toBeGreaterThan(0);
});

test('whoever says no at the provider: the client hears access_denied, and may ask again', async ({
  page,
  person,
  gateway,
}) => {
  const connection = await connect(person, upstream);
  const client = await openMcpClient(connection.url, { name: 'Refused' });
  const refused = client.signIn(async (url) => {
    await openConsent(page, url);
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.waitForURL(({ origin }) => origin === upstream.issuer);
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.waitForURL(({ origin }) => origin !== upstream.issuer);
  });
  await expect(refused).rejects.toThrow(/error=access_denied/);
  expect(new URL(page.url()).searchParams.get('iss')).toBe(gateway.url);
  expect(await person.grants()).toEqual([]);
  await client.signIn(throughProvider(page, 'ada'));
  expect(await client.echo('at last')).toEqual([{ type: 'text', text: 'Echo: at last' }]);
  await client.close();
});

async function connect(person: Person, { url }: ProtectedServer): Promise<Connection> {
  const { made } = await person.ask<{ made: { connection: Connection } }>(
    `mutation ($input: ConnectionCreateInput!) { made: connectionCreate(input: $input) {
      ... on ConnectionCreatePayload { connection { id name url } } ... on Error { message } } }`,
    { input: { name: 'Protected', remoteUrl: url, authMode: 'OAUTH_DYNAMIC' } },
  );
  expect(made.connection, JSON.stringify(made)).toBeTruthy();
  return made.connection;
}

type SignIn = { status: string; account: string | null; scopes: string[] };

const signInOf = async (person: Person, { id }: Connection): Promise<SignIn> =>
  (
    await person.ask<{ node: { providerSignIn: SignIn } }>(
      'query ($id: ID!) { node(id: $id) { ... on McpConnection { providerSignIn { status account scopes } } } }',
      { id },
    )
  ).node.providerSignIn;

function throughProvider(page: Page, login: string): OpenBrowser {
  return async (authorizationUrl) => {
    await openConsent(page, authorizationUrl);
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.waitForURL(({ origin }) => origin === upstream.issuer);
    await passProvider(page, login);
    await page.waitForURL(({ pathname }) => pathname === '/callback');
  };
}

function allowOnly(page: Page): OpenBrowser {
  return async (authorizationUrl) => {
    await openConsent(page, authorizationUrl);
    await page.getByRole('button', { name: 'Allow', exact: true }).click();
    await page.waitForURL(({ pathname }) => pathname === '/callback');
  };
}
