/** One's own security and one's own record: sessions end, the password changes, and what happens is seen as it happens. */
import { fillSignIn } from '../fixtures/consent.ts';
import { signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';

test('a session that is ended here is signed out there, and the record says so at once', async ({
  page,
  person,
  browser,
  gateway,
}) => {
  const elsewhere = await browser.newContext({ baseURL: gateway.url });
  await signIn(elsewhere.request, gateway.url, person);
  const other = await elsewhere.newPage();
  await other.goto('/activity');
  await expect(other.getByText('The account was created')).toBeVisible();

  await page.goto('/connections');
  await page.getByRole('button', { name: `Account: ${person.name}` }).click();
  await page.getByRole('menuitem', { name: 'Security' }).click();
  await expect(page.getByRole('heading', { name: 'Security' })).toBeVisible();
  const sessions = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
  await expect(sessions.filter({ hasText: 'This browser' })).toHaveCount(1);
  await page.getByRole('button', { name: 'End all other sessions' }).click();
  const dialog = page.getByRole('dialog', { name: 'End all other sessions?' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByRole('button', { name: 'End all other sessions' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(sessions).toHaveCount(1);

  // The other page was looking at what happens: its subscription has ended, and it is led to sign in.
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await elsewhere.close();
});

test.describe('a password', () => {
  test.use({ expectedComplaints: /status of 400/ });

  test('is changed by who knows it, and by nobody else', async ({ page, person, context }) => {
    await page.goto('/settings/security');
    const change = async (current: string) => {
      await page.getByLabel('Current password').fill(current);
      await page.getByLabel('New password').fill('another battery staple');
      await page.getByRole('button', { name: 'Change password' }).click();
    };
    await change('not the password');
    await expect(page.getByRole('alert')).toHaveText('That is not your current password.');
    await change(person.password);
    await expect(page.getByText('The password is changed')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Security' })).toBeVisible();
    await context.clearCookies();
    await page.goto('/sign-in');
    await fillSignIn(page, { email: person.email, password: 'another battery staple' });
    await expect(page.getByRole('heading', { name: 'Connections' })).toBeVisible();
  });
});

test('the activity grows while one looks, is narrowed down in the address, and is had as a file @phone', async ({
  page,
  person,
  everything,
}) => {
  await page.goto('/activity');
  await expect(page.getByText('The account was created')).toBeVisible();
  await person.createConnection({ name: 'Issue tracker', remoteUrl: everything.url });
  // Sooner than the page would ask by itself.
  await expect(page.getByText('The connection “Issue tracker” was created.')).toBeVisible({ timeout: 3_000 });

  await page.getByLabel('Kind').selectOption('Accounts and sessions');
  await expect(page.getByText('The connection “Issue tracker” was created.')).toHaveCount(0);
  await expect(page).toHaveURL(/kind=accounts/);
  await page.reload();
  await expect(page.getByText('The account was created')).toBeVisible();
  await page.getByLabel('Outcome').selectOption('Denied');
  await expect(page.getByText('No event fits these filters.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await expect(page.getByText('The connection “Issue tracker” was created.')).toBeVisible();

  await page.getByLabel('Kind').selectOption('Connections');
  await page.getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'As NDJSON' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('grantway-audit.ndjson');
  const stream = await file.createReadStream();
  let text = '';
  for await (const part of stream) text += part;
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ kind: 'connection.created', actor: person.name });
});

test('what is kept of oneself is had as a file @phone', async ({ page, person, everything }) => {
  await person.createConnection({ name: 'Issue tracker', remoteUrl: everything.url });
  await page.goto('/settings/security');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as JSON' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('grantway-my-data.json');
  const stream = await file.createReadStream();
  let text = '';
  for await (const part of stream) text += part;
  expect(JSON.parse(text)).toMatchObject({ user: { email: person.email } });
  expect(text).toContain('Issue tracker');
  expect(text).not.toContain(person.password);
});
