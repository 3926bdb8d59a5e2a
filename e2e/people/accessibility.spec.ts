/** Every page and state: no violation that axe knows, no sideways scrolling, nothing for the console to complain about. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { arrive, PLACES, type Place, REFUSALS_SHOWN, settle } from './places.ts';
import { setScene } from './scene.ts';

// No trace: it would take longer than the test, and the message says which element of which page it is.
test.use({ expectedComplaints: REFUSALS_SHOWN, trace: 'off' });

test('every page is accessible in light and in dark, and fits its window @phone', async ({
  page,
  person,
  everything,
}) => {
  test.setTimeout(240_000);
  for (const empty of ['/connections', '/clients']) {
    await page.goto(empty);
    await expect(page.getByText(/^(No client can act for you yet|Connect your first MCP server)$/)).toBeVisible();
    await judgeInBoth(page, `${empty} empty`);
  }
  const scene = await setScene(page, person, everything.url);
  for (const place of PLACES) {
    await arrive(place, scene);
    await judgeInBoth(page, place.name);
  }
  await scene.close();
});

/** Coming somewhere takes longer than looking around there: each page is come to once. */
async function judgeInBoth(page: Page, name: Place['name']): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    await judge(page, `${name} in ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

async function judge(page: Page, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  expect.soft(found, name).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect.soft(overflow, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}
