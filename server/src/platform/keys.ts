/** The keyring: a JWK Set whose `oct` keys seal and whose other keys sign. The first of each use is the current one. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

export type SealingKey = { kid: string; key: Uint8Array };
export type SigningKey = { kid: string; alg: string; privateKey: CryptoKey; publicKey: CryptoKey; publicJwk: JWK };
export type Keyring = { sealing: readonly SealingKey[]; signing: readonly SigningKey[] };

const SIGNING_ALGORITHMS = ['ES256', 'EdDSA', 'RS256'];

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

/**
 * The keyring in `text`, a JWK Set.
 * @throws Error with one sentence, when it is not one, or lacks a key of either use.
 */
export async function readKeyring(text: string): Promise<Keyring> {
  let keys: JWK[];
  try {
    const set: unknown = JSON.parse(text);
    if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) throw new Error();
    keys = set.keys;
  } catch {
    throw new Error('the keyring is not a JWK Set ({"keys": [...]})');
  }
  const sealing: SealingKey[] = [];
  const signing: SigningKey[] = [];
  for (const jwk of keys) {
    if (typeof jwk.kid !== 'string' || jwk.kid === '') throw new Error('a key of the keyring has no kid');
    if (jwk.kty === 'oct') {
      const key = Buffer.from(jwk.k ?? '', 'base64url');
      if (key.length !== 32) throw new Error(`the sealing key ${jwk.kid} is not 256 bits long`);
      sealing.push({ kid: jwk.kid, key: new Uint8Array(key) });
    } else {
      signing.push(await readSigningKey(jwk, jwk.kid));
    }
  }
  if (sealing.length === 0) throw new Error('the keyring has no sealing key (kty "oct")');
  if (signing.length === 0) throw new Error('the keyring has no signing key (EC P-256, Ed25519 or RSA)');
  const kids = keys.map((key) => key.kid);
  if (new Set(kids).size !== kids.length) throw new Error('two keys of the keyring have the same kid');
  return { sealing, signing };
}

async function readSigningKey(jwk: JWK, kid: string): Promise<SigningKey> {
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
    return { kid, alg, privateKey, publicKey, publicJwk };
  } catch {
    throw new Error(`the signing key ${kid} cannot be read as ${alg}`);
  }
}

/** The text of the keyring file, made with mode 0600 when it is not there yet. Of several processes that start at once, one makes it. */
export async function readOrMakeKeyringFile(path: string): Promise<string> {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify({ keys: [newSealingJwk(), await newSigningJwk('ES256')] }, null, 2)}\n`;
  // Written whole and then named, so that neither a kill nor another process ever meets half a keyring.
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(path, 'utf8');
  } finally {
    unlinkSync(draft);
  }
  return text;
}
