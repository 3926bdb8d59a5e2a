/** What a person sees whom a client asks: the question in its variants, and each way in which there is nothing to answer. */
import { expect, type Page } from '@playwright/test';
import { decide, openConsent } from '../fixtures/consent.ts';
import { MONTH_LATER, type Place } from './place.ts';
import type { Scene } from './scene.ts';

const idIn = (address: string): string => new URL(address).pathname.split('/').at(-1) ?? '';

/** Opens the question, leaves it, and comes back to its address by way of what happens in between. */
async function comeBack(page: Page, asked: URL, meanwhile: (requestId: string) => Promise<unknown>, sign = '') {
  await openConsent(page, asked);
  const address = page.url();
  await meanwhile(idIn(address));
  await page.goto('about:blank');
  await page.goto(`${address}${sign}`);
}

const changed = (url: URL, change: (parameters: URLSearchParams) => void): URL => {
  const other = new URL(url);
  change(other.searchParams);
  return other;
};

export const CONSENTS: Place<Scene>[] = [
  {
    name: 'consent',
    visit: async ({ page, newRequest }) => openConsent(page, await newRequest()),
    shows: 'Allow access to Issue tracker?',
  },
  {
    name: 'consent-seen-before',
    visit: async ({ page, askAgain }) => openConsent(page, await askAgain()),
    shows: /that still stands\.$/,
  },
  {
    name: 'consent-wider',
    visit: async ({ page, askWider }) => openConsent(page, await askWider()),
    shows: 'It asks for more than you allowed before',
  },
  {
    name: 'consent-which-connection',
    visit: async ({ page, newRequest }) =>
      openConsent(
        page,
        changed(await newRequest(), (parameters) => parameters.delete('resource')),
      ),
    shows: /^The client did not say which one it wants/,
  },
  {
    name: 'consent-organization',
    visit: async ({ page, assignShared, askShared }) => {
      await assignShared();
      await openConsent(page, await askShared());
    },
    shows: 'Allow access to Shared wiki?',
  },
  {
    name: 'consent-sign-in-again',
    visit: async ({ page, newRequest }) => {
      const asked = changed(await newRequest(), (parameters) => parameters.set('prompt', 'login'));
      await page.goto(asked.href);
    },
    shows: 'Sign in again',
  },
  {
    name: 'consent-answered',
    visit: async ({ page, newRequest }) => {
      await openConsent(page, await newRequest());
      const asked = page.url();
      await page.getByRole('button', { name: 'Deny' }).click();
      await expect(page.getByRole('heading', { name: 'Back at the client' })).toBeVisible();
      await page.goto(asked);
    },
    shows: 'You have already denied this',
  },
  {
    name: 'consent-allowed',
    visit: async ({ page, person, newRequest }) => comeBack(page, await newRequest(), (id) => decide(person, id)),
    shows: 'You have already allowed this',
  },
  {
    name: 'consent-expired',
    visit: async ({ page, newRequest }) => comeBack(page, await newRequest(), async () => {}, MONTH_LATER),
    shows: 'This request has expired',
  },
  {
    name: 'consent-awaiting-provider',
    visit: async ({ page, person, askAtProvider }) => comeBack(page, await askAtProvider(), (id) => decide(person, id)),
    shows: 'A sign-in is still under way',
  },
  { name: 'consent-unknown', visit: ({ page }) => page.goto('/consent/unknown'), shows: 'No such request' },
];
