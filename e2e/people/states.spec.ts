/** What a page shows while its data is on the way, when it does not come, and when what is shown could not be brought up to date. */
import type { Route } from '@playwright/test';
import { openGateway } from '../fixtures/gateway.ts';
import { signUp } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';
import { watchPage } from '../fixtures/watch-page.ts';

// The refusals of this test are noted in the console.
const EXPECTED = /status of 503 |Network\] Service Unavailable/;

const AWAY = { status: 503, headers: { 'retry-after': '1' }, body: '' };

test('every page says that it loads, that it could not, and that it may be out of date, and tries again', async ({
  browser,
  everything,
}) => {
  test.setTimeout(120_000);
  // Whoever has the first account of a gateway administers it, and so comes to every page.
  const gateway = await openGateway();
  const context = await browser.newContext({ baseURL: gateway.url });
  const page = await context.newPage();
  const complaints = watchPage(page, gateway.url);
  const person = await signUp(context.request, gateway.url, 'Root');
  const { id } = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const { made } = await person.ask<{ made: { organization: { id: string } } }>(
    'mutation { made: organizationCreate(input: { name: "Research" }) { ... on OrganizationCreatePayload { organization { id } } } }',
  );
  const org = encodeURIComponent(made.organization.id);
  const detail = `/connections/${encodeURIComponent(id)}`;
  // `true`: it is kept up to date while one looks at it.
  const pages: [path: string, isLive: boolean][] = [
    ['/connections', true],
    [detail, true],
    [`${detail}/sign-ins`, true],
    ['/clients', true],
    ['/activity', true],
    [`/members?org=${org}`, false],
    [`/organization?org=${org}`, false],
    ['/settings/api-keys', false],
    ['/settings/security', false],
    ['/settings/clients', false],
    ['/people', false],
  ];
  let answer: (route: Route) => Promise<unknown> = (route) => route.continue();
  // Who is signed in, and where, is known: what is asked for is the page.
  await page.route('**/graphql', (route) =>
    /query (Session|Organizations)\b/.test(route.request().postData() ?? '') ? route.continue() : answer(route),
  );
  for (const [path, isLive] of pages) {
    await test.step(path, async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      answer = async (route) => {
        await held;
        await route.fulfill(AWAY).catch(() => {});
      };
      await page.goto(path);
      await expect(page.getByText('Loading', { exact: true }).first()).toBeAttached();
      release();
      await expect(page.getByText('Loading', { exact: true })).toHaveCount(0);
      const failure = page.getByRole('alert').filter({ hasText: 'Grantway cannot answer right now.' });
      await expect(failure.first()).toBeVisible();
      answer = (route) => route.continue();
      // A page of several lists says it of each; those that are answered for go, so the last comes first.
      const again = await failure.getByRole('button', { name: 'Try again' }).all();
      for (const button of again.reverse()) await button.click();
      await expect(failure).toHaveCount(0);
      await expect(page.getByText('Loading', { exact: true })).toHaveCount(0);
      if (!isLive) return;

      answer = (route) => route.fulfill(AWAY);
      await page.evaluate(() => window.dispatchEvent(new Event('focus')));
      const stale = page.getByRole('status').filter({ hasText: 'This may be out of date' });
      await expect(stale).toBeVisible();
      answer = (route) => route.continue();
      await stale.getByRole('button', { name: 'Refresh' }).click();
      await expect(stale).toBeHidden();
    });
  }
  expect(complaints.filter((one) => !EXPECTED.test(one))).toEqual([]);
  await context.close();
  await gateway.dispose();
});
