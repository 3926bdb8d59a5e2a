/** Sealing: the only code that touches ciphertext. JWE `dir` with A256GCM, bound to the row that holds it (RFC 7516, RFC 7518 §4.5). */
import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import type { Keyring } from './keys.ts';

/** Why something could not be opened; never says more, because the text is read by whoever sees the log. */
export class SealBroken extends Error {
  constructor() {
    super('a sealed value could not be opened');
  }
}

/**
 * Seals `plain` for one place. @param place the row and column that will hold it, such as `connection_secret/ID`:
 * it is part of what is authenticated, so a ciphertext copied to another row does not open there.
 */
export async function seal(keyring: Keyring, place: string, plain: string): Promise<string> {
  const current = keyring.sealing[0];
  if (!current) throw new SealBroken();
  return encrypt(current.key, { kid: current.kid, place }, plain);
}

/** Opens what `seal` closed for the same place. @throws SealBroken for another place, an unknown key or a changed text. */
export async function unseal(keyring: Keyring, place: string, sealed: string): Promise<string> {
  return decrypt((kid) => keyring.sealing.find((key) => key.kid === kid)?.key, place, sealed);
}

/** Seals `plain` under a key that only the holder of `token` can derive (HKDF, RFC 5869): the database alone opens nothing. */
export const sealUnderToken = (token: string, place: string, plain: string): Promise<string> =>
  encrypt(keyOf(token), { kid: 'token', place }, plain);

/** Opens what `sealUnderToken` closed. @throws SealBroken */
export const unsealUnderToken = (token: string, place: string, sealed: string): Promise<string> =>
  decrypt(() => keyOf(token), place, sealed);

const keyOf = (token: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', token, 'grantway', 'sealed under a token', 32));

const encrypt = (key: Uint8Array, header: { kid: string; place: string }, plain: string): Promise<string> =>
  new CompactEncrypt(new TextEncoder().encode(plain))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...header })
    .encrypt(key);

async function decrypt(find: (kid: string) => Uint8Array | undefined, place: string, sealed: string): Promise<string> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(
      sealed,
      (header) => {
        const key = find(String(header.kid));
        if (!key) throw new SealBroken();
        return key;
      },
      { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
    );
    if (protectedHeader.place !== place) throw new SealBroken();
    return new TextDecoder().decode(plaintext);
  } catch {
    throw new SealBroken();
  }
}
