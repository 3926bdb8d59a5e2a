// What the pages about connections say. The words of its dialogs and forms are apart, loaded with them.
import type { ReactNode } from 'react';

const count = (number: number, one: string, many: string): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

const haveClients = (number: number): string => count(number, 'client has', 'clients have');

export const words = {
  clients: (number: number) => (number === 0 ? 'no client has access' : `${haveClients(number)} access`),
  /** In an organization others may have clients there too. */
  yourClients: (number: number) =>
    number === 0
      ? 'none of your clients has access'
      : `${number} of your clients ${number === 1 ? 'has' : 'have'} access`,
  statuses: { ENABLED: 'Enabled', DISABLED: 'Disabled', DELETED: 'Deleted' },
  modes: {
    NONE: 'No sign-in: the server accepts everyone who reaches it',
    STATIC_HEADERS: 'Fixed headers, kept sealed',
    OAUTH_DYNAMIC: 'Each person signs in at its provider',
    OAUTH_STATIC: 'Each person signs in at its provider, with a client of your own',
  },
  all: 'Connections',
} as const;

export const list = {
  title: 'Connections',
  lead: 'The MCP servers that clients reach through Grantway, each at an address of its own.',
  filter: 'Filter connections',
  failed: 'The connections could not be loaded',
  noMatch: 'No connection matches',
  noMatchHow: (search: string) => `Nothing here is called “${search}”.`,
  showAll: 'Show all connections',
  label: 'Connections',
  create: 'New connection',
  first: 'Connect your first MCP server',
  firstHow:
    'Give Grantway the address of a remote MCP server. It gives you an address back: clients use that one, ask for your permission, and lose it the moment you take it back.',
  copy: (name: string) => `Copy the connect URL of ${name}`,
};

export const page = {
  failed: 'The connection could not be loaded',
  missing: 'No such connection',
  missingHow: 'It was deleted, or it is not yours.',
};

export const connecting = {
  title: 'Connect a client',
  lead: 'The client opens your browser and asks for permission. Nothing works before you allow it.',
  url: 'Connect URL',
  copyUrl: 'Copy the connect URL',
  clients: 'Client',
  copyFor: (client: string, index: number) => `Copy for ${client}${index > 0 ? `, step ${index + 1}` : ''}`,
};

export const serverSettings = {
  title: 'The server behind it',
  replaceHeaders: 'Replace headers',
  edit: 'Edit',
  url: 'Server URL',
  mode: 'How Grantway signs in there',
  headers: 'Headers (values are never shown again)',
  created: 'Created',
  changed: ', last changed ',
};

export const disabled = {
  title: 'This connection is disabled',
  what: 'No client reaches the server through it, and none can be connected until you enable it again.',
  enable: 'Enable',
};

export const danger = {
  title: 'Danger zone',
  rotate: {
    title: 'Rotate the connect URL',
    text: 'Makes a new address. The old one stops working, and every client that uses it must be set up again.',
    button: 'Rotate URL',
  },
  disable: {
    title: 'Disable this connection',
    text: 'No client reaches the server until you enable it again. All permissions end and must be asked for anew.',
    button: 'Disable',
  },
  delete: {
    title: 'Delete this connection',
    text: 'Ends all permissions and forgets the credentials. There is no way back.',
    button: 'Delete',
  },
};

export const test = {
  title: 'Test',
  lead: 'Reaches the server as a client would, with the credentials of this connection, and changes nothing.',
  start: 'Test the connection',
  again: 'Test again',
  working: 'Reaching the server …',
  reached: (ms: number, version: string, tools: string) => `Reached in ${ms} ms, MCP ${version}, ${tools}.`,
  tools: (number: number, more: boolean) => (more ? `more than ${number} tools` : count(number, 'tool', 'tools')),
  says: (server: string) => `It calls itself ${server}.`,
  failed: 'The server could not be used',
  notRun: 'The test did not run',
  list: 'What it offers',
  all: (number: number) => `Show all ${number}`,
  fewer: 'Show fewer',
  readOnly: 'read only',
};

export const usage = {
  title: 'Usage',
  days: { '7': '7 days', '30': '30 days', '90': '90 days' },
  range: 'Time shown',
  requests: 'Requests',
  errors: 'Errors',
  denials: 'Denials',
  none: 'Not used in this time.',
  sum: (requests: number, errors: number, denials: number, days: number) =>
    `${count(requests, 'request', 'requests')} in ${days} days, ${count(errors, 'error', 'errors')}, ${count(denials, 'denial', 'denials')}.`,
  table: 'Usage by day',
  day: 'Day',
  asTable: 'Show as a table',
};

export const users = {
  title: 'Who uses it for you',
  none: 'No client has access.',
  all: 'Manage access',
  lastUsed: 'last used ',
  neverUsed: 'not used yet',
  authorized: 'authorized ',
  more: (number: number) => `and ${count(number, 'more', 'more')}`,
};

export const arrival = {
  label: 'Progress',
  wait: 'Waiting for a client to ask for your permission …',
  waitHow: 'Run the line above. The client opens your browser; allow it there, and it appears here.',
  allowed: (client: string) => `${client} has your permission`,
  firstCall: 'Waiting for its first request …',
  called: (client: string, when: ReactNode) => (
    <>
      {client} reached the server through Grantway {when}
    </>
  ),
  takeBack: 'See it, and take it back, under Authorized clients',
};

export const firstRun = {
  title: 'Get started',
  account: 'Your account is there.',
  connection: (name: ReactNode) => <>Your first connection is there: {name}.</>,
  connect: 'Now connect a client to it.',
  test: 'Then ask your client to use a tool, for example: “use the echo tool to say hello”.',
};

export const troubles = {
  title: 'Sign-in attempts',
  link: 'Sign-in attempts',
  ask: 'A client cannot sign in?',
  how: 'See its last attempts step by step, with what went wrong.',
  lead: (connection: string) =>
    `How clients fared that tried to sign in at ${connection} in the last seven days. The newest come first; at most twenty are shown.`,
  ownLead: (connection: string) =>
    `How your clients fared that tried to sign in at ${connection} in the last seven days. The newest come first; at most twenty are shown. What failed before it came to your browser is seen by those who manage the connection.`,
  wentWell: 'All steps went well',
  failed: 'The attempts could not be loaded',
  none: 'No attempt yet',
  noneHow: 'Point a client at the connect URL. What it does appears here within a second.',
  unknown: 'A client that did not say who it is',
  list: 'Attempts',
  outcomes: { OK: 'Signed in', FAILED: 'Failed', WAITING: 'Under way', NOT_REACHED: 'Stopped', NOT_SEEN: '' },
  steps: {
    DISCOVERY: 'Discovery',
    REGISTRATION: 'Registration',
    AUTHORIZE: 'Authorization request',
    CONSENT: 'Your answer',
    TOKEN: 'Tokens',
    FIRST_CALL: 'First call',
  },
  states: { OK: 'done', FAILED: 'failed', WAITING: 'waiting', NOT_REACHED: 'not reached', NOT_SEEN: 'not seen' },
  differs: {
    redirect_uri: 'Redirect URI',
    resource: 'Resource',
    scope: 'Scope',
    issuer: 'Issuer',
    client_id: 'Client ID',
    code_verifier: 'Code verifier',
    code: 'Code',
  } as Record<string, string>,
  expected: 'expected',
  got: 'got',
  notYours: 'The connection was deleted, or it is not yours.',
};
