// What the frame around every page says, and what lists, dialogs and receipts have in common.
export const brand = { name: 'Grantway', title: (page: string) => `${page} · Grantway` };

export const shell = {
  tabs: { connections: 'Connections', clients: 'Authorized clients', activity: 'Activity' },
  ofOrganizations: { members: 'Members', organization: 'Organization' },
  skip: 'Skip to the content',
  start: 'Grantway: start',
  main: 'Main',
};

export const states = {
  loading: 'Loading',
  again: 'Try again',
  stale: 'This may be out of date: the last refresh failed.',
  refresh: 'Refresh',
  more: 'Load more',
};

export const controls = { copied: 'Copied', close: 'Close', clearSearch: 'Clear the search' };

export const endDialog = {
  unchanged: 'Nothing was changed',
  cancel: 'Cancel',
  done: 'Done',
  typed: (what: string) => `Type “${what}” to confirm`,
};

export const time = {
  now: 'just now',
  today: 'today',
  yesterday: 'yesterday',
  on: (day: string) => `on ${day}`,
  between: (when: string, from: string, to: string) => `${when} between ${from} and ${to}`,
};

export const receipt = {
  words: [
    ['grants', 'authorization', 'authorizations'],
    ['families', 'sign-in', 'sign-ins'],
    ['refreshTokens', 'token', 'tokens'],
    ['authorizationCodes', 'unused code', 'unused codes'],
    ['authorizationRequests', 'open request', 'open requests'],
    ['pendingProviderAuthorizations', 'provider sign-in under way', 'provider sign-ins under way'],
    ['openStreams', 'open stream', 'open streams'],
  ],
  nothing: 'Nothing was in use, so nothing had to end.',
  ended: (parts: string, time: string) => `${parts} ended, effective at ${time}.`,
} as const;
