/** The metadata of an authorization server (RFC 8414, OpenID Connect Discovery): found, compared with its issuer, and cleaned. */
import * as oauth from 'oauth4webapi';
import { checkUpstreamUrl } from '../../platform/http/upstream-url.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import type { ProviderDeps } from './deps.ts';

/** `absent`: it has none. `mismatch`: it says that it is another. `unusable`: an endpoint that we need is missing, or not to be trusted. */
export type MetadataRefusal = 'absent' | 'mismatch' | 'unusable' | 'unreachable';

type Reader = Pick<ProviderDeps, 'fetch' | 'allow'>;

/**
 * Reads the metadata of `issuer`, at the three places where it may be, in MCP's order. The issuer inside must be the one asked for
 * (RFC 8414 §3.3); only the slash of an empty path does not matter, because such an issuer has the same well-known addresses.
 * Does not check what the server can do: `discover.ts` does.
 */
export async function readServerMetadata(
  deps: Reader,
  issuer: string,
  signal: AbortSignal,
): Promise<Result<oauth.AuthorizationServer, MetadataRefusal>> {
  const checked = checkUpstreamUrl(issuer, deps.allow);
  if (!checked.ok || checked.value.search !== '') return refused('unusable');
  let failed: MetadataRefusal = 'absent';
  for (const address of addressesOf(checked.value)) {
    let response: Response;
    try {
      response = await deps.fetch(address, { headers: { accept: 'application/json' }, signal });
    } catch {
      failed = 'unreachable';
      continue;
    }
    if (response.status >= 500 || response.status === 429) failed = 'unreachable';
    if (response.status !== 200) continue;
    try {
      const server = await oauth.processDiscoveryResponse(checked.value, response);
      return clean(server, deps);
    } catch (error) {
      // A document of another issuer is an attack or a mistake; looking further would only find a friendlier one.
      const { code } = error as { code?: unknown };
      if (code === oauth.JSON_ATTRIBUTE_COMPARISON || code === 'ERR_INVALID_URL') return refused('mismatch');
    }
  }
  return refused(failed);
}

function addressesOf({ origin, pathname }: URL): string[] {
  const path = pathname.replace(/\/$/, '');
  const places = [`/.well-known/oauth-authorization-server${path}`, `/.well-known/openid-configuration${path}`];
  if (path !== '') places.push(`${path}/.well-known/openid-configuration`);
  return places.map((place) => origin + place);
}

const NEEDED = ['authorization_endpoint', 'token_endpoint'] as const;
const OPTIONAL = ['registration_endpoint', 'revocation_endpoint', 'userinfo_endpoint', 'jwks_uri'] as const;

/**
 * Only what we use, and only addresses that the guard would let us reach: the browser is sent to the first of them, our credentials
 * to the others (SECURITY #196). A bad optional one is as if it were not there.
 */
function clean(said: oauth.AuthorizationServer, { allow }: Reader): Result<oauth.AuthorizationServer, 'unusable'> {
  const isFine = (url: unknown) => typeof url === 'string' && checkUpstreamUrl(url, allow).ok;
  if (!NEEDED.every((name) => isFine(said[name]))) return refused('unusable');
  const kept = [
    ...[...NEEDED, ...OPTIONAL].filter((name) => isFine(said[name])),
    ...LISTS.filter((name) => isTexts(said[name])),
    ...FLAGS.filter((name) => said[name] === true),
  ];
  return ok({ issuer: said.issuer, ...Object.fromEntries(kept.map((name) => [name, said[name]])) });
}

const LISTS = [
  'scopes_supported',
  'grant_types_supported',
  'response_types_supported',
  'code_challenge_methods_supported',
  'token_endpoint_auth_methods_supported',
  'revocation_endpoint_auth_methods_supported',
  'id_token_signing_alg_values_supported',
  'token_endpoint_auth_signing_alg_values_supported',
] as const;
const FLAGS = ['authorization_response_iss_parameter_supported', 'client_id_metadata_document_supported'] as const;

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= 1_000 && value.every((entry) => typeof entry === 'string');

/** What a server without metadata has by the rules of 2025-03-26: endpoints at its origin, named so. PKCE was a must there too. */
export const serverOfOldRules = (origin: string): oauth.AuthorizationServer => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  registration_endpoint: `${origin}/register`,
  code_challenge_methods_supported: ['S256'],
});
