/** The parameters of an authorization request, judged once the redirect URI is trusted. Pure. */

import type { AuthorizationError } from '../../core/authorizations/redirect.ts';
import { allowedScopes } from '../../core/clients/client.ts';
import { parseScopes } from '../../core/grants/scopes.ts';
import type { Fields } from '../../platform/http/form.ts';
import { ok, type Result, refused } from '../../platform/result.ts';

/** Phase 2: why the client hears an error, by redirect. */
export type TrustedReason = { error: AuthorizationError; description: string };

export type Asked = {
  scopes: string[];
  codeChallenge: string;
  prompt: string | null /** Seconds; null: any sign-in will do. */;
  maxAge: number | null;
};

const MAX_STATE_BYTES = 4_096;

/** The `state` to send back, byte for byte; null when there is none, or one that cannot be sent back. */
export function stateOf(fields: Fields): string | null {
  const state = fields.get('state');
  return state === undefined || Buffer.byteLength(state) > MAX_STATE_BYTES ? null : state;
}

/** Judges everything but the resource. */
export function readAsked(
  fields: Fields,
  client: { scopes: readonly string[]; responseTypes: readonly string[] },
): Result<Asked, TrustedReason> {
  // OAuth 2.1 §3.1: a parameter that comes twice makes the request invalid. `resource` alone may, and is judged where it is read.
  const twice = [...fields.repeated].find((name) => name !== 'resource');
  if (twice !== undefined) return wrong('invalid_request', `The parameter ${twice} came more than once.`);
  if (fields.get('state') !== undefined && stateOf(fields) === null)
    return wrong('invalid_request', 'state is longer than 4096 bytes.');
  // OpenID Connect Core §6: refused, and never fetched.
  if (fields.get('request') !== undefined) return wrong('request_not_supported', 'Request objects are not supported.');
  if (fields.get('request_uri') !== undefined)
    return wrong('request_uri_not_supported', 'request_uri is not supported.');

  const responseType = fields.get('response_type');
  if (responseType === undefined) return wrong('invalid_request', 'response_type is missing.');
  if (responseType !== 'code') return wrong('unsupported_response_type', 'response_type must be code.');
  if (!client.responseTypes.includes('code'))
    return wrong('unauthorized_client', 'This client is not registered for code.');
  if ((fields.get('response_mode') ?? 'query') !== 'query')
    return wrong('invalid_request', 'response_mode must be query.');

  // RFC 7636 §4.3: absent means plain, which OAuth 2.1 §7.5.1 does not allow.
  if (fields.get('code_challenge_method') !== 'S256')
    return wrong('invalid_request', 'code_challenge_method must be S256.');
  const codeChallenge = fields.get('code_challenge');
  if (codeChallenge === undefined || !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge)) {
    return wrong('invalid_request', 'code_challenge must be the base64url of a SHA-256.');
  }
  const parsed = parseScopes(fields.get('scope'));
  const scopes = parsed.ok ? parsed.value.filter((scope) => allowedScopes(client.scopes).includes(scope)) : [];
  if (scopes.length === 0) return wrong('invalid_scope', 'None of the scopes can be granted to this client.');

  const prompt = fields.get('prompt')?.slice(0, 100) ?? null;
  const prompts = prompt?.split(' ') ?? [];
  // OpenID Connect Core §3.1.2.1
  if (prompts.includes('none') && prompts.length > 1) return wrong('invalid_request', 'prompt=none stands alone.');
  const maxAge = fields.get('max_age');
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge))
    return wrong('invalid_request', 'max_age must be a number of seconds.');
  return ok({ scopes, codeChallenge, prompt, maxAge: maxAge === undefined ? null : Number(maxAge) });
}

const wrong = (error: AuthorizationError, description: string): { ok: false; reason: TrustedReason } =>
  refused({ error, description });
