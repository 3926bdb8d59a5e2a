/** Questions that are out of the ordinary: a client that changes under the page, asks for more, comes back, or is gone back to. */
import { createHash, randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { openCallbackServer } from '../actors/callback-server.ts';
import type { Connection } from '../fixtures/person.ts';
import { test as base, expect } from '../fixtures/test.ts';

type Registered = { client_id: string; registration_client_uri: string; registration_access_token: string };

/** A client that registers and asks by hand, so that it can change in between. */
async function openClient(gatewayUrl: string, connection: Connection) {
  const callback = await openCallbackServer();
  const metadata = {
    client_name: 'Shifty',
    redirect_uris: [callback.redirectUri],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  const json = { 'content-type': 'application/json' };
  const answer = await fetch(`${gatewayUrl}/oauth/register`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(metadata),
  });
  const registered = (await answer.json()) as Registered;
  return {
    callback,
    ask: (scope = 'mcp:access') =>
      `${gatewayUrl}/oauth/authorize?${new URLSearchParams({
        client_id: registered.client_id,
        redirect_uri: callback.redirectUri,
        response_type: 'code',
        code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
        code_challenge_method: 'S256',
        scope,
        state: 's',
        resource: connection.url,
      })}`,
    rename: async (client_name: string) => {
      const changed = await fetch(registered.registration_client_uri, {
        method: 'PUT',
        headers: { ...json, authorization: `Bearer ${registered.registration_access_token}` },
        body: JSON.stringify({ ...metadata, client_id: registered.client_id, client_name }),
      });
      expect(changed.status, await changed.text()).toBe(200);
    },
  };
}

type Client = Awaited<ReturnType<typeof openClient>>;

const test = base.extend<{ client: Client }>({
  client: async ({ person, everything, gateway }, use) => {
    const connection = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
    const client = await openClient(gateway.url, connection);
    await use(client);
    await client.callback.stop();
  },
});

const answer = async (page: Page, button: 'Allow' | 'Deny') => {
  await page.getByRole('button', { name: button, exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Back at the client' })).toBeVisible();
};

test('#330 a client that changes while it is looked at is not allowed, and is looked at again first', async ({
  page,
  person,
  client,
}) => {
  await page.goto(client.ask());
  await expect(page.getByText('“Shifty”', { exact: true })).toBeVisible();
  await client.rename('Your bank');
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect(page.getByRole('heading', { name: 'The application has changed' })).toBeVisible();
  expect(await person.grants()).toEqual([]);
  await page.getByRole('button', { name: 'Look at it again' }).click();
  await expect(page.getByText('“Your bank”', { exact: true })).toBeVisible();
  await answer(page, 'Allow');
  expect(await person.grants()).toHaveLength(1);
});

test('the page tells a first time from a return, shows what is wider than before, and what has ended', async ({
  page,
  person,
  client,
}) => {
  await page.goto(client.ask());
  await expect(page.getByText('New to you: it has never had access')).toBeVisible();
  await expect(page.getByText(/^It registered itself with Grantway/)).toBeVisible();
  await answer(page, 'Allow');

  await page.goto(client.ask('mcp:access profile'));
  await expect(page.getByText(/^You allowed it before, .*; that still stands\.$/)).toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: 'It asks for more than you allowed before' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'See your name and email address' })).toContainText('New');
  await answer(page, 'Deny');

  const [grant] = await person.grants();
  await person.revoke(grant?.id ?? '');
  await page.goto(client.ask());
  await expect(page.getByText(/^It had access before, which ended .*: you revoked it\.$/)).toBeVisible();
  await expect(page.getByText('It asks for more than you allowed before')).toBeHidden();
});

test('#80 going back to an answered question shows what was answered, and what is only looked ahead at asks nothing', async ({
  page,
  person,
  client,
}) => {
  await page.goto(client.ask());
  const ahead = await page.request.get(page.url(), { headers: { 'sec-purpose': 'prefetch' } });
  expect(ahead.status()).toBe(204);
  await answer(page, 'Allow');
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'You have already allowed this' })).toBeVisible();
  expect(await person.grants()).toHaveLength(1);
});

test('#65 the question names the account, and another one can be used instead', async ({ page, person, client }) => {
  await page.goto(client.ask());
  await expect(page.getByText(`Signed in as ${person.name} (${person.email})`)).toBeVisible();
  await page.getByRole('button', { name: 'Use a different account' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(new URL(page.url()).search).toContain('consent');
});

test('the time that was picked says when it ends, and the two answers are as large as each other @phone', async ({
  page,
  client,
}) => {
  await page.goto(client.ask());
  await expect(page.getByText('Lasts until you revoke it, or nobody uses it for long.')).toBeVisible();
  await page.getByLabel('How long').selectOption({ label: 'For 7 days' });
  await expect(page.getByText(/^Ends by itself on /)).toBeVisible();
  const [deny, allow] = await Promise.all(
    ['Deny', 'Allow'].map((name) => page.getByRole('button', { name, exact: true }).boundingBox()),
  );
  expect([deny?.width, deny?.height, deny?.y]).toEqual([allow?.width, allow?.height, allow?.y]);
});
