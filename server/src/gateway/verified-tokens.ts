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

/** Remembers up to `limit` tokens by their digest, the least recently used forgotten first, none past its `exp`. */
export function openVerifiedTokens(
  { keyring, issuer, clock }: { keyring: Keyring; issuer: string; clock: Clock },
  limit = MAX_REMEMBERED,
): VerifyToken {
  const remembered = new Map<string, BearerClaims>();
  let signedBy = keyring.signing;
  const verify = async (token: string, digest: string): Promise<BearerClaims | null> => {
    const before = keyring.signing;
    const claims = await verifyBearerToken({ keyring, issuer, now: clock() }, token);
    if (claims === null) return null;
    // Its key may have been taken out while it was checked: what is remembered now would outlive that.
    if (keyring.signing !== before) return claims;
    if (remembered.size >= limit) remembered.delete(remembered.keys().next().value as string);
    remembered.set(digest, claims);
    return claims;
  };
  return (token) => {
    // A key that is taken out of the keyring takes all that it signed with it (SECURITY #156).
    if (keyring.signing !== signedBy) {
      signedBy = keyring.signing;
      remembered.clear();
    }
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
