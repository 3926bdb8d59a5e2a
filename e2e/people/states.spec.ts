/** What a page shows while its data is on the way, when it does not come, and when what is shown could not be brought up to date. */
import type { Route } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';

// The refusals of this test are noted in the console.
test.use({ expectedComplaints: /status of 503 |Network\] Service Unavailable/ });

const AWAY = { status: 503, headers: { 'retry-after': '1' }, body: '' };

test('every page says that it loads, that it could not, and that it may be out of date, and tries again', async ({
  page,
  person,
  everything,
}) => {
  test.setTimeout(90_000);
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
      const failure = page.getByRole('alert').filter({ hasText: 'Grantway cannot answer right now.' });
      await expect(failure).toBeVisible();
      answer = (route) => route.continue();
      await failure.getByRole('button', { name: 'Try again' }).click();
      await expect(failure).toBeHidden();
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
});
