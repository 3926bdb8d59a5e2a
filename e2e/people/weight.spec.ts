/** What a first visit to Authorized clients weighs, and what it does not load. */
import { request } from 'node:http';
import { openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen } from '../fixtures/consent.ts';
import type { Connection } from '../fixtures/person.ts';
import { test as base, expect } from '../fixtures/test.ts';

const MOST = 175_000;

/** A connection with a client that has used it. */
const test = base.extend<{ used: Connection }>({
  used: [
    async ({ person, everything, context }, use) => {
      const connection = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
      const client = await openMcpClient(connection.url, { name: 'Worker' });
      await client.signIn(allowUnseen(context.request, person));
      await client.echo('used');
      await use(connection);
      await client.close();
    },
    { auto: true },
  ],
});

/** The size of a file as a browser that takes gzip gets it. */
const weigh = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      response.resume().once('end', () => resolve(Number(response.headers['content-length'])));
    });
    sent.once('error', reject).end();
  });

test('the first load of Authorized clients is well under 200 kB of compressed JavaScript, without dialogs, menus and charts', async ({
  page,
}) => {
  const scripts = new Set<string>();
  page.on('request', (one) => one.resourceType() === 'script' && scripts.add(one.url()));
  await page.goto('/clients');
  await expect(page.getByRole('article')).toHaveCount(1);
  const sizes = await Promise.all([...scripts].filter((url) => url.includes('/assets/')).map(weigh));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(sizes.length).toBeGreaterThan(1);
  expect(total).toBeGreaterThan(50_000);
  test.info().annotations.push({ type: 'weight', description: `${total} bytes in ${sizes.length} scripts` });
  expect(total, `${sizes.length} scripts`).toBeLessThan(MOST);
  expect([...scripts].filter((url) => /usage-chart|revoke-dialog|consent|-menu|tooltip/.test(url))).toEqual([]);
});

test('nothing moves what is already read: layout shift while a page loads and refreshes is nil', async ({
  page,
  used,
}) => {
  await page.addInitScript(() => {
    const seen = window as unknown as { shifts: number };
    seen.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) seen.shifts += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const places = [
    ['/clients', /requests? in 30 days/],
    ['/connections', /1 client has access/],
    [`/connections/${encodeURIComponent(used.id)}`, /requests in 30 days/],
    ['/activity', /You signed in with your password\./],
    ['/settings/security', /Chrome on Linux/],
  ] as const;
  for (const [path, shows] of places) {
    await page.goto(path);
    await expect(page.getByText(shows).first()).toBeVisible();
    await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
    // 0.1 is what Core Web Vitals call good; a page that replaces its skeleton by its list stays far below.
    const shifts = await page.evaluate(() => (window as unknown as { shifts: number }).shifts);
    expect.soft(shifts, path).toBeLessThan(0.1);
  }
});

test('text at 200 % is not cut off, and nothing moves for who asked for that @phone', async ({ page, used }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const paths = ['/clients', '/connections', `/connections/${encodeURIComponent(used.id)}`, '/activity'];
  for (const path of [...paths, '/connections/new', '/settings/security', '/settings/api-keys']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect.soft(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    const moving = await page.evaluate(
      () => document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).length,
    );
    expect.soft(moving, `${path} moves`).toBe(0);
  }
});
