/** The keyring: a JWK Set whose `oct` keys seal and whose other keys sign. */
import { createPrivateKey, type JsonWebKey, type KeyObject, randomBytes } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

/** Since when a key may be used for what is new, in seconds since the epoch: until then it only opens and verifies. */
type Timed = { kid: string; usableFrom: number };
export type SealingKey = Timed & { key: Uint8Array };
export type SigningKey = Timed & {
  alg: string;
  privateKey: CryptoKey;
  /** The same key for Node's own signatures, which need no other thread. */
  nativeKey: KeyObject;
  publicKey: CryptoKey;
  publicJwk: JWK;
};

/** The first of each use is the current one. Read it where it is used: a keyring changes while processes run. */
export type Keyring = {
  readonly sealing: readonly SealingKey[];
  readonly signing: readonly SigningKey[];
  /** For whoever meets a key that is not here: looks whether it has come since, seldom enough for strangers to ask at will. */
  readonly lookAgain?: () => Promise<void>;
};

/** A key as the file of a keyring has it: with the times, in seconds since the epoch, from and until which it is needed. */
export type RingJwk = JWK & { nbf?: number; exp?: number };

export const SIGNING_ALGORITHMS: readonly string[] = ['ES256', 'EdDSA', 'RS256'];

/** A new key to sign access tokens with, as a private JWK. */
export async function newSigningJwk(alg: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}

/** A new key to seal rows with. */
export const newSealingJwk = (): JWK => ({
  kty: 'oct',
  use: 'enc',
  kid: randomBytes(8).toString('base64url'),
  k: randomBytes(32).toString('base64url'),
});

/** The keys of a JWK Set. @throws Error with one sentence where it is none. */
export function readJwks(text: string): RingJwk[] {
  try {
    const set: unknown = JSON.parse(text);
    if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) throw new Error();
    return set.keys;
  } catch {
    throw new Error('the keyring is not a JWK Set ({"keys": [...]})');
  }
}

/**
 * The keyring in `text`, a JWK Set, in the order of the text. A key with `nbf` may not be used for what is new before that time.
 * @throws Error with one sentence, when it is not one, or lacks a key of either use.
 */
export async function readKeyring(text: string): Promise<Keyring> {
  const keys = readJwks(text);
  const sealing: SealingKey[] = [];
  const signing: SigningKey[] = [];
  for (const jwk of keys) {
    if (typeof jwk.kid !== 'string' || jwk.kid === '') throw new Error('a key of the keyring has no kid');
    const timed = { kid: jwk.kid, usableFrom: typeof jwk.nbf === 'number' ? jwk.nbf : 0 };
    if (jwk.kty === 'oct') {
      const key = Buffer.from(jwk.k ?? '', 'base64url');
      if (key.length !== 32) throw new Error(`the sealing key ${jwk.kid} is not 256 bits long`);
      sealing.push({ ...timed, key: new Uint8Array(key) });
    } else {
      signing.push({ ...timed, ...(await readSigningKey(jwk, jwk.kid)) });
    }
  }
  if (sealing.length === 0) throw new Error('the keyring has no sealing key (kty "oct")');
  if (signing.length === 0) throw new Error('the keyring has no signing key (EC P-256, Ed25519 or RSA)');
  const kids = keys.map((key) => key.kid);
  if (new Set(kids).size !== kids.length) throw new Error('two keys of the keyring have the same kid');
  return { sealing, signing };
}

async function readSigningKey(jwk: JWK, kid: string): Promise<Omit<SigningKey, 'usableFrom'>> {
  const alg = jwk.alg ?? '';
  if (!SIGNING_ALGORITHMS.includes(alg)) {
    throw new Error(`the signing key ${kid} has alg "${alg}", not one of ${SIGNING_ALGORITHMS.join(', ')}`);
  }
  if (typeof jwk.d !== 'string') throw new Error(`the signing key ${kid} has no private part`);
  // Copied member by member: what is not named here can never be published.
  const { kty, crv, x, y, n, e } = jwk;
  const parts = Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined));
  const publicJwk = { ...parts, kid, alg, use: 'sig' } as JWK;
  try {
    const privateKey = (await importJWK(jwk, alg)) as CryptoKey;
    const publicKey = (await importJWK(publicJwk, alg)) as CryptoKey;
    const nativeKey = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return { kid, alg, privateKey, nativeKey, publicKey, publicJwk };
  } catch {
    throw new Error(`the signing key ${kid} cannot be read as ${alg}`);
  }
}
