/** Reading a client ID metadata document: what it must say, what it may not, and how its client will authenticate. Pure. */
import { ok, type Result, refused } from '../../platform/result.ts';
import { type ClientMetadata, readMetadata } from './metadata.ts';

export type ReadDocument = {
  metadata: ClientMetadata;
  authMethod: 'none' | 'private_key_jwt';
  jwks: unknown;
  jwksUri: string | null;
};

const PRIVATE_JWK_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Reads the text of a document that was fetched from `clientId`. Refused with one sentence's worth of reason. */
export function readDocument(text: string, clientId: string, own: string): Result<ReadDocument, string> {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return refused('it is not JSON');
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return refused('it is not a JSON object');
  const document = said as Record<string, unknown>;
  // Draft §4.1: simple string comparison, so that nobody can serve another client's document as their own.
  if (document.client_id !== clientId) return refused('its client_id is not its own address');
  if ('client_secret' in document || 'client_secret_expires_at' in document) return refused('it holds a client secret');
  const method = authMethodOf(document);
  if (!method.ok) return method;
  const keys = keysOf(document);
  if (!keys.ok) return keys;
  if (method.value === 'private_key_jwt' && keys.value.jwks === null && keys.value.jwksUri === null) {
    return refused('it names private_key_jwt and no keys');
  }
  const metadata = readMetadata({ ...document, token_endpoint_auth_method: undefined }, own);
  if (!metadata.ok) return refused(metadata.reason.description);
  return ok({ metadata: metadata.value, authMethod: method.value, ...keys.value });
}

/**
 * Negotiated, not demanded (field note D36): a client that can do without authenticating does; one that has keys uses them. Shared
 * secrets are impossible here (draft §4.1), because the document is public.
 */
function authMethodOf(document: Record<string, unknown>): Result<'none' | 'private_key_jwt', string> {
  const { token_endpoint_auth_method: named, token_endpoint_auth_methods_supported: several } = document;
  const offered = [named, ...(Array.isArray(several) ? several : [])].filter((method) => typeof method === 'string');
  if (offered.length === 0 || offered.includes('none')) return ok('none');
  if (offered.includes('private_key_jwt')) return ok('private_key_jwt');
  return refused('it asks for a way to authenticate that a public document cannot have');
}

function keysOf(document: Record<string, unknown>): Result<{ jwks: unknown; jwksUri: string | null }, string> {
  const { jwks = null, jwks_uri: jwksUri = null } = document;
  if (jwks !== null && jwksUri !== null) return refused('it has both jwks and jwks_uri');
  if (jwksUri !== null && (typeof jwksUri !== 'string' || !/^https:\/\//.test(jwksUri) || !URL.canParse(jwksUri))) {
    return refused('its jwks_uri is not an https address');
  }
  if (jwks === null) return ok({ jwks, jwksUri });
  const keys = typeof jwks === 'object' ? (jwks as { keys?: unknown }).keys : undefined;
  if (!Array.isArray(keys) || keys.length > 20 || keys.some((key) => typeof key !== 'object' || key === null)) {
    return refused('its jwks is not a JWK Set');
  }
  // jsonb holds neither.
  if (
    /\\u0000/.test(JSON.stringify(jwks)) ||
    !JSON.stringify(jwks).isWellFormed() ||
    /\\ud[89a-f]/i.test(JSON.stringify(jwks))
  ) {
    return refused('its jwks holds characters that no key has');
  }
  const isPrivate = keys.some((key: object) => PRIVATE_JWK_MEMBERS.some((member) => member in key));
  return isPrivate ? refused('it publishes a private key') : ok({ jwks, jwksUri: null });
}

const [LEAST_SECONDS, USUAL_SECONDS, MOST_SECONDS] = [60, 3_600, 86_400];

/** How long a document stays fresh (RFC 9111 §5.2.2), within bounds: no flood of fetches, no document that never changes. */
export function freshnessOf(cacheControl: string | null): number {
  const directives = (cacheControl ?? '').toLowerCase();
  if (/\b(no-store|no-cache)\b/.test(directives)) return LEAST_SECONDS;
  const age = /\bmax-age\s*=\s*"?(\d{1,10})/.exec(directives)?.[1];
  return age === undefined ? USUAL_SECONDS : Math.min(Math.max(Number(age), LEAST_SECONDS), MOST_SECONDS);
}
