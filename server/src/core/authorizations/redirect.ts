/** The only place that builds the address of an authorization response. */

export type AuthorizationError =
  | 'invalid_request'
  | 'unauthorized_client'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'login_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported';

export type AuthorizationAnswer = { code: string } | { error: AuthorizationError; description?: string };

/**
 * Where the browser goes with the answer (RFC 6749 §4.1.2, RFC 9207 §2: `iss` on success and on error alike).
 * `redirectUri` is kept byte for byte, its own query included. Does not check that it is the client's: only a validated one comes here.
 */
export function answerUrl(
  issuer: string,
  redirectUri: string,
  state: string | null,
  answer: AuthorizationAnswer,
): string {
  const parameters: [string, string][] =
    'code' in answer
      ? [['code', answer.code]]
      : [
          ['error', answer.error],
          ...(answer.description ? [['error_description', answer.description] as [string, string]] : []),
        ];
  if (state !== null) parameters.push(['state', state]);
  parameters.push(['iss', issuer]);
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return redirectUri + (redirectUri.includes('?') ? (/[?&]$/.test(redirectUri) ? '' : '&') : '?') + query;
}
