/** A provider, ready to be spoken to: its metadata, and the client that we are there. */
import type * as oauth from 'oauth4webapi';
import { ok, type Result, refused } from '../../platform/result.ts';
import { redirectUriOf, type SealedClient, unsealProviderClient } from '../connections/provider-client.ts';
import { clientAuthOf } from './client-auth.ts';
import type { ProviderDeps } from './deps.ts';
import { type Discovery, discoverProvider, type FoundServer, pickServer } from './discover.ts';
import { findClient } from './find-client.ts';
import { type ProviderRefusal, refusalOf, say } from './refusal.ts';
import { scopesToAsk } from './scopes.ts';
import { readServerMetadata, serverOfOldRules } from './server-metadata.ts';

export type Provider = {
  /** Validated; `issuer` byte for byte as the provider writes it. */
  server: oauth.AuthorizationServer;
  /** What to send as `resource` (RFC 8707); null: send none. */
  resource: string | null;
  client: oauth.Client;
  clientAuth: oauth.ClientAuth;
  /** The row of the registration: what a provider grant is bound to. */
  providerClientId: string;
  /** To ask for; empty: send no `scope`. */
  scopes: string[];
  /** Extra parameters of the authorization request. */
  parameters: Record<string, string>;
  redirectUri: string;
};

/**
 * The provider of a connection, for a new sign-in: looks live, because the server may have moved to another authorization server since
 * (SEP-2352), and finds or makes the registration there. Never inside a transaction. Does not check who asks.
 * @param options.scopes asked for besides what the server or the owner asks for: what was granted before, and what a later challenge named.
 */
export async function openProvider(
  deps: ProviderDeps,
  connectionId: string,
  options: { scopes?: readonly string[] } = {},
): Promise<Result<Provider, ProviderRefusal>> {
  const connection = await deps.database.db.connection.findFirst({ where: { id: connectionId, deletedAt: null } });
  if (!connection?.authMode.startsWith('oauth_')) return refused(say('not_found'));
  const discovered = await discoverProvider(deps, connection.remoteUrl);
  if (!discovered.ok) return refused(refusalOf(discovered.reason));
  const found = choose(discovered.value, connection.providerIssuer);
  if (!found.ok) return found;
  const { server, resource } = found.value;
  if (!server.pkce && !connection.providerPkceUnannounced) return refused(say('no_pkce'));
  const client = await findClient(deps, connection, server, found.value.guessed);
  if (!client.ok) return client;

  const challenged = found.value.scopes ?? [];
  const wanted = connection.providerScopesSource === 'manual' ? connection.providerScopes : challenged;
  const scopes = scopesToAsk([...wanted, ...(options.scopes ?? [])], server.server);
  const given = connection.providerAuthorizeParameters as Record<string, string>;
  const parameters = scopes.includes('offline_access') ? { prompt: 'consent', ...given } : given;
  return ok({
    ...speakAs(deps, server.issuer, client.value),
    server: server.server,
    resource: connection.providerResource ?? resource,
    scopes,
    parameters,
  });
}

const METADATA_MS = 10 * 60_000;
const DEADLINE_MS = 10_000;
const known = new Map<string, { until: number; server: oauth.AuthorizationServer }>();
const MAX_KNOWN = 500;

/**
 * The provider as the client that a registration made us, retired or not: for exchange, refresh and revocation (field note A13).
 * Registers nothing. `scopes` and `parameters` are empty, and `resource` is the owner's setting alone: what was asked for is the
 * caller's to keep. Metadata is remembered for ten minutes; `unreachable` is transient.
 */
export async function providerOfClient(
  deps: ProviderDeps,
  providerClientId: string,
): Promise<Result<Provider, ProviderRefusal>> {
  const row = await deps.database.db.providerClient.findUnique({
    where: { id: providerClientId },
    include: { connection: { select: { providerResource: true } } },
  });
  if (!row) return refused(say('not_found'));
  const client = await unsealProviderClient(deps.keyring, row);
  const server = client.oldRules ? ok(serverOfOldRules(row.issuer)) : await metadataOf(deps, row.issuer);
  if (!server.ok) return server;
  return ok({
    ...speakAs(deps, row.issuer, { id: row.id, client }),
    server: server.value,
    resource: row.connection.providerResource,
    scopes: [],
    parameters: {},
  });
}

async function metadataOf(
  deps: ProviderDeps,
  issuer: string,
): Promise<Result<oauth.AuthorizationServer, ProviderRefusal>> {
  const now = deps.clock().getTime();
  const remembered = known.get(issuer);
  if (remembered && remembered.until > now) return ok(remembered.server);
  const read = await readServerMetadata(deps, issuer, AbortSignal.timeout(DEADLINE_MS));
  // Byte for byte: what was registered there is for nobody else.
  if (!read.ok || read.value.issuer !== issuer) return refused(say('unreachable'));
  known.set(issuer, { until: now + METADATA_MS, server: read.value });
  if (known.size > MAX_KNOWN) known.delete(known.keys().next().value as string);
  return read;
}

/** A dynamic registration that its provider no longer knows is taken out of use: the next sign-in registers anew. Static ones stay. */
export async function forgetProvider({ database, clock }: ProviderDeps, providerClientId: string): Promise<void> {
  await database.db.providerClient.updateMany({
    where: { id: providerClientId, kind: 'dynamic', retiredAt: null },
    data: { retiredAt: clock() },
  });
}

type Chosen = { server: FoundServer; resource: string | null; scopes: string[] | null; guessed: boolean };

/** The authorization server to use: the one that the owner chose, while the MCP server still names it, else by the rule. */
function choose(discovery: Discovery, issuer: string | null): Result<Chosen, ProviderRefusal> {
  if (discovery.kind === 'open') return refused(say('open'));
  const { servers, resource, scopes, guessed } = discovery;
  const server = issuer === null ? pickServer(servers) : servers.find((found) => found.issuer === issuer);
  if (server) return ok({ server, resource, scopes, guessed });
  const broken = discovery.broken.find((one) => issuer === null || one.issuer === issuer);
  if (broken) return refused(say(broken.problem === 'unreachable' ? 'unreachable' : 'broken_metadata'));
  return refused(say(issuer === null ? 'no_provider' : 'moved'));
}

function speakAs({ base }: ProviderDeps, issuer: string, { id, client }: { id: string; client: SealedClient }) {
  return {
    client: { client_id: client.clientId, token_endpoint_auth_method: client.authMethod },
    clientAuth: clientAuthOf(client),
    providerClientId: id,
    redirectUri: redirectUriOf(base, issuer, client),
  };
}
