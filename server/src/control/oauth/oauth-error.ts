/** The errors of OAuth endpoints as JSON (RFC 6749 §5.2, RFC 7591 §3.2.2), and what is answered when something throws. */
import type { BodyRefusal } from '../../platform/http/body.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import type { Log } from '../../platform/log.ts';
import { requestIdToTell } from '../../platform/request-under-way.ts';
import { isTransient, Unavailable } from '../../platform/transient.ts';

export type OAuthErrorCode =
  // RFC 6749 §5.2
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  // RFC 8707 §2
  | 'invalid_target'
  // RFC 7591 §3.2.2
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  // RFC 6750 §3.1
  | 'invalid_token'
  | 'insufficient_scope'
  // Ours, named as MCP clients know them.
  | 'too_many_requests'
  | 'temporarily_unavailable'
  | 'server_error';

/** An error answer; never cached. */
export const oauthError = (
  status: number,
  error: OAuthErrorCode,
  description: string,
  headers: Record<string, string> = {},
): Response => json(status, { error, error_description: printable(description) }, { ...NO_STORE, ...headers });

/** RFC 6749 §5.2 allows printable ASCII without quotation mark and backslash. */
const printable = (text: string): string => text.replaceAll('"', "'").replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?');

/** What a body that cannot be read gets. */
export function bodyError(
  reason: BodyRefusal | 'wrong_type' | 'malformed',
  wanted: string,
  error: OAuthErrorCode,
): Response {
  switch (reason) {
    case 'too_large':
      return oauthError(413, error, 'The body is too large.');
    case 'wrong_type':
      return oauthError(415, error, `The body must be ${wanted}.`);
    case 'unreadable':
    case 'malformed':
      return oauthError(400, error, `The body is not valid ${wanted}.`);
  }
}

export const methodNotAllowed = (allowed: string): Response =>
  oauthError(405, 'invalid_request', `Use ${allowed}.`, { allow: allowed });

/**
 * What is answered when something throws. What will pass is 503 with Retry-After and never a refusal, because clients throw their
 * tokens away on those (SECURITY #124); all else is 500, told in the log under an id that the answer names. `route` is as it was
 * mounted, never a path: that may end in a connection's key, which only its clients know.
 */
export function thrownError(log: Log, error: unknown, route: string): Response {
  if (isTransient(error)) {
    const retryAfter = error instanceof Unavailable ? error.retryAfter : 2;
    log.warn({ err: error, route }, 'temporarily unavailable');
    const seconds = String(retryAfter);
    return oauthError(503, 'temporarily_unavailable', `Try again in ${seconds} s.`, { 'retry-after': seconds });
  }
  const requestId = requestIdToTell();
  log.error({ err: error, route, requestId }, 'a request failed');
  return oauthError(500, 'server_error', `Something went wrong here (request ${requestId}).`);
}
