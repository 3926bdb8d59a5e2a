/** What all our bearer tokens have in common: a JWT of RFC 9068, signed by the current key and verified by the one that it names. */
import { sign } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import type { Keyring, SigningKey } from '../../platform/keys.ts';
import { newId } from '../../platform/random.ts';

/** Where a token is good, and for how long. */
export type Frame = { issuer: string; subject: string; audience: string; issuedAt: Date; expiresAt: Date };

/** What every token says of itself. */
export type FrameClaims = {
  /** The canonical connect URL: the one audience. */
  audience: string;
  /** Seconds since the epoch. */
  expiresAt: number;
  tokenId: string;
};

/** Who keeps signing keys apart from the issuer that they sign for. */
export type Verifier = { keyring: Keyring; issuer: string; now: Date };

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** Signs `claims` in a frame. */
export async function signToken(keyring: Keyring, frame: Frame, claims: Record<string, unknown>): Promise<string> {
  const key = keyring.signing[0];
  if (!key) throw new Error('there is no signing key');
  const payload = {
    ...claims,
    iss: frame.issuer,
    sub: frame.subject,
    aud: frame.audience,
    iat: seconds(frame.issuedAt),
    exp: seconds(frame.expiresAt),
    jti: newId(),
  };
  // RSA takes so long that it is better done on another thread, which is what jose does with every signature.
  if (key.alg === 'RS256') return new SignJWT(payload).setProtectedHeader(headerOf(key)).sign(key.privateKey);
  return compactJws(key, payload);
}

const headerOf = ({ alg, kid }: SigningKey) => ({ alg, typ: 'at+jwt', kid });
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const headers = new WeakMap<SigningKey, string>();

function encodedHeaderOf(key: SigningKey): string {
  const known = headers.get(key);
  if (known !== undefined) return known;
  const encoded = base64url(headerOf(key));
  headers.set(key, encoded);
  return encoded;
}

/** RFC 7515 §7.1: on this thread, where a signature takes less than handing it to another. */
function compactJws(key: SigningKey, payload: object): string {
  const input = `${encodedHeaderOf(key)}.${base64url(payload)}`;
  const text = Buffer.from(input);
  const signature =
    key.alg === 'ES256' ? fixedLength(sign('sha256', text, key.nativeKey)) : sign(null, text, key.nativeKey);
  return `${input}.${signature.toString('base64url')}`;
}

/**
 * The two numbers of an ECDSA signature side by side, as RFC 7518 §3.4 wants them, out of the DER sequence of two integers that OpenSSL
 * writes. Node would do it too, and take as long for it as for the signature.
 */
function fixedLength(der: Buffer): Buffer {
  const numbers = Buffer.alloc(64);
  // A sequence of P-256 is shorter than 128 bytes, so its length is one of them.
  let at = 2;
  for (const end of [32, 64]) {
    const number = der.subarray(at + 2, at + 2 + (der[at + 1] as number));
    at += 2 + number.length;
    // Never negative, so one with the highest bit set has a zero in front; and one that begins with zeros is shorter.
    const digits = number.length > 32 ? number.subarray(1) : number;
    digits.copy(numbers, end - digits.length);
  }
  return numbers;
}

const MAX_TOKEN_BYTES = 8_192;
const SKEW_SECONDS = 5;

/**
 * The payload of a token whose signature, issuer, type and times are right (RFC 9068 §4, RFC 8725); null for every other.
 * Does not check what kind of token it is, nor any claim of that kind: the reader of the kind does.
 */
export async function openToken(
  { keyring, issuer, now }: Verifier,
  token: string,
): Promise<Record<string, unknown> | null> {
  if (token.length > MAX_TOKEN_BYTES) return null;
  try {
    const header = decodeProtectedHeader(token);
    const key = await findKey(keyring, header.kid);
    if (!key || header.crit !== undefined || header.b64 !== undefined) return null;
    const { payload } = await jwtVerify(token, key.publicKey, {
      issuer,
      // One algorithm per key: a token cannot choose another (RFC 8725 §3.1).
      algorithms: [key.alg],
      typ: 'at+jwt',
      currentDate: now,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['exp', 'iat', 'sub', 'aud', 'jti'],
    });
    return Number(payload.iat) <= now.getTime() / 1000 + 30 ? (payload as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Another process may sign by a key that this one has not read yet. */
async function findKey(keyring: Keyring, kid: unknown): Promise<SigningKey | undefined> {
  const find = () => keyring.signing.find((key) => key.kid === kid);
  const known = find();
  if (known || !keyring.lookAgain) return known;
  await keyring.lookAgain();
  return find();
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const areIds = (values: readonly unknown[]): values is string[] =>
  values.every((value) => typeof value === 'string' && UUID.test(value));
export const areTexts = (values: readonly unknown[]): values is string[] =>
  values.every((value) => typeof value === 'string');
export const scopesOf = (scope: string): string[] => scope.split(' ').filter((part) => part !== '');
