// Accounts over the sign-in API: signing up, in and out, and passwords. Cookies only: no answer of it is kept.
import { CombinedError } from '@urql/core';
import { refusalText } from './refusal-text.ts';
import { refusals } from './refusal-texts.ts';

export type SignUpMode = 'first' | 'invite' | 'open';
export interface Setup {
  signUp: SignUpMode;
  hasAccounts: boolean;
  passwordSignIn: boolean;
  /** The name of single sign-on; null where there is none. */
  sso: string | null;
  /** Whether mails are sent from here. */
  mail: boolean;
}

/** What comes after it was done. */
export type Next = 'signed-in' | 'sign-in' | 'mail' | 'start';
export type Answer = { ok: true; next?: Next; url?: string } | { ok: false; message: string };

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

export const mayCreateAccount = (setup: Setup): boolean =>
  setup.passwordSignIn && (!setup.hasAccounts || setup.signUp === 'open');

type Credentials = { email: string; password: string };

export const signIn = (input: Credentials) => post('/api/auth/sign-in/email', input);
export const signOnElsewhere = (returnTo: string | undefined) => post('/api/auth/sign-in/sso', { returnTo });
export const signOut = () => post('/api/auth/sign-out', {});
export const finishSignUp = (token: string, password: string) => post('/api/auth/sign-up/finish', { token, password });
export const forgotPassword = (email: string) => post('/api/auth/password/forgot', { email });
export const resetPassword = (token: string, password: string) => post('/api/auth/password/reset', { token, password });
export const changePassword = (currentPassword: string, newPassword: string, endApiKeys: boolean) =>
  post('/api/auth/password/change', { currentPassword, newPassword, endApiKeys });
export const askToConfirmEmail = () => post('/api/auth/email/ask', {});
export const confirmEmail = (token: string) => post('/api/auth/email/verify', { token });

/** Signs up, and then in where the password is good already: the answer to a sign-up does not say whether the address was free. */
export async function signUp(input: Credentials & { name: string; invitation?: string }): Promise<Answer> {
  const answer = await post('/api/auth/sign-up/email', input);
  if (!answer.ok || answer.next !== 'sign-in') return answer;
  const signedIn = await signIn(input);
  return signedIn.ok ? signedIn : answer;
}

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
    return { ok: false, message: refusals.unreachable };
  }
  const answer = await response.json().catch(() => ({}));
  return response.ok ? { ...answer, ok: true } : { ok: false, message: refusalText(response, answer) };
}
