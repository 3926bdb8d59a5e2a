/** The tokens of a provider grant at rest: sealed, for their own row alone. */
import type { Keyring } from '../../platform/keys.ts';
import { seal, unseal } from '../../platform/seal.ts';

export type Bundle = {
  accessToken: string;
  refreshToken: string | null;
  /** What it was asked for (RFC 8707), to be named at each refresh; null: none. */
  resource: string | null;
};

const placeOf = (providerGrantId: string): string => `provider_grant/${providerGrantId}`;

export const sealBundle = (keyring: Keyring, providerGrantId: string, bundle: Bundle): Promise<string> =>
  seal(keyring, placeOf(providerGrantId), JSON.stringify(bundle));

/** @throws SealBroken for another row's, a changed text, or a key that is gone. */
export const unsealBundle = async (keyring: Keyring, providerGrantId: string, sealed: string): Promise<Bundle> =>
  JSON.parse(await unseal(keyring, placeOf(providerGrantId), sealed)) as Bundle;
