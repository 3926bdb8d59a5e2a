/** A live look at an MCP server, before a connection to it is made. */
import { callbackUrl } from '../../core/connections/callback-url.ts';
import { type Contact, contactUpstream } from '../../core/connections/contact.ts';
import { checkHeaders } from '../../core/connections/header.ts';
import { type Discovery, type DiscoveryRefusal, discoverProvider, pickServer } from '../../core/providers/discover.ts';
import type { MetadataRefusal } from '../../core/providers/server-metadata.ts';
import { checkUpstreamUrl } from '../../platform/http/upstream-url.ts';
import { builder } from './builder.ts';
import { ProviderRegistration } from './connection-provider.ts';
import { ConnectionTest } from './connection-test.ts';
import { tooOften, viewerIn } from './context.ts';
import { throwRefusal, ValidationError } from './error.ts';
import { AuthMode, HeaderInput } from './mcp-connection.ts';
import { needs } from './needs.ts';

const ServerStatus = builder.enumType('ServerStatus', {
  description: 'What was found at an address.',
  values: {
    OPEN: { value: 'open', description: 'An MCP server that lets anyone in.' },
    NEEDS_SIGN_IN: { value: 'sign_in', description: 'An MCP server that names where to sign in.' },
    NEEDS_CREDENTIALS: {
      value: 'credentials',
      description:
        'A server that asks for credentials and does not say where they come from: most take a key in a header.',
    },
    NOT_MCP: { value: 'not_mcp', description: 'Something answers, and it is no MCP server.' },
    REDIRECTS: { value: 'redirects', description: 'It answers from another address.' },
    UNREACHABLE: { value: 'unreachable', description: 'Nothing answers that this gateway can reach.' },
    MISMATCH: { value: 'mismatch', description: 'It says that it is another server than its address.' },
  } as const,
});

const ProviderProblem = builder.enumType('ProviderProblem', {
  description: 'Why a provider cannot be used.',
  values: {
    NO_METADATA: { value: 'absent', description: 'It publishes nothing about itself where it should.' },
    MISMATCH: { value: 'mismatch', description: 'It says that it is another one.' },
    UNUSABLE: { value: 'unusable', description: 'It names no endpoints that can be trusted.' },
    UNREACHABLE: { value: 'unreachable', description: 'It does not answer this gateway.' },
  } as const,
});

type FoundProvider = {
  issuer: string;
  registration: 'metadata_document' | 'dynamic' | 'static' | null;
  pkce: boolean;
  problem: MetadataRefusal | null;
};

const DiscoveredProvider = builder.objectRef<FoundProvider>('DiscoveredProvider').implement({
  description: 'A provider that a server names.',
  fields: (t) => ({
    issuer: t.exposeString('issuer', { description: 'Its identifier, a URL.' }),
    registration: t.expose('registration', {
      type: ProviderRegistration,
      nullable: true,
      description: 'Null where the provider cannot be used.',
    }),
    pkce: t.exposeBoolean('pkce', { description: 'Whether it says that it supports PKCE with S256.' }),
    callbackUrl: t.string({
      description: 'What to register there where that is done by hand.',
      resolve: ({ issuer }, _args, { base }) => callbackUrl(base, issuer),
    }),
    problem: t.expose('problem', { type: ProviderProblem, nullable: true, description: 'Null where it can be used.' }),
  }),
});

type Found = {
  status: typeof ServerStatus.$inferType;
  authMode: typeof AuthMode.$inferType;
  name: string | null;
  issuer: string | null;
  providers: FoundProvider[];
  scopes: string[] | null;
  scopesOffered: string[];
};

