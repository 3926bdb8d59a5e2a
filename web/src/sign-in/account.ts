// Signing up, in and out over the sign-in API. Cookies only: no answer of it is kept.
import { CombinedError } from '@urql/core';

export type SignUpMode = 'first' | 'invite' | 'open';
export interface Setup {
  signUp: SignUpMode;
  hasAccounts: boolean;
}
export type Answer = { ok: true } | { ok: false; message: string };

/** Fails like a query does, so that the page which shows it finds the words. */
export async function loadSetup(): Promise<Setup> {
  let response: Response | undefined;
  try {
    response = await fetch('/api/setup', { credentials: 'same-origin', headers: { accept: 'application/json' } });
    if (response.ok) return await response.json();
    throw new Error(`The answer was ${response.status}`);
  } catch (error) {
    throw new CombinedError({ networkError: error as Error, response });
  }
}

export const mayCreateAccount = (setup: Setup): boolean => !setup.hasAccounts || setup.signUp === 'open';

export const signIn = (input: { email: string; password: string }) => post('/api/auth/sign-in/email', input);
export const signUp = (input: { name: string; email: string; password: string; invitation?: string }) =>
  post('/api/auth/sign-up/email', input);
export const signOut = () => post('/api/auth/sign-out', {});

async function post(path: string, body: object): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    return { ok: false, message: 'Grantway cannot be reached. Check that you are connected, then try again.' };
  }
  if (response.ok) return { ok: true };
  const detail: { code?: string; message?: string } = await response.json().catch(() => ({}));
  return { ok: false, message: refusalText(response, detail) };
}

function refusalText(response: Response, detail: { code?: string; message?: string }): string {
  if (response.status === 429) return tooManyText(response.headers);
  if (response.status >= 500) return 'Grantway cannot answer right now. Try again in a moment.';
  switch (detail.code) {
    case 'INVALID_EMAIL_OR_PASSWORD':
      return 'That email and password do not match. Check both and try again.';
    case 'USER_ALREADY_EXISTS':
    case 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL':
      return 'An account with this email exists already. Sign in instead.';
    case 'INVALID_EMAIL':
      return 'That does not look like an email address.';
    case 'PASSWORD_TOO_SHORT':
      return 'The password is too short: use at least 8 characters.';
    case 'PASSWORD_TOO_LONG':
      return 'The password is too long: use at most 128 characters.';
    case 'EMAIL_PASSWORD_SIGN_UP_DISABLED':
      return 'New accounts are closed here. Ask an administrator for an invitation.';
    default:
      return detail.message ?? 'That was refused. Check what you entered and try again.';
  }
}

/** Reads both forms of the wait, in seconds. */
function tooManyText(headers: Headers): string {
  const seconds = Number(headers.get('retry-after') ?? headers.get('x-retry-after'));
  if (!Number.isFinite(seconds) || seconds <= 0) return 'Too many attempts. Wait a minute, then try again.';
  const wait = seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many attempts. Wait ${wait}, then try again.`;
}
