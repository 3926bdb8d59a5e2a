/** How bearer credentials are refused (RFC 6750). */
import { oauthError } from './oauth-error.ts';

/** A refusal. Where nothing was presented it has no error code (RFC 6750 §3.1); else it is the same for every reason. */
export function refuseBearer(error: 'invalid_token' | 'insufficient_scope' | null, scope?: string): Response {
  const parameters = [
    ...(error === null ? [] : [`error="${error}"`]),
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
  ];
  const challenge = ['Bearer', parameters.join(', ')].join(' ').trim();
  const description = error === null ? 'A bearer token is required.' : 'The token is not valid for this.';
  return oauthError(error === 'insufficient_scope' ? 403 : 401, error ?? 'invalid_token', description, {
    'www-authenticate': challenge,
  });
}