builder.relayMutationField(
  'connectionDiscover',
  {
    description: 'What to look at.',
    inputFields: (t) => ({
      remoteUrl: t.string({ required: true, description: 'Where the MCP server is to be.' }),
      staticHeaders: t.field({
        type: [HeaderInput],
        description: 'Headers to try it out with. They are sent to the server alone, and kept nowhere.',
      }),
    }),
  },
  {
    description:
      'Looks at an MCP server and tells how a connection to it can sign in. Tries it out too, as a client would, where no sign-in is needed or headers are given.',
    errors: { types: [ValidationError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context): Promise<Looked> => {
      const room = await context.discoveries.take(viewerIn(context).userId);
      if (!room.allowed) throw tooOften(room.retryAfter);
      const url = checkUpstreamUrl(input.remoteUrl.trim(), context.allowUpstreams);
      if (!url.ok) throw new ValidationError('remoteUrl', url.reason);
      const headers = checkHeaders('static', input.staticHeaders ?? []);
      if (!headers.ok) return throwRefusal(headers.reason);
      const [found, test] = await Promise.all([
        discoverProvider(context.providers, url.value.href),
        contactUpstream(context.contact, url.value.href, headers.value),
      ]);
      const told = found.ok ? tell(found.value) : nothing(found.reason);
      // Without a sign-in, that there is none tells nothing.
      const isTried = headers.value.length > 0 || !(told.status === 'sign_in' || told.status === 'credentials');
      return { ...told, test: isTried ? test : null };
    },
  },
  {
    description: 'What was found.',
    outputFields: (t) => ({
      status: t.expose('status', { type: ServerStatus, description: 'What answers there.' }),
      authMode: t.expose('authMode', { type: AuthMode, description: 'How to sign in there, most likely.' }),
      name: t.string({
        nullable: true,
        description: 'What the server calls itself. Null when it does not say.',
        resolve: ({ name, test }) => (test?.ok ? test.name : null) ?? name,
      }),
      test: t.expose('test', {
        type: ConnectionTest,
        nullable: true,
        description: 'What came of trying it out. Null where nobody has signed in yet, so that it could not be tried.',
      }),
      issuer: t.exposeString('issuer', {
        nullable: true,
        description: 'The provider that is used where none is chosen. Null where there is none.',
      }),
      providers: t.field({
        type: [DiscoveredProvider],
        description: 'All that the server names, also those that cannot be used.',
        resolve: ({ providers }) => providers,
      }),
      scopes: t.exposeStringList('scopes', {
        nullable: true,
        description: 'What the server asks for. Null where it does not say.',
      }),
      scopesOffered: t.exposeStringList('scopesOffered', { description: 'What the server knows, to choose from.' }),
      callbackUrl: t.string({
        nullable: true,
        description:
          'What to register by hand at the provider that is used where none is chosen. Null where there is none.',
        resolve: ({ issuer }, _args, { base }) => (issuer === null ? null : callbackUrl(base, issuer)),
      }),
    }),
  },
);

type Looked = Found & { test: Contact | null };

const EMPTY = { authMode: 'none', name: null, issuer: null, providers: [], scopes: null, scopesOffered: [] } as const;

function tell(discovery: Discovery): Found {
  if (discovery.kind === 'open') return { ...EMPTY, status: 'open', providers: [], scopesOffered: [] };
  const { servers, broken, guessed, name, scopes, scopesOffered } = discovery;
  const picked = pickServer(servers);
  const providers = [
    ...servers.map(({ issuer, registration, pkce }) => ({ issuer, registration, pkce, problem: null })),
    ...broken.map(({ issuer, problem }) => ({ issuer, registration: null, pkce: false, problem })),
  ];
  return {
    status: guessed ? 'credentials' : 'sign_in',
    authMode: guessed ? 'static_headers' : picked?.registration === 'static' ? 'oauth_static' : 'oauth_dynamic',
    name,
    issuer: picked?.issuer ?? null,
    providers,
    scopes,
    scopesOffered,
  };
}

function nothing(refusal: DiscoveryRefusal): Found {
  if (refusal.kind === 'refused_url') throw new ValidationError('remoteUrl', refusal.message);
  return { ...EMPTY, status: refusal.kind, providers: [], scopesOffered: [] };
}
