/** Registering at an authorization server (RFC 7591): what we say of ourselves, and what of its answer we take. */
import * as oauth from 'oauth4webapi';
import { z } from 'zod';
import { ok, type Result, refused } from '../../platform/result.ts';
import { callbackUrl } from '../connections/callback-url.ts';
import type { SealedClient } from '../connections/provider-client.ts';
import { type ProviderDeps, requestOptions } from './deps.ts';

export type AuthMethod = SealedClient['authMethod'];
export type Registered = { client: SealedClient; expiresAt: Date | null };
/** `refused` names the OAuth error code where the server gave one that we know. */
export type RegistrationRefusal = { kind: 'unreachable' } | { kind: 'refused'; code: string | null };

/** How we authenticate, by what the server takes: with a secret where we may, because we can keep one. */
export function authMethodFor(server: oauth.AuthorizationServer): AuthMethod {
  // RFC 8414 §2: when omitted, client_secret_basic.
  const supported = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const preferred: AuthMethod[] = ['client_secret_basic', 'client_secret_post', 'none'];
  return preferred.find((method) => supported.includes(method)) ?? 'client_secret_basic';
}

/** What we say of ourselves, in a registration and in our document alike. */
export function clientMetadata(base: string, redirectUri: string, authMethod: AuthMethod) {
  const https = base.startsWith('https:');
  return {
    client_name: 'Grantway',
    ...(https ? { client_uri: base } : {}),
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: authMethod,
    // OpenID Connect Registration §2: a web client has https callbacks; on loopback over http we are a native one.
    application_type: https ? 'web' : 'native',
  };
}

// Not the library's own reading of the answer: many servers answer 200, or leave out when a secret expires, and work.
const ANSWER = z.object({
  client_id: z.string().min(1).max(2_048),
  client_secret: z.string().max(8_192).nullish(),
  client_secret_expires_at: z.number().min(0).max(1e11).nullish(),
  token_endpoint_auth_method: z.string().nullish(),
  redirect_uris: z.array(z.string()).nullish(),
});

const CODES = [
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'invalid_software_statement',
  'unapproved_software_statement',
  'access_denied',
  'invalid_request',
];

/** Registers anew. The answer is bounded; nothing of its text is passed on. Stores nothing. */
export async function registerClient(
  deps: Pick<ProviderDeps, 'fetch' | 'base'>,
  server: oauth.AuthorizationServer,
): Promise<Result<Registered, RegistrationRefusal>> {
  const asked = authMethodFor(server);
  const redirectUri = callbackUrl(deps.base, server.issuer);
  const metadata = clientMetadata(deps.base, redirectUri, asked);
  const grants = server.grant_types_supported;
  if (grants && !grants.includes('refresh_token')) metadata.grant_types = ['authorization_code'];
  let response: Response;
  try {
    response = await oauth.dynamicClientRegistrationRequest(server, metadata, requestOptions(deps));
  } catch {
    return refused({ kind: 'unreachable' });
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.status === 429 || response.status >= 500) return refused({ kind: 'unreachable' });
  const answer = ANSWER.safeParse(body);
  if ((response.status !== 201 && response.status !== 200) || !answer.success) {
    const code = (body as { error?: unknown } | null)?.error;
    return refused({ kind: 'refused', code: CODES.find((known) => known === code) ?? null });
  }
  const { client_id: clientId, client_secret, client_secret_expires_at, redirect_uris } = answer.data;
  const clientSecret = client_secret || null;
  const authMethod = methodOf(answer.data.token_endpoint_auth_method ?? asked, clientSecret);
  if (authMethod === null || (redirect_uris?.length && !redirect_uris.includes(redirectUri))) {
    return refused({ kind: 'refused', code: null });
  }
  const expiresAt = client_secret_expires_at ? new Date(client_secret_expires_at * 1000) : null;
  return ok({ client: { clientId, clientSecret, authMethod, redirectUri, oldRules: false }, expiresAt });
}

/** The server's word counts (RFC 7591 §3.2.1), where we can follow it: a way that needs a secret needs the secret. */
function methodOf(said: string, secret: string | null): AuthMethod | null {
  if (said === 'none') return 'none';
  if (secret === null) return null;
  return said === 'client_secret_basic' || said === 'client_secret_post' ? said : null;
}
