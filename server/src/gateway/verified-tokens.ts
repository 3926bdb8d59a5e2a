/** Signature checks of access tokens, done once per token: what is remembered is that it was signed, never that it is good. */
import { hash } from 'node:crypto';
import { type BearerClaims, verifyBearerToken } from '../core/tokens/bearer-token.ts';
import type { Clock } from '../platform/clock.ts';
import type { Keyring } from '../platform/keys.ts';

/**
 * The claims of a token; null for one that is not ours, or expired. Answers at once for a token that it knows.
 * Does not check the audience, nor the grant: the caller does, every time.
 */
export type VerifyToken = (token: string) => BearerClaims | Promise<BearerClaims | null>;

const MAX_REMEMBERED = 20_000;

/**
 * Remembers up to `limit` tokens by their digest, those that were least lately used forgotten first, none past its `exp`. They lie in
 * two halves: when the newer one is full, the older one goes, and what of it was used meanwhile has moved. So nothing is written for
 * a token that is used again and again.
 */
export function openVerifiedTokens(
  { keyring, issuer, clock }: { keyring: Keyring; issuer: string; clock: Clock },
  limit = MAX_REMEMBERED,
): VerifyToken {
  let newer = new Map<string, BearerClaims>();
  let older = new Map<string, BearerClaims>();
  let signedBy = keyring.signing;
  const remember = (digest: string, claims: BearerClaims): void => {
    if (newer.size >= limit / 2) {
      older = newer;
      newer = new Map();
    }
    newer.set(digest, claims);
  };
  const verify = async (token: string, digest: string): Promise<BearerClaims | null> => {
    const before = keyring.signing;
    const claims = await verifyBearerToken({ keyring, issuer, now: clock() }, token);
    // Its key may have been taken out while it was checked: what is remembered now would outlive that.
    if (claims !== null && keyring.signing === before) remember(digest, claims);
    return claims;
  };
  return (token) => {
    // A key that is taken out of the keyring takes all that it signed with it (SECURITY #156).
    if (keyring.signing !== signedBy) {
      signedBy = keyring.signing;
      newer.clear();
      older.clear();
    }
    const digest = hash('sha256', token, 'base64');
    let claims = newer.get(digest);
    if (claims === undefined) {
      claims = older.get(digest);
      if (claims === undefined) return verify(token, digest);
      older.delete(digest);
      remember(digest, claims);
    }
    if (clock().getTime() < claims.expiresAt * 1000) return claims;
    newer.delete(digest);
    return verify(token, digest);
  };
}
