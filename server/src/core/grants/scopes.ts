/** Scopes: what a grant permits. */
import { ok, type Result, refused } from '../../platform/result.ts';

/** The one scope that lets a client through to the upstream. */
export const MCP_ACCESS = 'mcp:access';
/** Lets a client read the name and e-mail address of its user. */
export const PROFILE = 'profile';
/** Accepted because many clients send it; refresh tokens do not depend on it. */
export const OFFLINE_ACCESS = 'offline_access';

export const SUPPORTED_SCOPES: readonly string[] = [MCP_ACCESS, PROFILE, OFFLINE_ACCESS];

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const MAX_SCOPES = 50;

/**
 * The scopes in a `scope` parameter (RFC 6749 §3.3), unknown ones dropped: the answer names what was granted.
 * Absent or empty means `mcp:access`. Refused when malformed, or when nothing known is left.
 */
export function parseScopes(text: string | undefined): Result<string[], 'invalid_scope'> {
  const asked = (text ?? '').split(' ').filter((scope) => scope !== '');
  if (asked.length === 0) return ok([MCP_ACCESS]);
  if (asked.length > MAX_SCOPES || asked.some((scope) => !SCOPE_TOKEN.test(scope))) return refused('invalid_scope');
  const known = SUPPORTED_SCOPES.filter((scope) => asked.includes(scope) && scope !== OFFLINE_ACCESS);
  // A client that asks only for offline_access means "the usual, for long".
  if (known.length === 0) return asked.includes(OFFLINE_ACCESS) ? ok([MCP_ACCESS]) : refused('invalid_scope');
  return ok(known);
}

/** Whether two sets of scopes are the same. */
export const sameScopes = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((scope) => b.includes(scope));
