/** A live look at an MCP server, before a connection to it is made. */
import { callbackUrl } from '../../core/providers/deps.ts';
import { type Discovery, type DiscoveryRefusal, discoverProvider, pickServer } from '../../core/providers/discover.ts';
import type { MetadataRefusal } from '../../core/providers/server-metadata.ts';
import { builder } from './builder.ts';
import { ProviderRegistration } from './connection-provider.ts';
import { tooOften, viewerIn } from './context.ts';
import { ValidationError } from './error.ts';
import { AuthMode } from './mcp-connection.ts';
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
    problem: t.expose('problem', { type: ProviderProblem, nullable: true, description: 'Null where it can be used.' }),
  }),
});

type Found = {
  status: typeof ServerStatus.$inferType;
  authMode: typeof AuthMode.$inferType;
  issuer: string | null;
  providers: FoundProvider[];
  scopes: string[] | null;
  scopesOffered: string[];
};

builder.relayMutationField(
  'connectionDiscover',
  {
    description: 'What to look at.',
    inputFields: (t) => ({ remoteUrl: t.string({ required: true, description: 'Where the MCP server is to be.' }) }),
  },
  {
    description: 'Looks at an MCP server, without credentials, and tells how a connection to it can sign in.',
    errors: { types: [ValidationError] },
    ...needs('connections:write'),
    resolve: async (_root, { input }, context): Promise<Found> => {
      const room = await context.discoveries.take(viewerIn(context).userId);
      if (!room.allowed) throw tooOften(room.retryAfter);
      const found = await discoverProvider(context.providers, input.remoteUrl);
      return found.ok ? tell(found.value) : nothing(found.reason);
    },
  },
  {
    description: 'What was found.',
    outputFields: (t) => ({
      status: t.expose('status', { type: ServerStatus, description: 'What answers there.' }),
      authMode: t.expose('authMode', { type: AuthMode, description: 'How to sign in there, most likely.' }),
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
        description: 'What to register at the provider where that is done by hand.',
        resolve: (_found, _args, { base }) => callbackUrl(base),
      }),
    }),
  },
);

const EMPTY = { authMode: 'none', issuer: null, providers: [], scopes: null, scopesOffered: [] } as const;

function tell(discovery: Discovery): Found {
  if (discovery.kind === 'open') return { ...EMPTY, status: 'open', providers: [], scopesOffered: [] };
  const { servers, broken, guessed, scopes, scopesOffered } = discovery;
  const picked = pickServer(servers);
  const providers = [
    ...servers.map(({ issuer, registration, pkce }) => ({ issuer, registration, pkce, problem: null })),
    ...broken.map(({ issuer, problem }) => ({ issuer, registration: null, pkce: false, problem })),
  ];
  return {
    status: guessed ? 'credentials' : 'sign_in',
    authMode: guessed ? 'static_headers' : picked?.registration === 'static' ? 'oauth_static' : 'oauth_dynamic',
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
