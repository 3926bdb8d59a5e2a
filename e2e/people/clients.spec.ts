/** The Authorized clients tab: who may act for a person, since when, and how that ends. */
import { openMcpClient } from '../actors/mcp-client.ts';
import { allow } from '../fixtures/consent.ts';
import { openGateway } from '../fixtures/gateway.ts';
import { signUp } from '../fixtures/person.ts';
import { revokeInTab } from '../fixtures/revoke.ts';
import { expect, test } from '../fixtures/test.ts';

test('a card shows what a client may do and its raw facts, and moves to Revoked when it ends @phone', async ({
  page,
  person,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Helper' });
  await client.signIn(allow(page));
  await client.echo('used');

  await page.goto('/clients');
  const card = page.getByRole('article', { name: '“Helper”, Tracker' });
  await expect(card).toContainText('Authorized to use Tracker on behalf of yourself');
  await expect(card).toContainText('Use the tools, resources and prompts of Tracker as you');
  await expect(card.getByRole('button', { name: 'unverified: this name is self-reported' })).toBeVisible();
  // What is meant is said on hover and on focus, and Escape takes it away.
  await card.locator('time').first().hover();
  await expect(page.getByRole('tooltip', { name: /20\d\d.*\d:\d\d:\d\d/ })).toBeVisible();
  await card.getByRole('button', { name: 'unverified: this name is self-reported' }).focus();
  await expect(page.getByRole('tooltip', { name: 'unverified: this name is self-reported' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('tooltip', { name: 'unverified' })).toBeHidden();
  await card.getByText('Technical details').click();
  await expect(card.getByText(client.memory.kept.registration?.client_id ?? '', { exact: true })).toBeVisible();
  await expect(card.getByText(client.callback.redirectUri, { exact: true })).toBeVisible();

  await revokeInTab(page, '“Helper”', 'Tracker');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(card).toBeHidden();
  await expect(page.getByText('No client can act for you yet')).toBeVisible();
  await page.getByText('Revoked', { exact: true }).click();
  await expect(card).toContainText('Was authorized to use Tracker');
  await page.goto('/activity');
  await expect(page.getByText(/ended, because you took it back\.$/)).toHaveCount(1);
  await client.close();
});

test('one of two sign-ins is revoked and the other one keeps working', async ({ page, person, everything }) => {
  const connection = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const laptop = await openMcpClient(connection.url, { name: 'Same client' });
  await laptop.signIn(allow(page));
  const desktop = await openMcpClient(connection.url, { name: 'Same client' });
  desktop.memory.kept.registration = laptop.memory.kept.registration;
  await desktop.signIn(allow(page));
  expect(await person.grants()).toHaveLength(1);

  await page.goto('/clients');
  const signIns = page.getByRole('button', { name: /^Revoke sign-in/ });
  await expect(signIns).toHaveCount(2);
  await signIns.first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke sign-in' }).click();
  await expect(page.getByRole('dialog', { name: 'The sign-in has ended' })).toContainText('1 sign-in');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(signIns).toHaveCount(1);

  const outcomes = await Promise.allSettled([laptop.echo('laptop'), desktop.echo('desktop')]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);

  // A month on, by the clock of this browser.
  const hint = page.getByText('Not used in 30 days', { exact: true });
  await expect(hint).toHaveCount(0);
  await page.clock.setFixedTime(Date.now() + 31 * 86_400_000);
  await page.reload();
  await expect(hint).toHaveCount(1);
  await laptop.close();
  await desktop.close();
});

test('a stranger sees nothing of it', async ({ page, person, browser, gateway, everything }) => {
  const connection = await person.createConnection({ name: 'Private', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Mine' });
  await client.signIn(allow(page));
  const context = await browser.newContext({ baseURL: gateway.url });
  const stranger = await signUp(context.request, gateway.url, 'Mallory');
  const [grant] = await person.grants();
  expect(await stranger.grants()).toEqual([]);
  const { grantRevoke, node } = await stranger
    .ask<{ grantRevoke: { __typename: string }; node: null }>(
      'mutation ($input: GrantRevokeInput!) { grantRevoke(input: $input) { __typename } }',
      { input: { grantId: grant?.id } },
    )
    .then(async (answer) => ({
      ...answer,
      ...(await stranger.ask<{ node: null }>('query ($id: ID!) { node(id: $id) { id } }', { id: connection.id })),
    }));
  expect(grantRevoke.__typename).toBe('NotFoundError');
  expect(node).toBeNull();
  const strangersPage = await context.newPage();
  await strangersPage.goto(`/connections/${encodeURIComponent(connection.id)}`);
  await expect(strangersPage.getByRole('heading', { name: 'No such connection' })).toBeVisible();
  expect(await person.grants()).toHaveLength(1);
  await context.close();
  await client.close();
});

test('field note A2: an old refresh token that is used again ends its sign-in, and the card says so', async ({
  browser,
  everything,
}) => {
  const gateway = await openGateway({ GRANTWAY_REPLAY_WINDOW_SECONDS: '0' });
  const context = await browser.newContext({ baseURL: gateway.url });
  const page = await context.newPage();
  const person = await signUp(context.request, gateway.url);
  const connection = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Helper' });
  await client.signIn(allow(page));
  const { registration, tokens } = client.memory.kept;
  const presentAgain = () =>
    fetch(`${gateway.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: registration?.client_id ?? '',
        refresh_token: tokens?.refresh_token ?? '',
      }),
    });
  expect((await presentAgain()).status).toBe(200);
  const refused = await presentAgain();
  expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_grant' })]);

  await page.goto('/clients');
  const card = page.getByRole('article', { name: '“Helper”, Tracker' });
  await expect(card.getByRole('alert')).toContainText('an old token was used again, which a thief would do');
  await expect(card).toContainText('All sign-ins have ended.');
  await client.close();
  await context.close();
  await gateway.dispose();
});
