// What the consent page says.
import type { ReactNode } from 'react';

export const question = {
  title: (connection: string) => `Allow access to ${connection}?`,
  titleOpen: 'Allow access?',
  asking: 'Asking for access',
  connection: 'Connection',
  connectionHow: 'The client did not say which one it wants. Pick what it may use.',
  can: (client: string) => `If you allow it, ${client} can`,
  nothing: 'There is nothing that it could use',
  nothingHow: 'You have no connection yet. Create one first, then connect from the application again.',
  howLong: 'How long',
  lastsUntil: (time: string) => `Ends by itself on ${time}.`,
  lastsOpen: 'Lasts until you revoke it, or nobody uses it for long.',
  refused: 'Your answer did not get through',
  unreadable: 'Grantway answered in a way that this page does not know. Reload the page.',
  deny: 'Deny',
  allow: 'Allow',
  takeBack: 'You can take this back at any time under Authorized clients.',
  loading: 'The request could not be loaded',
};

export const expiries = {
  revoked: 'Until I revoke it',
  hour: 'For 1 hour',
  day: 'For 1 day',
  week: 'For 7 days',
  month: 'For 30 days',
  quarter: 'For 90 days',
} as const;

export const history = {
  first: 'New to you: it has never had access',
  registered: (when: ReactNode) => <>It registered itself with Grantway {when}.</>,
  active: (when: ReactNode) => <>You allowed it before, {when}; that still stands.</>,
  ended: (when: ReactNode, reason: string) => (
    <>
      It had access before, which ended {when}: {reason}.
    </>
  ),
  wider: 'It asks for more than you allowed before',
  newScope: 'New',
};

export const what = {
  toUse: 'To use',
  at: (host: string) => ` at ${host}`,
  onBehalf: 'On behalf of',
  yourself: 'yourself (personal)',
};

export const redirect = {
  title: 'Your answer goes to',
  program: (scheme: string) => `a program (${scheme})`,
  computer: 'a program on this computer',
  loopback: 'This goes to a program on this computer. Allow it only if you have just started connecting from there.',
  borrowed: (host: string) =>
    `This goes to a program on this computer, and any program could use the identity of ${host}. Allow it only if you have just started connecting from there.`,
  elsewhere: (host: string) => `Note where this goes: ${host} is not where the client’s identity is published.`,
};

export const account = {
  signedIn: (name: ReactNode, email: string) => (
    <>
      Signed in as {name} ({email})
    </>
  ),
  change: 'Use a different account',
};

interface Page {
  title: string;
  text: string;
}

export const closed = {
  UNKNOWN: {
    title: 'No such request',
    text: 'This link is wrong, or the request was started in another browser. Go back to the application and connect from there again, in this browser.',
  },
  EXPIRED: {
    title: 'This request has expired',
    text: 'It was not answered in time, and nothing was allowed. Go back to the application and connect again.',
  },
  APPROVED: {
    title: 'You have already allowed this',
    text: 'The request was answered, so there is nothing left to do here. If the application does not work, connect from there again.',
  },
  DENIED: {
    title: 'You have already denied this',
    text: 'The application was told that you said no. If you want to allow it after all, connect from there again.',
  },
  REVOKED: {
    title: 'This request was withdrawn',
    text: 'What it asked for has changed or ended since, and nothing was allowed. Go back to the application and connect again.',
  },
  AWAITING_PROVIDER: {
    title: 'A sign-in is still under way',
    text: 'You have allowed this, and the sign-in at the server’s own provider is not finished. Finish it in the other window, or go on with it here.',
  },
} satisfies Record<string, Page>;

export const awaiting = {
  go: 'Continue at the provider',
};

export const signInAgain = {
  title: 'Sign in again',
  text: 'The application that asks for access wants you to sign in once more, so that it is certainly you who decides. You come back here afterwards.',
  go: 'Sign in',
};

export const changed = {
  title: 'The application has changed',
  text: 'Since this page was shown, it has changed what it says of itself. Nothing was allowed. Look at it again before you decide.',
  again: 'Look at it again',
};

export const afterwards = {
  access: 'See who has access',
  allowed: 'Access allowed',
  denied: 'Access denied',
  oneMore: 'One more step',
  atProvider: (place: string) =>
    `Sign in at ${place}, so that Grantway may use the server for you. From there you come back to the application.`,
  takingPermission: (place: string) => `Taking your permission to ${place}.`,
  takingAnswer: (place: string) => `Taking your answer to ${place}.`,
  program: ' Once the application has it, you can close this page.',
  stuck: 'If nothing happens, ',
  byHand: 'continue by hand',
  impossible: 'Your answer is kept, but the address that it should go to cannot be opened. You can close this page.',
};
