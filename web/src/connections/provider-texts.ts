// What the pages say about signing in at a provider.
export const discovery = {
  label: 'What was found at this address',
  looking: 'Looking at the server …',
  open: 'An MCP server over Streamable HTTP that lets anyone in: no sign-in is needed.',
  signIn: (name: string | null, hosts: string) =>
    `${name === null ? 'This MCP server' : `This MCP server calls itself ${name}. It`} asks everyone to sign in at ${hosts}.`,
  later: 'It can be tried out once you have signed in.',
  or: ' or ',
  itself: 'Grantway can register there by itself.',
  byHand: 'Grantway cannot register there by itself: it needs a client ID from the provider.',
  credentials:
    'This server asks for credentials and does not say where they come from. Most such servers take a key in a header.',
  notMcp: 'Something answers there, but it is no MCP server that Grantway can speak to. Check the path of the address.',
  redirects: 'The server answers from another address. Enter the final one.',
  unreachable: 'Nothing answers there that this gateway can reach.',
  mismatch: 'The server says that it is another one than its address. Signing in there would not be safe.',
  noPkce: 'The provider does not say that it protects sign-ins against theft (PKCE).',
  broken: {
    NO_METADATA: 'does not describe itself',
    MISMATCH: 'says that it is another one',
    UNUSABLE: 'names no sign-in page that can be trusted',
    UNREACHABLE: 'does not answer',
  },
} as const;

export const modes = {
  group: 'How Grantway signs in there',
  NONE: { label: 'No sign-in', description: 'The server accepts everyone who reaches it.' },
  STATIC_HEADERS: {
    label: 'Fixed headers',
    description: 'An API key or token, sent with every request. Kept sealed; clients never see it.',
  },
  OAUTH_DYNAMIC: {
    label: 'Each person signs in',
    description: 'At the provider of the server, where Grantway registers by itself.',
  },
  OAUTH_STATIC: {
    label: 'Each person signs in, with a client of your own',
    description: 'At a provider where you have registered Grantway by hand.',
  },
} as const;

export const fields = {
  provider: 'Provider',
  automatic: 'The one that fits best',
  issuer: 'Address of the provider',
  issuerExample: 'https://login.example.com',
  issuerHint: 'Its issuer. Leave it empty to take the one that the server names.',
  callback: 'Register this callback URL at the provider',
  callbackLater:
    'Each provider has one of its own. For this one it is shown on the page of the connection, once it is saved.',
  copyCallback: 'Copy the callback URL',
  clientId: 'Client ID',
  clientSecret: 'Client secret',
  secretHint: 'Leave it empty for a public client. It is sealed, and never shown again.',
  more: 'More about the sign-in',
  scopes: 'Scopes to ask for',
  scopesHint: 'Leave it empty to ask for what the server asks for.',
  asked: (scopes: string) => `The server asks for: ${scopes}.`,
  parameters: 'Extra parameters of the sign-in',
  parametersHint: 'As name=value, such as access_type=offline for Google.',
  pkce: 'Sign in although the provider does not announce PKCE',
} as const;

export const account = {
  title: 'Your sign-in at the provider',
  states: { SIGNED_IN: 'Signed in', SIGNED_OUT: 'Not signed in', NEEDS_REAUTH: 'Sign in again' },
  out: 'You are not signed in there. Clients that you let in ask for it first; you can do it now.',
  in: (name: string | null) => (name === null ? 'You are signed in.' : `You are signed in as ${name}.`),
  again:
    'The provider no longer accepts your sign-in. Clients cannot use this connection for you until you sign in again.',
  since: 'Since',
  scopes: 'What the provider granted',
  connect: 'Connect',
  reconnect: 'Reconnect',
  disconnect: 'Disconnect',
  refused: 'The sign-in did not begin',
  came: {
    connected: 'You are signed in at the provider.',
    denied: 'The sign-in was declined at the provider. Nothing was changed.',
    failed: 'The sign-in at the provider did not work. Nothing was changed.',
  },
  end: {
    ask: (name: string) => `Disconnect ${name} from its provider?`,
    done: (name: string) => `${name} is disconnected`,
    what: 'Grantway forgets your sign-in and tells the provider to end it. Clients that you let in stay, and cannot use the connection until you sign in again.',
    receipt: 'Your sign-in at the provider has ended.',
  },
} as const;

export const settings = {
  provider: 'Provider',
  client: 'Grantway is known there as',
  noClient: 'Nothing yet: it registers with the first sign-in.',
  missing: 'Nothing yet: enter the client that the provider handed out.',
  callback: 'Callback URL',
  scopes: 'Scopes to ask for',
  replace: 'Replace client',
  enter: 'Enter client',
  replaceLead: 'Another client is another sign-in: everyone signs in at the provider again.',
  ends: (clients: string) => `Saving takes access from ${clients}.`,
  refused: 'The client was not saved',
} as const;
