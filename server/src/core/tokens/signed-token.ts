/** What all our bearer tokens have in common: a JWT of RFC 9068, signed by the current key and verified by the one that it names. */
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { Keyring, SigningKey } from '../../platform/keys.ts';

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
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.kid })
    .setIssuer(frame.issuer)
    .setSubject(frame.subject)
    .setAudience(frame.audience)
    .setIssuedAt(seconds(frame.issuedAt))
    .setExpirationTime(seconds(frame.expiresAt))
    .setJti(uuidv7())
    .sign(key.privateKey);
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
