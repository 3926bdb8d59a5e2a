/** What an administrator sees of clients, and what a person sees whom a client asks to sign in again. */
import { beginAuthorization, openMcpClient } from '../actors/mcp-client.ts';
import { answerHere, openConsent } from '../fixtures/consent.ts';
import { openGateway } from '../fixtures/gateway.ts';
import { judge } from '../fixtures/judge.ts';
import { signUp } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';

test('an administrator lets the host of a client in, changes their mind, and blocks a single client', async ({
  browser,
  everything,
}) => {
  test.slow();
  const gateway = await openGateway({ GRANTWAY_CLIENT_DOCUMENTS: 'approve' });
  const context = await browser.newContext({ baseURL: gateway.url, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const admin = await signUp(context.request, gateway.url, 'Root');
  const ask = new URLSearchParams({
    client_id: 'https://app.invalid/client.json',
    redirect_uri: 'https://app.invalid/callback',
    response_type: 'code',
  });
  await page.goto(`/oauth/authorize?${ask}`);
  await expect(
    page.getByRole('heading', { name: 'An administrator has to let this application in first' }),
  ).toBeVisible();

  await page.goto('/connections');
  await page.getByRole('button', { name: `Account: ${admin.name}` }).click();
  await page.getByRole('menuitem', { name: 'Clients waiting' }).click();
  await expect(page.getByRole('list', { name: 'Hosts that wait' })).toContainText('app.invalid');
  await judge(page);
  await page.getByRole('button', { name: 'Let in: app.invalid', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('People may now authorize clients of app.invalid.');
  await expect(page.getByRole('list', { name: 'Hosts that were decided on' })).toContainText('Let in');
  await page.goto(`/oauth/authorize?${ask}`);
  await expect(page.getByRole('heading', { name: 'The application cannot be identified' })).toBeVisible();

  const connection = await admin.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Spammer' });
  await client.signIn(async (authorizationUrl) => {
    await openConsent(page, authorizationUrl);
    await answerHere(page, 'Allow');
  });
  await page.goto('/settings/clients');
  await page.getByRole('button', { name: 'Do not let in: app.invalid' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Do not let in', exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText('Nothing was in use, so nothing had to end.');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Block “Spammer”' }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText('1 authorization');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('list', { name: 'Clients' })).toContainText('Blocked');
  await judge(page);
  await page.goto(String(await beginAuthorization(client)));
  await expect(page.getByRole('heading', { name: 'This application is blocked' })).toBeVisible();
  await client.close();
  await context.close();
  await gateway.dispose();
});

test('#62 a client that asks for a new sign-in gets one, before there is anything to allow', async ({
  page,
  person,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Careful', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Cautious' });
  await client.signIn(async (authorizationUrl) => {
    const asked = new URL(authorizationUrl);
    asked.searchParams.set('prompt', 'login');
    await page.goto(String(asked));
    await expect(page.getByRole('heading', { name: 'Sign in again' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Allow' })).toHaveCount(0);
    await judge(page);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Email').fill(person.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
  });
  expect((await person.grants()).map(({ client: { name } }) => name)).toContain('Cautious');
  await client.close();
});
