/** Single sign-on at a real OpenID Connect provider, and what mails do for accounts. */
import type { Page } from '@playwright/test';
import { linkIn, type Mailbox, openMailbox } from '../actors/mailbox.ts';
import { openSignOnProvider, type SignOnProvider } from '../actors/sign-on-provider.ts';
import { fillSignIn } from '../fixtures/consent.ts';
import { type Gateway, openGateway } from '../fixtures/gateway.ts';
import { PASSWORD } from '../fixtures/person.ts';
import { freePort } from '../fixtures/port.ts';
import { test as base, expect } from '../fixtures/test.ts';

const ROOT = { name: 'Root', email: 'root@example.com', password: PASSWORD };

const test = base.extend<object, { mailbox: Mailbox; provider: SignOnProvider }>({
  mailbox: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const mailbox = await openMailbox();
      await use(mailbox);
      await mailbox.stop();
    },
    { scope: 'worker' },
  ],
  provider: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const port = await freePort();
      const provider = await openSignOnProvider(`http://localhost:${port}`);
      await use(Object.assign(provider, { gatewayPort: port }));
      await provider.stop();
    },
    { scope: 'worker' },
  ],
  gateway: [
    async ({ mailbox, provider }, use) => {
      const { gatewayPort } = provider as SignOnProvider & { gatewayPort: number };
      const gateway = await openGateway({
        PORT: String(gatewayPort),
        GRANTWAY_SIGN_UP_DOMAINS: 'example.com',
        GRANTWAY_OIDC_ISSUER: provider.issuer,
        GRANTWAY_OIDC_CLIENT_ID: provider.clientId,
        GRANTWAY_OIDC_CLIENT_SECRET: provider.clientSecret,
        GRANTWAY_OIDC_NAME: 'Example ID',
        GRANTWAY_SMTP_URL: mailbox.url,
        GRANTWAY_MAIL_FROM: 'Grantway <grantway@example.com>',
      });
      await post(gateway, 'sign-up/email', ROOT);
      await use(gateway);
      await gateway.dispose();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

const post = (gateway: Gateway, path: string, data: object) =>
  fetch(`${gateway.url}/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: gateway.url },
    body: JSON.stringify(data),
  });

/** Leaves for the provider, signs in there, and comes back. */
async function signOn(page: Page, sub: string, beforeBack: () => Promise<void> = async () => {}): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with Example ID' }).click();
  await page.locator('input[name=login]').fill(sub);
  await page.locator('input[name=password]').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
  await beforeBack();
  await page.getByRole('button', { name: 'Continue' }).click();
}

// The provider's pages are its own affair, and one test is about its refusals.
test.use({ expectedComplaints: /.*/ });

test('a person of the provider gets an account, and lands where they wanted to go; the next time they are known', async ({
  page,
  context,
  provider,
}) => {
  provider.add({ sub: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true });
  for (const again of [false, true]) {
    await page.goto('/activity');
    await signOn(page, 'ada');
    await expect(page.getByRole('heading', { name: 'Activity' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Account: Ada Lovelace' })).toBeVisible();
    await expect(page.getByText('You signed in with single sign-on.')).toHaveCount(again ? 2 : 1);
    await context.clearCookies();
  }
});

test('#258 nobody gets in whose address is not proved, or is of another domain, or is an account that nobody confirmed', async ({
  page,
  context,
  gateway,
  mailbox,
  provider,
}) => {
  provider.add({ sub: 'unproved', email: 'unproved@example.com', email_verified: false });
  provider.add({ sub: 'other', email: 'other@evil.example', email_verified: true });
  provider.add({ sub: 'root', name: 'Root', email: ROOT.email, email_verified: true });
  for (const [sub, sentence] of [
    ['unproved', 'does not say that your email is verified'],
    ['other', 'addresses of certain domains'],
    ['root', 'whose address was never confirmed'],
  ] as const) {
    await page.goto('/sign-in');
    await signOn(page, sub);
    await expect(page.getByRole('alert')).toContainText(sentence);
    expect((await context.cookies(gateway.url)).some(({ name }) => name === 'grantway_session')).toBe(false);
    await context.clearCookies();
  }

  // Whoever has the password confirms the address; then, and not before, the two are one account.
  await page.goto('/sign-in');
  await fillSignIn(page, ROOT);
  await expect(page.getByRole('heading', { name: 'Connections' })).toBeVisible();
  await page.request.post('/api/auth/email/ask', { headers: { origin: gateway.url }, data: {} });
  await page.goto(linkIn(await mailbox.next(ROOT.email)));
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(page.getByRole('heading', { name: 'Your address is confirmed' })).toBeVisible();
  expect(page.url()).not.toContain('token');
  await context.clearCookies();
  await page.goto('/sign-in');
  await signOn(page, 'root');
  await page.getByRole('button', { name: 'Account: Root' }).click();
  const menu = page.getByRole('menu');
  await expect(menu.getByText(ROOT.email)).toBeVisible();
  await expect(menu.getByText('Administrator', { exact: true })).toBeVisible();
});

test('#250 an answer of the provider is good in the browser that asked for it alone', async ({
  page,
  context,
  gateway,
  provider,
}) => {
  provider.add({ sub: 'mallory', email: 'mallory@example.com', email_verified: true });
  await page.goto('/sign-in');
  // To the gateway this is another browser: it has nothing of the one that began.
  await signOn(page, 'mallory', () => context.clearCookies({ name: /grantway/ }));
  await expect(page.getByRole('alert')).toContainText('Single sign-on did not work');
  expect((await context.cookies(gateway.url)).some(({ name }) => name === 'grantway_session')).toBe(false);
});

test('an account begins with a mail, and a forgotten password ends with one', async ({ page, context, mailbox }) => {
  const email = 'grace@example.com';
  await page.goto('/sign-up');
  await page.getByLabel('Name').fill('Grace Hopper');
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
  await page.goto(linkIn(await mailbox.next(email)));
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('button', { name: 'Account: Grace Hopper' })).toBeVisible();

  await context.clearCookies();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // The page that is left has a field of the same name.
  await expect(page.getByRole('heading', { name: 'A new password' })).toBeVisible();
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible();
  const link = linkIn(await mailbox.next(email));
  for (const refused of [false, true]) {
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByLabel('New password').fill('another battery staple');
    await page.getByRole('button', { name: 'Set the password' }).click();
    const shown = refused
      ? page.getByRole('alert').getByText('This link has been used')
      : page.getByRole('heading', { name: 'The password is set' });
    await expect(shown).toBeVisible();
  }
  await page.goto('/sign-in');
  await fillSignIn(page, { email, password: 'another battery staple' });
  await expect(page.getByRole('button', { name: 'Account: Grace Hopper' })).toBeVisible();
});
