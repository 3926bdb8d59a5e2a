/** Authorization server metadata (RFC 8414), the same document at every well-known address that clients try. */
import type { Context } from 'hono';
import { ASSERTION_ALGORITHMS } from '../../core/clients/assertion.ts';
import { AUTH_METHODS } from '../../core/clients/authenticate.ts';
import { parseRoute } from '../../core/connections/resource.ts';
import { SUPPORTED_SCOPES } from '../../core/grants/scopes.ts';
import { json } from '../../platform/http/reply.ts';
import { oauthError } from './oauth-error.ts';
import type { OAuthServer } from './server.ts';

/** The document. Nothing of it depends on the request: a forged Host changes nothing (SECURITY #7, #8). */
export function serverMetadata(
  base: string,
  signingAlgorithms: readonly string[],
  documents: boolean,
): Record<string, unknown> {
  return {
    // RFC 8414 §3.3: exactly the `iss` of answers and tokens.
    issuer: base,
    authorization_endpoint: `${base}/oauth/authorize`,
    token_endpoint: `${base}/oauth/token`,
    registration_endpoint: `${base}/oauth/register`,
    revocation_endpoint: `${base}/oauth/revoke`,
    introspection_endpoint: `${base}/oauth/introspect`,
    userinfo_endpoint: `${base}/oauth/userinfo`,
    jwks_uri: `${base}/oauth/jwks.json`,
    scopes_supported: SUPPORTED_SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: [...AUTH_METHODS, 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
    introspection_endpoint_auth_methods_supported: AUTH_METHODS.filter((method) => method !== 'none'),
    code_challenge_methods_supported: ['S256'],
    // RFC 9207 §3
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: documents,
    // OpenID Connect Discovery §3: required there, and clients that find us by that name check it. We issue no ID tokens.
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: signingAlgorithms,
    claims_supported: ['sub', 'name', 'email', 'email_verified'],
    request_parameter_supported: false,
    // The default of this one is true.
    request_uri_parameter_supported: false,
  };
}

/** Said only where some host's documents are taken. */
const takesDocuments = ({ mode, allowedHosts }: OAuthServer['config']['clientDocuments']): boolean =>
  mode !== 'deny' || allowedHosts.length > 0;

/** For each well-known address: alone, or with the path of a connect resource behind it (RFC 8414 §3.1). */
export function metadata(server: OAuthServer) {
  const { config, keyring } = server;
  const body = () => {
    const algorithms = [...new Set(keyring.signing.map((key) => key.alg))];
    return serverMetadata(config.url, algorithms, takesDocuments(config.clientDocuments));
  };
  return (c: Context): Response =>
    isServed(c.req.path)
      ? json(200, body(), { 'cache-control': 'public, max-age=300' })
      : oauthError(404, 'invalid_request', 'There is no such resource.');
}

/** A suffix is well formed or refused; whether its resource exists is nobody's to learn here. */
function isServed(path: string): boolean {
  const suffix = /^\/\.well-known\/[a-z-]+\/?(.*)$/.exec(path)?.[1] ?? '';
  return (
    suffix === '' || (suffix.startsWith('mcp-connect/') && parseRoute(suffix.slice('mcp-connect/'.length)) !== null)
  );
}
