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
  return new CompactEncrypt(new TextEncoder().encode(plain))
    .setProtectedHeader(headerOf({ kid: current.kid, place }))
    .encrypt(current.key);
}

/** Opens what `seal` closed for the same place. @throws SealBroken for another place, an unknown key or a changed text. */
export async function unseal(keyring: Keyring, place: string, sealed: string): Promise<string> {
  return (await open((kid) => findKey(keyring, kid), sealed, place)).plain;
}

/** Seals again what was sealed by an older key, for the place that it was sealed for. @throws SealBroken */
export async function reseal(keyring: Keyring, sealed: string): Promise<string> {
  const { plain, place } = await open((kid) => findKey(keyring, kid), sealed);
  return seal(keyring, place, plain);
}

/** How every text begins that `seal` made with this key. */
export function sealPrefix(kid: string): string {
  const header = Buffer.from(JSON.stringify(headerOf({ kid, place: '' })).slice(0, -'"}'.length));
  // Whole groups of three bytes: the rest of the header changes only what comes after them.
  return header.subarray(0, header.length - (header.length % 3)).toString('base64url');
}

/** Another process may have sealed by a key that this one has not read yet. */
async function findKey(keyring: Keyring, kid: string): Promise<Uint8Array | undefined> {
  const find = () => keyring.sealing.find((key) => key.kid === kid)?.key;
  const known = find();
  if (known || !keyring.lookAgain) return known;
  await keyring.lookAgain();
  return find();
}

/** Opens what versions before this one sealed under a key that only the holder of `token` can derive (HKDF, RFC 5869). @throws SealBroken */
export const unsealUnderToken = async (token: string, place: string, sealed: string): Promise<string> =>
  (
    await open(
      async () => new Uint8Array(hkdfSync('sha256', token, 'grantway', 'sealed under a token', 32)),
      sealed,
      place,
    )
  ).plain;

// The order of the members is part of `sealPrefix`.
const headerOf = (header: { kid: string; place: string }) => ({ alg: 'dir', enc: 'A256GCM', ...header }) as const;

/** Opens a sealed text; where a place is given, only one that was sealed for it. */
async function open(
  find: (kid: string) => Promise<Uint8Array | undefined>,
  sealed: string,
  expected?: string,
): Promise<{ plain: string; place: string }> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(
      sealed,
      async (header) => {
        const key = await find(String(header.kid));
        if (!key) throw new SealBroken();
        return key;
      },
      { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
    );
    const { place } = protectedHeader;
    if (typeof place !== 'string' || (expected !== undefined && place !== expected)) throw new SealBroken();
    return { plain: new TextDecoder().decode(plaintext), place };
  } catch {
    throw new SealBroken();
  }
}
