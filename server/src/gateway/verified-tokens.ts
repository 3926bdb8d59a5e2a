/** Signature checks of access tokens, done once per token: what is remembered is that it was signed, never that it is good. */
import { type BearerClaims, verifyBearerToken } from '../core/tokens/bearer-token.ts';
import type { Clock } from '../platform/clock.ts';
import type { Keyring } from '../platform/keys.ts';
import { Remembered } from '../platform/remembered.ts';

/**
 * The claims of a token; null for one that is not ours, or expired. Answers at once for a token that it knows.
 * Does not check the audience, nor the grant: the caller does, every time.
 */
export type VerifyToken = (token: string) => BearerClaims | Promise<BearerClaims | null>;

const MAX_REMEMBERED = 20_000;

// RFC 6750 §2.1
const FORM = /^[A-Za-z0-9._~+/-]+=*$/;

// The end of a signature tells tokens apart. It proves nothing: the whole is compared.
const KEY_LENGTH = 32;
const keyOf = (token: string): string => token.slice(-KEY_LENGTH);

/**
 * Remembers up to `limit` tokens, none past its `exp`: the token itself, in the memory that also holds the keys that sign them: a
 * digest would be taken anew with every request.
 */
export function openVerifiedTokens(
  { keyring, issuer, clock }: { keyring: Keyring; issuer: string; clock: Clock },
  limit = MAX_REMEMBERED,
): VerifyToken {
  const remembered = new Remembered<{ token: string; claims: BearerClaims }>(limit);
  let signedBy = keyring.signing;
  const verify = async (token: string): Promise<BearerClaims | null> => {
    if (!FORM.test(token)) return null;
    const before = keyring.signing;
    const claims = await verifyBearerToken({ keyring, issuer, now: clock() }, token);
    // Its key may have been taken out while it was checked: what is remembered now would outlive that.
    if (claims !== null && keyring.signing === before) remembered.set(keyOf(token), { token, claims });
    return claims;
  };
  return (token) => {
    // A key that is taken out of the keyring takes all that it signed with it (SECURITY #156).
    if (keyring.signing !== signedBy) {
      signedBy = keyring.signing;
      remembered.clear();
    }
    const known = remembered.get(keyOf(token));
    const isKnown = known?.token === token && clock().getTime() < known.claims.expiresAt * 1000;
    return isKnown ? known.claims : verify(token);
  };
}
