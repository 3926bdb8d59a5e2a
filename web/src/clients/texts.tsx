// What the pages about clients say.
import type { ReactNode } from 'react';

const count = (number: number, one: string, many: string): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

const authorizations = (number: number): string => count(number, 'authorization', 'authorizations');

/** Our own words get a capital; a host or a quoted name stays as it is. */
const sentenceCase = (text: string): string => text.replace(/^this /, 'This ');

export const page = {
  title: 'Authorized clients',
  lead: 'Applications that may act for you through Grantway, until you say otherwise. Revoking works on their very next request.',
  listLabel: 'Clients',
  failed: 'The authorized clients could not be loaded',
  filterLabel: 'Show',
  standings: { active: 'Active', revoked: 'Revoked', expired: 'Expired' },
  searchLabel: 'Search clients and connections',
  connectionLabel: 'Connection',
  anyConnection: 'All connections',
  thatConnection: 'This connection',
  orderLabel: 'Order',
  orders: { used: 'Last used', unused: 'Longest unused', newest: 'Newest' },
  shown: (some: number, all: number) => `${some} of ${all} clients shown`,
  arrived: (titles: string) => `${titles} may act for you now.`,
};

export const selection = {
  begin: 'Select several',
  end: 'Stop selecting',
  bar: (number: number, most: boolean) =>
    number === 0 ? 'Nothing selected' : `${authorizations(number)} selected${most ? ', as many as go at once' : ''}`,
  revoke: 'Revoke …',
  pick: (client: string, connection: string) => `Select ${client} for ${connection}`,
};

export const empty = {
  active: 'No client can act for you yet',
  activeHow: (command: ReactNode) => (
    <>
      Open a connection, copy its line for your client, and run it, for example {command}. The client opens your browser
      and asks; what you allow appears here.
    </>
  ),
  example: 'claude mcp add --transport http …',
  toConnections: 'Go to connections',
  revoked: 'Nothing was revoked yet',
  revokedHow: 'What you revoke stays visible here, with what it still tried.',
  expired: 'Nothing has expired yet',
  expiredHow: 'Permissions whose time was over, or that nobody used for long, stay visible here.',
  noMatch: 'Nothing matches',
  noMatchHow: 'No client fits this search and filter.',
  clear: 'Clear search and filter',
};

export const card = {
  mayUse: 'Authorized to use ',
  couldUse: 'Was authorized to use ',
  onBehalf: ' on behalf of ',
  yourself: 'yourself',
  authorized: 'Authorized ',
  lastUsed: 'last used ',
  neverUsed: 'never used',
  ends: 'ends ',
  ended: 'Ended ',
  what: { live: 'What this grants', over: 'What this granted' },
  details: 'Technical details',
  clientId: 'Client ID',
  callback: 'Callback URI',
  revoke: 'Revoke',
  revokeLabel: (client: string, connection: string) => `Revoke access of ${client} to ${connection}`,
  revokeAll: (number: number) => `Revoke all ${number}`,
  revokeAllLabel: (client: string, number: number) => `Revoke all ${authorizations(number)} of ${client}`,
  tried: (times: number, when: ReactNode) => (
    <>
      It has tried {count(times, 'time', 'times')} since, most recently {when}. Every attempt was refused.
    </>
  ),
  unused: 'Not used in 30 days',
  oldToken: 'Used an old token',
};

export const signIns = {
  title: 'Sign-ins',
  none: 'The client has not signed in yet.',
  allEnded: 'All sign-ins have ended.',
  signedIn: 'signed in ',
  lastUsed: 'last used ',
  notUsed: 'not used yet',
  revoke: 'Revoke',
  revokeLabel: (label: string, at: string) => `Revoke sign-in ${label} of ${at}`,
  earlier: (number: number) => `${count(number, 'earlier sign-in has', 'earlier sign-ins have')} ended.`,
  stolen: (label: string, when: ReactNode, reason: string) => (
    <>
      The sign-in {label} was ended {when}, because {reason}. If you do not know why, revoke the whole client.
    </>
  ),
};

export const revoking = {
  grant: {
    ask: (client: string) => `Revoke access of ${client}?`,
    done: (client: string) => `${sentenceCase(client)} has lost access`,
    confirm: 'Revoke access',
    what: (client: string, connection: string, signIns: number) => (
      <>
        {sentenceCase(client)} will lose access to <b>{connection}</b>. This takes effect now and ends{' '}
        {signIns > 0 && (signIns === 1 ? 'its sign-in and ' : `its ${signIns} sign-ins and `)}every open session. To
        come back, it must ask you again.
      </>
    ),
  },
  signIn: {
    ask: 'Revoke this sign-in?',
    done: 'The sign-in has ended',
    confirm: 'Revoke sign-in',
    what: (label: string, when: ReactNode, client: string, connection: string) => (
      <>
        <b>{label}</b> (signed in {when}), a sign-in of {client}, will lose access to <b>{connection}</b>. This takes
        effect now, open sessions included. Other sign-ins of the same client stay.
      </>
    ),
  },
  client: {
    ask: (client: string) => `Revoke all access of ${client}?`,
    done: (client: string) => `${sentenceCase(client)} has lost all access`,
    confirm: 'Revoke all',
    what: (client: string) => (
      <>
        {sentenceCase(client)} will lose access to everything it may use for you, in organizations too. This takes
        effect now, open sessions included. To come back, it must ask you again.
      </>
    ),
  },
  selection: {
    ask: (number: number) => `Revoke ${authorizations(number)}?`,
    done: (number: number) => `${count(number, 'authorization is', 'authorizations are')} revoked`,
    confirm: (number: number) => `Revoke ${number}`,
    list: 'What is selected',
    what: 'These lose access now, open sessions included. To come back, each must ask you again.',
    use: (client: string, connection: string) => `${client} to ${connection}`,
  },
};

export const identity = {
  verifiedHint: (host: string) => `verified: the client’s identity is published at ${host}`,
  unverifiedHint: 'unverified: this name is self-reported',
  selfReported: 'Unverified: this name is self-reported.',
  nameless: 'It gave no name, and nothing about it is verified.',
  callsItself: (name: string) => `calls itself “${name}”`,
};

export const scopes = {
  access: (connection: string) =>
    `Use the tools, resources and prompts of ${connection} as you, including tools that change things`,
  profile: 'See your name and email address',
};
