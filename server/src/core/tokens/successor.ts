/** The successor of a refresh token: who presents the token gets it again, and nobody else finds it. */
import { freshBytes } from '../../platform/random.ts';
import { unsealUnderToken } from '../../platform/seal.ts';
import { deriveSecret, hashSecret, REFRESH_TOKEN } from '../../platform/secret.ts';
import { Unavailable } from '../../platform/transient.ts';

/** `sealed` is what the row of the presented token keeps for the replay window: with that token it gives `token`, alone it says nothing. */
export type Successor = { token: string; sealed: string };

// As many as a key of AES has: two successors of one token, of which one came to nothing, are not the same.
const SALT_BYTES = 16;

/**
 * The next token, derived from the presented one and a salt of its own, which is all that is kept of it: when the salt is dropped, the
 * way from the one token to the other is gone for whoever holds the first (RFC 5869 §3.1).
 */
export function newSuccessor(presented: string): Successor {
  const salt = freshBytes(SALT_BYTES).toString('base64url');
  return { token: deriveSecret(REFRESH_TOKEN, presented, salt), sealed: salt };
}

/**
 * @returns the same token again; of what `newSuccessor` did not make for `presented`, some other. Does not check that it was ever issued:
 * its row does. @throws Unavailable for a JWE that `presented` does not open.
 */
export async function openSuccessor(presented: string, sealed: string): Promise<string> {
  if (!sealed.includes('.')) return deriveSecret(REFRESH_TOKEN, presented, sealed);
  // A JWE, as versions before this one wrote: during an upgrade some are younger than the replay window.
  const opening = unsealUnderToken(presented, `refresh_token/${hashSecret(presented)}`, sealed);
  return opening.catch((error) => Promise.reject(new Unavailable(error)));
}
