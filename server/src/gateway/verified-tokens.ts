/** Signature checks of access tokens, done once per token: what is remembered is that it was signed, never that it is good. */
import { hash } from 'node:crypto';
import { type AccessTokenClaims, verifyAccessToken } from '../core/tokens/access-token.ts';
import type { Clock } from '../platform/clock.ts';
import type { Keyring } from '../platform/keys.ts';

/**
 * The claims of a token; null for one that is not ours, or expired. Answers at once for a token that it knows.
 * Does not check the audience, nor the grant: the caller does, every time.
 */
export type VerifyToken = (token: string) => AccessTokenClaims | Promise<AccessTokenClaims | null>;

const MAX_REMEMBERED = 20_000;

/** Remembers up to `limit` tokens by their digest, the least recently used forgotten first, none past its `exp`. */
export function openVerifiedTokens(
  { keyring, issuer, clock }: { keyring: Keyring; issuer: string; clock: Clock },
  limit = MAX_REMEMBERED,
): VerifyToken {
  const remembered = new Map<string, AccessTokenClaims>();
  const verify = async (token: string, digest: string): Promise<AccessTokenClaims | null> => {
    const verified = await verifyAccessToken(keyring, issuer, token, clock());
    if (!verified.ok) return null;
    if (remembered.size >= limit) remembered.delete(remembered.keys().next().value as string);
    remembered.set(digest, verified.value);
    return verified.value;
  };
  return (token) => {
    const digest = hash('sha256', token, 'base64');
    const claims = remembered.get(digest);
    if (claims === undefined) return verify(token, digest);
    // A Map keeps the order of insertion: put last again.
    remembered.delete(digest);
    if (clock().getTime() >= claims.expiresAt * 1000) return verify(token, digest);
    remembered.set(digest, claims);
    return claims;
  };
}
