/** Every page and state: no violation that axe knows, no sideways scrolling, nothing for the console to complain about. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { arrive, PLACES, type Place, REFUSALS_SHOWN } from './places.ts';
import { setScene } from './scene.ts';

// No trace: it would take longer than the test, and the message says which element of which page it is.
test.use({ expectedComplaints: REFUSALS_SHOWN, trace: 'off' });

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page is accessible in ${colorScheme} and fits its window @phone`, async ({
    page,
    person,
    everything,
  }) => {
    test.setTimeout(150_000);
    await page.emulateMedia({ colorScheme });
    for (const empty of ['/connections', '/clients']) {
      await page.goto(empty);
      await expect(page.getByText(/^(No client can act for you yet|Connect your first MCP server)$/)).toBeVisible();
      await judge(page, `${empty} empty`);
    }
    const scene = await setScene(page, person, everything.url);
    for (const place of PLACES) {
      await arrive(place, scene);
      await judge(page, place.name);
    }
    await scene.close();
  });
}

async function judge(page: Page, name: Place['name']): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  expect.soft(found, name).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect.soft(overflow, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}
