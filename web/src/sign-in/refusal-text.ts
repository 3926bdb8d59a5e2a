// Which words tell of a refusal of sign-in.
import type { Setup } from './account.ts';
import { signOn, refusals as texts } from './refusal-texts.ts';

export function refusalText(response: Response, detail: { code?: string; message?: string }): string {
  if (response.status === 429) return tooManyText(response.headers);
  if (response.status >= 500) return detail.code === 'SSO_AWAY' && detail.message ? detail.message : texts.away;
  return texts.codes[detail.code ?? ''] ?? detail.message ?? texts.other;
}

/** Why single sign-on led back to the sign-in page, from the `error` in its address, which may come from anyone. */
export function signOnText(error: string, setup: Pick<Setup, 'mail' | 'passwordSignIn'>): string {
  switch (error) {
    case 'account_not_linked':
      if (!setup.passwordSignIn) return signOn.notLinkedNoPassword;
      return setup.mail ? signOn.notLinked : signOn.notLinkedNoMail;
    case 'SSO_EMAIL_NOT_VERIFIED':
      return signOn.notVerified;
    case 'SIGN_UP_CLOSED':
    case 'signup_disabled':
      return signOn.noAccount;
    case 'DOMAIN_NOT_ALLOWED':
      return signOn.otherDomain;
    case 'ACCOUNT_BLOCKED':
      return signOn.blocked;
    case 'access_denied':
      return signOn.cancelled;
    case 'email_not_found':
      return signOn.noEmail;
    default:
      return signOn.other;
  }
}

/** Reads both forms of the wait, in seconds. */
function tooManyText(headers: Headers): string {
  const seconds = Number(headers.get('retry-after') ?? headers.get('x-retry-after'));
  if (!Number.isFinite(seconds) || seconds <= 0) return texts.tooMany(texts.minute);
  const wait = seconds < 90 ? texts.seconds(Math.ceil(seconds)) : texts.minutes(Math.ceil(seconds / 60));
  return texts.tooMany(wait);
}
