/** The public halves of the signing keys (RFC 7517 §5): those that will sign soon and those that did included. */
import { json } from '../../platform/http/reply.ts';
import type { OAuthServer } from './server.ts';

/** Shorter than a new key is published before it signs (`npm run keys rotate`), so that no cache lacks it then. */
export const JWKS_MAX_AGE_SECONDS = 300;

export const jwks =
  ({ keyring }: OAuthServer) =>
  (): Response =>
    json(
      200,
      { keys: keyring.signing.map((key) => key.publicJwk) },
      { 'cache-control': `public, max-age=${JWKS_MAX_AGE_SECONDS}` },
    );
