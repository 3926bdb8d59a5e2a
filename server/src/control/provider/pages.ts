/** What a person reads when a sign-in at a provider cannot go on. Nothing of the provider's own words is on these pages (SECURITY #68, #209). */
import { type ErrorPage, errorPage } from '../../platform/http/error-page.ts';

const AGAIN = 'Go back to the application, or to the page of the connection, and sign in again.';

const page = (given: Omit<ErrorPage, 'status'> & { status?: number }): Response => errorPage({ status: 400, ...given });

/** No state, one that was never given out, or one that is long forgotten. */
export const unknownSignIn = (): Response =>
  page({
    title: 'This sign-in is not known here',
    what: ['The address that led here belongs to no sign-in that was begun on this gateway.'],
    todo: ['If you did not sign in anywhere just now, close this page.', AGAIN],
  });

export const otherBrowser = (): Response =>
  page({
    status: 403,
    title: 'This sign-in began elsewhere',
    what: [
      'It was begun in another browser, or by another account, or you have signed out since. It cannot be finished here.',
    ],
    todo: [
      'If somebody sent you a link that led here, close this page: it would have let them use your account.',
      AGAIN,
    ],
  });

/** The same address again: by a reload, by the back button, or by a browser that asks twice. */
export const usedSignIn = (): Response =>
  page({
    title: 'This sign-in is over',
    what: ['It was finished before, or another one took its place.'],
    todo: ['If the application or the connection works, there is nothing to do: close this page.', AGAIN],
  });

export const expiredSignIn = (): Response =>
  page({
    title: 'This sign-in took too long',
    what: ['A sign-in at a provider has half an hour.'],
    todo: [AGAIN],
  });

/** Revoked, changed or taken away while the person was at the provider. */
export const goneSignIn = (): Response =>
  page({
    title: 'Access was revoked meanwhile',
    what: [
      'While you were at the provider, what you were signing in for was revoked, changed or taken away. What the provider gave is not kept, and it is told so.',
    ],
    todo: [AGAIN],
  });

/** Nothing was taken yet: the same address works again in a moment. */
export const providerAway = (): Response =>
  page({
    status: 503,
    title: 'The provider does not answer',
    what: ['The gateway cannot reach the provider at the moment.'],
    todo: ['Wait a little and load this page again. The sign-in goes on from here.'],
    retryAfter: 5,
  });

export const gatewayAway = (retryAfter: number): Response =>
  page({
    status: 503,
    title: 'Grantway is not ready',
    what: ['The gateway cannot reach its database at the moment.'],
    todo: ['Wait a little and load this page again.', AGAIN],
    retryAfter,
  });

export const failedHere = (requestId: string): Response =>
  page({
    status: 500,
    title: 'Something went wrong here',
    what: [`The gateway could not finish this sign-in. The reason is in its log under ${requestId}.`],
    todo: [AGAIN],
  });

/** @param because what the provider did, in our words. */
export const failedSignIn = (because: string): Response =>
  page({ title: 'The sign-in did not succeed', what: [because], todo: [AGAIN] });
