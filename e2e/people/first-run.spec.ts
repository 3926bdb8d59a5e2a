/** The first minutes of an installation: the first account, the demo connection, and the door that closes behind it. */
import { openMcpClient } from '../actors/mcp-client.ts';
import { allow } from '../fixtures/consent.ts';
import { openGateway, removeFolder, temporaryFolder } from '../fixtures/gateway.ts';
import { PASSWORD } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';
import { watchPage } from '../fixtures/watch-page.ts';

test('the first visitor creates the first account, finds the demo connection and is led to a first call; the second finds the door closed', async ({
  browser,
  everything,
}) => {
  test.slow();
  const data = temporaryFolder(); // with nothing in it, as people begin
  const gateway = await openGateway({
    GRANTWAY_SIGN_UP: 'first',
    GRANTWAY_DEMO_URL: everything.url,
    GRANTWAY_DATA: data,
  });
  const context = await browser.newContext({ baseURL: gateway.url });
  const page = await context.newPage();
  const complaints = watchPage(page, gateway.url);

  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Create the first account' })).toBeVisible();
  await expect(page.getByText('It becomes the administrator of this Grantway.')).toBeVisible();
  await page.getByLabel('Name').fill('Grace Hopper');
  await page.getByLabel('Email').fill('grace@example.com');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();

  await expect(page.getByRole('heading', { name: 'Connections' })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/connections');
  const [cookie] = (await context.cookies()).filter(({ name }) => name.includes('session'));
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  const demo = page.getByRole('list', { name: 'Connections' }).getByRole('article');
  await expect(demo).toHaveCount(1);
  await expect(demo).toContainText(new URL(everything.url).host);
  // Nothing has to be read: the line to copy is there, and what it leads to arrives.
  const start = page.getByRole('region', { name: 'Get started' });
  const progress = start.getByRole('status', { name: 'Progress' });
  await expect(progress).toContainText('Waiting for a client to ask for your permission');
  const line = await start.getByRole('tabpanel').textContent();
  const url = /claude mcp add --transport http \S+ (http\S+)/.exec(line ?? '')?.[1]?.replace(/Then,.*$/, '') ?? '';
  const client = await openMcpClient(url, { name: 'My first client' });
  const consent = await context.newPage();
  await client.signIn(allow(consent));
  await expect(progress).toContainText('“My first client” has your permission');
  expect(await client.echo('hello')).toEqual([{ type: 'text', text: 'Echo: hello' }]);
  await expect(progress).toContainText('“My first client” reached the server through Grantway');
  await consent.close();
  await client.close();
  await page.getByRole('button', { name: 'Account: Grace Hopper' }).click();
  const menu = page.getByRole('menu', { name: 'Account: Grace Hopper' });
  await expect(menu).toContainText('grace@example.com');
  await expect(menu).toContainText('Administrator');
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByText('No account? Ask an administrator of this Grantway.')).toBeVisible();
  await page.goto('/sign-up');
  await expect(page.getByRole('heading', { name: 'New accounts are closed' })).toBeVisible();
  const refused = await context.request.post('/api/auth/sign-up/email', {
    headers: { origin: gateway.url },
    data: { name: 'Second', email: 'second@example.com', password: PASSWORD },
  });
  expect(refused.status()).toBeGreaterThanOrEqual(400);
  expect(refused.status()).toBeLessThan(500);

  // Whoever invites is told that nobody new can come, and so is whoever was invited.
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill('grace@example.com');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Context: Personal' }).click();
  await page.getByRole('menuitem', { name: 'New organization' }).click();
  await page.getByLabel('Name').fill('Navy');
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.getByRole('link', { name: 'Members' }).click();
  await expect(page.getByText('an administrator sets GRANTWAY_SIGN_UP to invite')).toBeVisible();
  await page.getByLabel('Email').fill('second@example.com');
  await page.getByRole('button', { name: 'Invite' }).click();
  const told = page.getByRole('status').filter({ hasText: 'second@example.com is invited' });
  const link = (await told.locator('pre').textContent()) ?? '';
  await context.clearCookies();
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Join Navy' })).toBeVisible();
  await expect(page.getByText('This gateway takes no new accounts.')).toBeVisible();
  expect(complaints).toEqual([]);
  await context.close();
  await gateway.dispose();
  removeFolder(data);
});
