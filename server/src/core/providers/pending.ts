/** A sign-in that is under way at a provider: found by its state, taken once. */
import type { PendingProviderAuthorization } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';
import type { Keyring } from '../../platform/keys.ts';
import { unseal } from '../../platform/seal.ts';
import { hashSecret, looksLikeSecret, PROVIDER_STATE, sameSecret } from '../../platform/secret.ts';
import { placeOfSignIn, type SignInSecret } from './authorize.ts';

export type PendingSignIn = PendingProviderAuthorization;

/** The sign-in of this state, whatever became of it; null for a state that was never given out, or is long forgotten. */
export async function findSignIn(database: Database, state: string): Promise<PendingSignIn | null> {
  if (!looksLikeSecret(PROVIDER_STATE, state)) return null;
  return database.db.pendingProviderAuthorization.findUnique({ where: { stateHash: hashSecret(state) } });
}

/**
 * Whether it comes back to whom it began with: the same person, in the same session or at least in the same browser (its cookie changes
 * when two clients meet a browser for the first time at once). Else a link to the provider could be handed to somebody whose provider
 * says yes without asking (SECURITY #73, #213).
 */
export function isSamePerson(
  signIn: PendingSignIn,
  who: { userId: string; sessionId: string; browser: string | null },
): boolean {
  if (signIn.userId !== who.userId) return false;
  if (signIn.sessionId === who.sessionId) return true;
  return who.browser !== null && sameSecret(hashSecret(who.browser), signIn.browserBindingHash);
}

/** What was sealed when it began. Only for one that is still pending. @throws SealBroken */
export const openSecret = async (keyring: Keyring, signIn: PendingSignIn): Promise<SignInSecret> =>
  JSON.parse(await unseal(keyring, placeOfSignIn(signIn.id), signIn.sealed)) as SignInSecret;

/**
 * Takes it: one conditional update, so of callbacks that come twice one alone goes on to the provider (SECURITY #312).
 * @returns false when it was taken, ended or expired before.
 */
export async function takeSignIn(database: Database, signIn: PendingSignIn): Promise<boolean> {
  const taken = await database.db.$executeRaw`
    UPDATE pending_provider_authorization SET status = 'consumed', consumed_at = clock_timestamp(), sealed = ''
    WHERE id = ${signIn.id}::uuid AND status = 'pending' AND expires_at > clock_timestamp()`;
  return taken === 1;
}
