/** Signing in: who may, who may not, and where one lands. */
import { fillSignIn } from '../fixtures/consent.ts';
import { expect, test } from '../fixtures/test.ts';

test('signing in leads back to the page that was asked for, and signing out forgets everything', async ({
  page,
  person,
  context,
}) => {
  await context.clearCookies();
  await page.goto('/activity');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await fillSignIn(page, person);
  await expect(page.getByRole('heading', { name: 'Activity' })).toBeVisible();
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  expect(stored).toEqual([0, 0]);

  // By keyboard: the menu takes the focus, and gives it back.
  const account = page.getByRole('button', { name: `Account: ${person.name}` });
  await account.press('Enter');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(account).toBeFocused();
  await account.click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto('/connections');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a return address of another origin is not followed', async ({ page, person, context, gateway }) => {
  await context.clearCookies();
  for (const returnTo of ['//example.com/', 'https://example.com/', '/\\example.com']) {
    await context.clearCookies();
    await page.goto(`/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
    await fillSignIn(page, person);
    await expect(page.getByRole('heading', { name: 'Connections' })).toBeVisible();
    expect(page.url().startsWith(`${gateway.url}/`)).toBe(true);
  }
});

test('single sign-on that finds an unconfirmed account gives advice that can be followed: no mail is sent here', async ({
  page,
}) => {
  await page.goto('/sign-in?error=account_not_linked');
  await expect(page.getByRole('alert')).toContainText('sends no mail to confirm it with. Sign in with its password');
});

test.describe('a wrong password', () => {
  test.use({ expectedComplaints: /status of 401/ });

  test('is refused in words that do not say which of the two was wrong', async ({ page, person, context }) => {
    await context.clearCookies();
    await page.goto('/sign-in');
    await fillSignIn(page, { email: person.email, password: 'not the password' });
    await expect(page.getByRole('alert')).toHaveText('That email and password do not match. Check both and try again.');
    await fillSignIn(page, { email: 'nobody@example.com', password: 'not the password' });
    await expect(page.getByRole('alert')).toHaveText('That email and password do not match. Check both and try again.');
  });
});
