/** What a person sees whom a client asks: the question in its variants, and each way in which there is nothing to answer. */
import { expect } from '@playwright/test';
import { approve, openConsent } from '../fixtures/consent.ts';
import { MONTH_LATER, type Place } from './place.ts';
import type { Scene } from './scene.ts';

/** Opens the question, leaves it, and comes back to its address by way of what happens in between. */
async function comeBack({ page, newRequest }: Scene, meanwhile: (asked: URL) => Promise<unknown>, sign = '') {
  const asked = await newRequest();
  await openConsent(page, asked);
  const address = page.url();
  await meanwhile(asked);
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
    visit: (scene) => comeBack(scene, (asked) => approve(scene.page.context().request, scene.person, asked)),
    shows: 'You have already allowed this',
  },
  {
    name: 'consent-expired',
    visit: (scene) => comeBack(scene, async () => {}, MONTH_LATER),
    shows: 'This request has expired',
  },
  {
    name: 'consent-awaiting-provider',
    visit: async ({ page, person, askAtProvider }) => {
      const asked = await askAtProvider();
      await openConsent(page, asked);
      const address = page.url();
      await person.ask(APPROVE, { input: { requestId: new URL(address).pathname.split('/').at(-1) } });
      await page.goto('about:blank');
      await page.goto(address);
    },
    shows: 'A sign-in is still under way',
  },
  { name: 'consent-unknown', visit: ({ page }) => page.goto('/consent/unknown'), shows: 'No such request' },
];

const APPROVE = `mutation ($input: AuthorizationApproveInput!) { authorizationApprove(input: $input) { __typename } }`;
