/** Pictures of every page and state, at desktop and phone width, in light and dark, and an index.html to flip through them. */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { test } from '../fixtures/test.ts';
import { ADMINISTRATION, setAdministration } from './administration.ts';
import { writeFlipThrough } from './flip-through.ts';
import { arrive, type Place, recolour } from './place.ts';
import { BEGINNINGS, PLACES, REFUSALS_SHOWN } from './places.ts';
import { setScene } from './scene.ts';

const FOLDER = fileURLToPath(new URL('../screenshots/', import.meta.url));
const WIDTHS = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

test.use({ expectedComplaints: REFUSALS_SHOWN });

test.afterAll(() => writeFlipThrough(FOLDER));

for (const [device, viewport] of Object.entries(WIDTHS)) {
  const picture = async <In extends { page: Page }>(place: Place<In>, scene: In) => {
    const { page } = scene;
    await page.emulateMedia({ colorScheme: 'light' });
    await arrive(place, scene);
    for (const colorScheme of ['light', 'dark'] as const) {
      await recolour(page, colorScheme);
      // What lies over the page lies over the window: a picture of the whole page would show it cut off.
      const over = await page.locator('[role=dialog], .mantine-Affix-root').count();
      await page.screenshot({ path: `${FOLDER}${place.name}-${device}-${colorScheme}.png`, fullPage: over === 0 });
    }
  };

  test(`people on a ${device}`, async ({ page, person, everything }) => {
    test.setTimeout(300_000);
    await page.setViewportSize(viewport);
    for (const place of BEGINNINGS) await picture(place, { page, person, upstreamUrl: everything.url });
    const scene = await setScene(page, person, everything.url);
    for (const place of PLACES) await picture(place, scene);
    await scene.close();
  });

  test(`administrators on a ${device}`, async ({ browser, everything }) => {
    test.setTimeout(150_000);
    const scene = await setAdministration(browser, everything.url, viewport);
    for (const place of ADMINISTRATION) await picture(place, scene);
    await scene.close();
  });
}
