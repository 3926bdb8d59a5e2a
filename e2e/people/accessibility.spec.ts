/** Every page and state: no violation that axe knows, in light and dark, no sideways scrolling, the focus kept after every dialog, nothing for the console to complain about. */
import type { Page } from '@playwright/test';
import { overflowOf, violationsOf } from '../fixtures/judge.ts';
import { expect, test } from '../fixtures/test.ts';
import { ADMINISTRATION, setAdministration } from './administration.ts';
import { arrive, type Place, recolour } from './place.ts';
import { BEGINNINGS, PLACES, REFUSALS_SHOWN } from './places.ts';
import { setScene } from './scene.ts';

// No trace: it would take longer than the test, and the message says which element of which page it is.
test.use({ expectedComplaints: REFUSALS_SHOWN, trace: 'off' });
test.describe.configure({ mode: 'parallel' });

test('every page is accessible in light and dark and fits its window @phone', async ({ page, person, everything }) => {
  test.setTimeout(300_000);
  for (const place of BEGINNINGS) await judge(place, { page, person, upstreamUrl: everything.url });
  const scene = await setScene(page, person, everything.url);
  for (const place of PLACES) await judge(place, scene);
  await scene.close();
});

test('so is every page of an administrator and of an invitation @phone', async ({ browser, viewport, everything }) => {
  test.setTimeout(150_000);
  const scene = await setAdministration(browser, everything.url, viewport);
  for (const place of ADMINISTRATION) await judge(place, scene);
  await scene.close();
});

async function judge<In extends { page: Page }>(place: Place<In>, scene: In): Promise<void> {
  const { page } = scene;
  await page.emulateMedia({ colorScheme: 'light' });
  await arrive(place, scene);
  expect.soft(await violationsOf(page), `${place.name} in light`).toEqual([]);
  expect.soft(await overflowOf(page), `${place.name} scrolls sideways`).toBeLessThanOrEqual(0);
  // Nothing but the colours is another: the rest need not be asked twice.
  await recolour(page, 'dark');
  expect.soft(await violationsOf(page, OF_COLOURS), `${place.name} in dark`).toEqual([]);
  if ((await page.getByRole('dialog').count()) > 0) await leaveDialog(page, place.name);
}

/** By the keyboard; the focus is then somewhere, not at the top of everything. */
async function leaveDialog(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName), name).not.toBe('BODY');
}

const OF_COLOURS = ['color-contrast', 'link-in-text-block'];
