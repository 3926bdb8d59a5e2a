// What the page about API keys says.
import type { graphql } from '../../graphql/graphql.ts';

export const page = {
  title: 'API keys',
  lead: 'A program shows a key in place of your sign-in. It may do what you choose here, and never more than you.',
  failed: 'The API keys could not be loaded',
  none: 'You have no API key',
  yours: 'Your keys',
};

export const list = {
  label: 'API keys',
  madeFor: (organization: string, maker: string) => `For ${organization}, made by ${maker} `,
  made: 'Made ',
  lastUsed: ', last used ',
  neverUsed: ', never used',
  expires: ', expires ',
  revoke: 'Revoke',
  revokeLabel: (name: string) => `Revoke ${name}`,
  ask: (name: string) => `Revoke the key ${name}?`,
  revoked: 'The key is revoked',
  confirm: 'Revoke key',
  receipt: 'Its next request is refused.',
  what: 'Whatever uses it stops working at once. There is no way back: a new key must be made.',
};

export const making = {
  title: 'New key',
  made: 'This is your key',
  copyNow: 'Copy it now: it is not shown again. Send it as Authorization: Bearer.',
  copy: 'Copy the API key',
  form: 'New API key',
  name: 'Name',
  nameHint: 'What will use it.',
  lasts: 'Lasts',
  days: (count: number) => `${count} days`,
  year: 'One year',
  open: 'Until I revoke it',
  owner: 'For',
  everywhere: 'Me, wherever I am',
  only: (organization: string) => `${organization} only`,
  scopes: 'What it may do',
  submit: 'Create key',
};

export const scopes: Record<ReturnType<typeof graphql.scalar<'ApiKeyScope'>>, string> = {
  GRANTS_READ: 'See the authorized clients',
  GRANTS_REVOKE: 'Take authorizations back',
  CONNECTIONS_READ: 'See connections',
  CONNECTIONS_WRITE: 'Make, change, assign and end connections',
  AUDIT_READ: 'Read what happened',
  PEOPLE_READ: 'See members, and accounts for administrators',
  PEOPLE_WRITE: 'Invite, remove and block people, as far as your role goes',
  ORGANIZATIONS_WRITE: 'Make, rename, leave and delete organizations',
  TOKENS_MINT: 'Mint access tokens for your connections',
  TOKENS_INTROSPECT: 'Ask whether your tokens are valid',
};
