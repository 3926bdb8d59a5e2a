/** Discovery: what a remote MCP server asks for before it lets anyone in, found out live (MCP 2025-03-26 to 2026-07-28). */
import type { AuthorizationServer } from 'oauth4webapi';
import { checkUpstreamUrl } from '../../platform/http/upstream-url.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import type { ProviderDeps } from './deps.ts';
import { type ProbeRefusal, probeServer } from './probe.ts';
import { readResourceMetadata } from './resource-metadata.ts';
import { type MetadataRefusal, readServerMetadata, serverOfOldRules } from './server-metadata.ts';

/** How we become a client of an authorization server: by our document's address, by registering, or by a client entered by hand. */
export type Registration = 'metadata_document' | 'dynamic' | 'static';

export type FoundServer = {
  issuer: string;
  registration: Registration;
  /** Whether it says that it checks the proof of who asked (PKCE, S256). Where it does not, nobody is sent there unasked (#214). */
  pkce: boolean;
  server: AuthorizationServer;
};

/** An authorization server that the MCP server names, and why it cannot be used. */
export type BrokenServer = { issuer: string; problem: MetadataRefusal };

export type Discovery =
  | { kind: 'open' }
  | {
      kind: 'protected';
      /** What to send as `resource`; null where the server does not describe itself (2025-03-26). */
      resource: string | null;
      /** What the server calls itself. Null when it does not say. */
      name: string | null;
      /** From the challenge: what the server asks for. Null when it does not say. */
      scopes: string[] | null;
      scopesOffered: string[];
      servers: FoundServer[];
      broken: BrokenServer[];
      /** Nothing is announced anywhere: an older server with sign-in of its own at the usual places, or one that takes a key in a header. */
      guessed: boolean;
    };

export type DiscoveryRefusal = { kind: ProbeRefusal } | { kind: 'refused_url'; message: string } | { kind: 'mismatch' };

/** Everything together: at most 4 requests to the server, 3 for its metadata, and 3 for each of 5 authorization servers. */
const DEADLINE_MS = 15_000;

/** Looks at `remoteUrl` without any credential. Every address goes through the guard. Registers nothing, stores nothing. */
export async function discoverProvider(
  deps: Pick<ProviderDeps, 'fetch' | 'allow' | 'base' | 'ownDocument'>,
  remoteUrl: string,
): Promise<Result<Discovery, DiscoveryRefusal>> {
  const checked = checkUpstreamUrl(remoteUrl.trim(), deps.allow);
  if (!checked.ok) return refused({ kind: 'refused_url', message: checked.reason });
  const { href, origin } = checked.value;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const probe = await probeServer(deps.fetch, href, signal);
  if (!probe.ok) return refused({ kind: probe.reason });
  if (probe.value.kind === 'open') return ok({ kind: 'open' });
  const { challenge } = probe.value;
  const metadata = await readResourceMetadata(deps, href, challenge?.resourceMetadata ?? null, signal);
  if (metadata === 'mismatch') return refused({ kind: 'mismatch' });

  // 2025-03-26: a server that describes itself nowhere is its own authorization server.
  const issuers = metadata && metadata.issuers.length > 0 ? metadata.issuers : [origin];
  const own = issuers.length === 1 && issuers[0] === origin && (metadata?.issuers.length ?? 0) === 0;
  const read = await Promise.all(issuers.map((issuer) => readServerMetadata(deps, issuer, signal)));
  const servers: FoundServer[] = [];
  const broken: BrokenServer[] = [];
  read.forEach((result, index) => {
    const issuer = issuers[index] as string;
    if (result.ok) servers.push(describe(result.value, deps));
    else broken.push({ issuer, problem: result.reason });
  });
  const guessed = own && servers.length === 0 && broken[0]?.problem === 'absent';
  if (guessed) servers.push(describe(serverOfOldRules(origin), deps));
  return ok({
    kind: 'protected',
    resource: metadata?.resource ?? null,
    name: metadata?.name ?? null,
    scopes: challenge?.scopes ?? null,
    scopesOffered: metadata?.scopesOffered ?? [],
    servers,
    broken: guessed ? [] : broken,
    guessed,
  });
}

const describe = (server: AuthorizationServer, deps: Pick<ProviderDeps, 'ownDocument'>): FoundServer => ({
  issuer: server.issuer,
  registration: registrationOf(server, deps),
  pkce: server.code_challenge_methods_supported?.includes('S256') === true,
  server,
});

/** MCP's order of preference: our document where it can be fetched, else a registration, else what a person enters. */
function registrationOf(server: AuthorizationServer, { ownDocument }: Pick<ProviderDeps, 'ownDocument'>): Registration {
  if (ownDocument && server.client_id_metadata_document_supported) return 'metadata_document';
  return server.registration_endpoint === undefined ? 'static' : 'dynamic';
}

/**
 * Which of several authorization servers is used where nobody chose: the first that lets us register ourselves, else the first. The
 * server lists them in its own order of preference (RFC 9728 §7.6 leaves the choice to the client).
 */
export const pickServer = (servers: readonly FoundServer[]): FoundServer | null =>
  servers.find(({ pkce, registration }) => pkce && registration !== 'static') ??
  servers.find(({ pkce }) => pkce) ??
  servers[0] ??
  null;
