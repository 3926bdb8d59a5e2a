/** The public halves of the signing keys (RFC 7517 §5), old ones included for as long as the keyring has them. */
import { json } from '../../platform/http/reply.ts';
import type { OAuthServer } from './server.ts';

export function jwks({ keyring }: OAuthServer) {
  const body = { keys: keyring.signing.map((key) => key.publicJwk) };
  // Short: a verifier that meets a new key asks again soon.
  return (): Response => json(200, body, { 'cache-control': 'public, max-age=300' });
}
