/** One page or state that a person can be in, and how to get there and know that one has arrived. */
import { expect, type Page } from '@playwright/test';

export type Place<In extends { page: Page }> = {
  name: string;
  visit: (scene: In) => Promise<unknown>;
  /** What shows that one is there: a heading, a dialog, or a text. */
  shows: string | RegExp;
  /** That it is what is shown while something is on its way. */
  isWaiting?: boolean;
};

/** Added to an address, its page takes it to be a month later than it is. */
export const MONTH_LATER = '#a-month-later';

/** Makes the pages that are opened from now on know `MONTH_LATER`. */
export const knowLater = (page: Page): Promise<unknown> =>
  page.addInitScript((sign) => {
    const now = Date.now;
    if (location.hash === sign) Date.now = () => now() + 31 * 86_400_000;
  }, MONTH_LATER);

/** Goes there, and waits until what it shows is there and has stopped moving. */
export async function arrive<In extends { page: Page }>(place: Place<In>, scene: In): Promise<void> {
  const { page } = scene;
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await place.visit(scene);
  const named = { name: place.shows };
  const sign = page
    .getByRole('heading', named)
    .or(page.getByRole('dialog', named))
    .or(page.getByText(place.shows, { exact: true }));
  await expect(sign.first()).toBeVisible();
  // What is loaded later, such as a chart, has a placeholder until it is there.
  if (!place.isWaiting) await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
  await settle(page);
}

/** Shows the same place in the other colours. */
export async function recolour(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await settle(page);
}

/** Fades and slides would be judged, and pictured, half way. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const moving = () =>
      document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
    // What has just been put there begins to move with the next frame.
    for (let still = 0; still < 3; still = moving().length === 0 ? still + 1 : 0) {
      await Promise.allSettled(moving().map((one) => one.finished));
      await frame();
    }
  });
}
