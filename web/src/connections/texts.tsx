// What the pages about connections say.
import type { ReactNode } from 'react';

const count = (number: number, one: string, many: string): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

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
  failed: 'The attempts could not be loaded',
  none: 'No attempt yet',
  noneHow: 'Point a client at the connect URL. What it does appears here within a second.',
  unknown: 'A client that did not say who it is',
  list: 'Attempts',
  outcomes: { OK: 'Signed in', FAILED: 'Failed', WAITING: 'Under way', NOT_REACHED: 'Stopped' },
  steps: {
    DISCOVERY: 'Discovery',
    REGISTRATION: 'Registration',
    AUTHORIZE: 'Authorization request',
    CONSENT: 'Your answer',
    TOKEN: 'Tokens',
    FIRST_CALL: 'First call',
  },
  states: { OK: 'done', FAILED: 'failed', WAITING: 'waiting', NOT_REACHED: 'not reached' },
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
  notYours: 'Only who manages a connection sees how clients sign in there.',
};
