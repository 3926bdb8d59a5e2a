/** Refusals of sign-in, in the form of better-auth's own: a `code` for the page, a `message` for the person. */
import { json, NO_STORE } from '../../platform/http/reply.ts';

export const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response => json(status, { code, message }, { ...NO_STORE, ...headers });

/** The database is away. */
export const away = (): Response =>
  refusal(503, 'SERVICE_UNAVAILABLE', 'Grantway cannot reach its database. Try again in a moment.', {
    'retry-after': '2',
  });

export const passwordsOff = (): Response =>
  refusal(403, 'PASSWORDS_OFF', 'Here people sign in with single sign-on, not with a password.');

/** One answer for a link that was used, ran out, or never was one (#256). */
export const staleLink = (): Response =>
  refusal(400, 'LINK_NOT_VALID', 'This link has been used or is too old. Ask for a new one.');

export const signedOut = (): Response => refusal(401, 'UNAUTHENTICATED', 'Sign in first.');
