/** The two tokens that the runtime takes, told apart by their `token_source`: nothing is tried as the other when it fails as the one. */
import type { Database } from '../../platform/database.ts';
import { type GrantClaims, type LiveAnswer, openLiveCheck } from '../grants/live.ts';
import { type AccessTokenClaims, OAUTH_CLIENT, readAccessClaims } from './access-token.ts';
import { type ConnectClaims, type ConnectTokenClaims, DERIVED_CONNECT, readConnectClaims } from './connect-token.ts';
import { openConnectCheck } from './connect-token-live.ts';
import { openToken, type Verifier } from './signed-token.ts';

export type BearerClaims = AccessTokenClaims | ConnectTokenClaims;

/**
 * Verifies signature, issuer, type, times and form of a token of either source; null for every other.
 * Does not check the audience, nor whether what the token hangs on stands: the caller does, every time.
 */
export async function verifyBearerToken(verifier: Verifier, token: string): Promise<BearerClaims | null> {
  const payload = await openToken(verifier, token);
  switch (payload?.token_source) {
    case OAUTH_CLIENT:
      return readAccessClaims(payload);
    case DERIVED_CONNECT:
      return readConnectClaims(payload);
    default:
      return null;
  }
}

/** What a token hangs on. */
export type BearerOrigin =
  | (GrantClaims & { source: typeof OAUTH_CLIENT })
  | (ConnectClaims & { source: typeof DERIVED_CONNECT });

/** Asks whether what a token hangs on stands now. @throws whatever the database throws: the caller answers 503, never a refusal. */
export type BearerCheck = (origin: BearerOrigin) => Promise<LiveAnswer>;

/** The check over one database: of a grant, or of what minted the token. No answer is older than its question. `meanwhile` is called when one of a grant is on its way. */
export function openBearerCheck(database: Database, meanwhile?: () => void): BearerCheck {
  const ofGrant = openLiveCheck(database, meanwhile);
  const ofMinter = openConnectCheck(database);
  return (origin) => (origin.source === OAUTH_CLIENT ? ofGrant(origin) : ofMinter(origin));
}

/**
 * The grant and the sign-in under it that a token belongs to, as whatever counts or ends things by those names them. A derived token
 * has no grant; what minted it is its sign-in.
 */
export const originOf = (claims: BearerClaims): { grantId: string | null; signInId: string } =>
  claims.source === OAUTH_CLIENT
    ? { grantId: claims.grantId, signInId: claims.familyId }
    : { grantId: null, signInId: claims.minter.id };
