/** What every list shows besides its content: that it is on its way, that it could not be had, that it may be out of date. */
import { expect, type Page, type Route } from '@playwright/test';
import type { Place } from './place.ts';
import type { Scene } from './scene.ts';

/** Does something else with what the page asks for the list of clients. */
const intercept = (page: Page, act: (route: Route) => Promise<void> | void) =>
  page.route('**/graphql', (route) =>
    route.request().postData()?.includes('query Clients(') ? act(route) : route.fallback(),
  );

const failing = (page: Page) => intercept(page, (route) => route.fulfill({ status: 503 }));

export const STATES: Place<Scene>[] = [
  {
    name: 'state-loading',
    visit: async ({ page }) => {
      await intercept(page, () => {});
      await page.goto('/clients');
    },
    shows: 'Loading',
    isWaiting: true,
  },
  {
    name: 'state-failed',
    visit: async ({ page }) => {
      await failing(page);
      await page.goto('/clients');
    },
    shows: 'This page could not be loaded',
  },
  {
    name: 'state-stale',
    visit: async ({ page, person, newGrant }) => {
      await page.goto('/clients');
      await expect(page.getByRole('article').first()).toBeVisible();
      await failing(page);
      // The page hears of it and asks anew.
      await person.revoke(await newGrant());
    },
    shows: /^This may be out of date/,
  },
];
