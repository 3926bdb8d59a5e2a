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
  link: 'Sign-in attempts',
  lead: 'A client cannot sign in? See each step of its last attempts.',
};
