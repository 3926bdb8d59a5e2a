// Refusals of sign-in in words that a person can act on: apart from the rest, because signing out needs them everywhere.
export const refusals = {
  unreachable: 'Grantway cannot be reached. Check that you are connected, then try again.',
  away: 'Grantway cannot answer right now. Try again in a moment.',
  other: 'That was refused. Check what you entered and try again.',
  codes: {
    INVALID_EMAIL_OR_PASSWORD: 'That email and password do not match. Check both and try again.',
    UNAUTHENTICATED: 'You are signed out in this browser. Sign in to the account, then try this again.',
    INVALID_EMAIL: 'That does not look like an email address.',
    INVALID_PASSWORD: 'That is not your current password.',
    PASSWORD_TOO_SHORT: 'The password is too short: use at least 8 characters.',
    PASSWORD_TOO_LONG: 'The password is too long: use at most 128 characters.',
  } as Record<string, string>,
  tooMany: (wait: string) => `Too many attempts. Wait ${wait}, then try again.`,
  minute: 'a minute',
  seconds: (count: number) => `${count} seconds`,
  minutes: (count: number) => `${count} minutes`,
};

export const signOn = {
  notLinked:
    'There is an account with your email already, whose address was never confirmed. Sign in with its password and confirm the address under Security; then single sign-on works too.',
  notLinkedNoMail:
    'There is an account with your email already, whose address was never confirmed, and this Grantway sends no mail to confirm it with. Sign in with its password, or ask an administrator.',
  notLinkedNoPassword:
    'There is an account with your email already, whose address was never confirmed. Ask an administrator.',
  notVerified: 'The sign-on provider does not say that your email is verified. Confirm it there, then try again.',
  noAccount: 'There is no account here for you yet. Ask an administrator for an invitation.',
  otherDomain: 'Accounts here are for addresses of certain domains, and yours is none of them.',
  blocked: 'Your account is blocked. Ask an administrator.',
  cancelled: 'You cancelled at the sign-on provider. Nothing was changed.',
  noEmail: 'The sign-on provider did not tell your email address, and Grantway needs it.',
  other: 'Single sign-on did not work. Try again; if it keeps failing, tell your administrator.',
};
