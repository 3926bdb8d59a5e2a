// Refusals of sign-in in words that a person can act on.

export const unreachable = 'Grantway cannot be reached. Check that you are connected, then try again.';

const WORDS: Record<string, string> = {
  INVALID_EMAIL_OR_PASSWORD: 'That email and password do not match. Check both and try again.',
  INVALID_EMAIL: 'That does not look like an email address.',
  INVALID_PASSWORD: 'That is not your current password.',
  PASSWORD_TOO_SHORT: 'The password is too short: use at least 8 characters.',
  PASSWORD_TOO_LONG: 'The password is too long: use at most 128 characters.',
};

export function refusalText(response: Response, detail: { code?: string; message?: string }): string {
  if (response.status === 429) return tooManyText(response.headers);
  if (response.status >= 500) return detail.code === 'SSO_AWAY' && detail.message ? detail.message : away;
  return WORDS[detail.code ?? ''] ?? detail.message ?? 'That was refused. Check what you entered and try again.';
}

const away = 'Grantway cannot answer right now. Try again in a moment.';

/** Why single sign-on led back to the sign-in page, from the `error` in its address, which may come from anyone. */
export function signOnText(error: string): string {
  switch (error) {
    case 'account_not_linked':
      return 'There is an account with your email already, whose address was never confirmed. Sign in with its password and confirm the address under Security; then single sign-on works too.';
    case 'SSO_EMAIL_NOT_VERIFIED':
      return 'The sign-on provider does not say that your email is verified. Confirm it there, then try again.';
    case 'SIGN_UP_CLOSED':
    case 'signup_disabled':
      return 'There is no account here for you yet. Ask an administrator for an invitation.';
    case 'DOMAIN_NOT_ALLOWED':
      return 'Accounts here are for addresses of certain domains, and yours is none of them.';
    case 'ACCOUNT_BLOCKED':
      return 'Your account is blocked. Ask an administrator.';
    case 'access_denied':
      return 'You cancelled at the sign-on provider. Nothing was changed.';
    case 'email_not_found':
      return 'The sign-on provider did not tell your email address, and Grantway needs it.';
    default:
      return 'Single sign-on did not work. Try again; if it keeps failing, tell your administrator.';
  }
}

/** Reads both forms of the wait, in seconds. */
function tooManyText(headers: Headers): string {
  const seconds = Number(headers.get('retry-after') ?? headers.get('x-retry-after'));
  if (!Number.isFinite(seconds) || seconds <= 0) return 'Too many attempts. Wait a minute, then try again.';
  const wait = seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many attempts. Wait ${wait}, then try again.`;
}
