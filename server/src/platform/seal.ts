/** Sealing: the only code that touches ciphertext. JWE `dir` with A256GCM, bound to the row that holds it (RFC 7516, RFC 7518 §4.5). */
import { createCipheriv, createSecretKey, hkdfSync } from 'node:crypto';
import { compactDecrypt } from 'jose';
import type { Keyring } from './keys.ts';
import { freshBytes } from './random.ts';

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

/** Seals `plain` under a key that only the holder of `token` can derive (HKDF, RFC 5869): the database alone opens nothing. */
export const sealUnderToken = (token: string, place: string, plain: string): string =>
  encrypt(keyOf(token), { kid: 'token', place }, plain);

/** Opens what `sealUnderToken` closed. @throws SealBroken */
export const unsealUnderToken = async (token: string, place: string, sealed: string): Promise<string> =>
  (await open(async () => keyOf(token), sealed, place)).plain;

const keyOf = (token: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', token, 'grantway', 'sealed under a token', 32));

// The order of the members is part of `sealPrefix`.
const headerOf = (header: { kid: string; place: string }) => ({ alg: 'dir', enc: 'A256GCM', ...header }) as const;

/**
 * A compact JWE (RFC 7516 §7.1), written here because jose goes by way of another thread for each: that is most of what a refresh would
 * cost. jose reads it, as it reads every other.
 */
function encrypt(key: Uint8Array, header: { kid: string; place: string }, plain: string): string {
  const head = Buffer.from(JSON.stringify(headerOf(header))).toString('base64url');
  // RFC 7518 §5.3: 96 bits, and never the same twice under one key.
  const iv = freshBytes(12);
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), iv).setAAD(Buffer.from(head));
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  // `dir`: the key is used as it is, so the place of an encrypted key stays empty.
  return [head, '', ...[iv, text, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.');
}

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
