/** Random strings that mean something to whoever holds them, and the digests that we keep of them. */
import { createHash, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { freshBytes } from './random.ts';

/** What a secret is for, told by its first letters, so that scanners recognise a leak and no kind passes for another. */
export type SecretKind = 'gwr' | 'gwc' | 'gwt' | 'gws' | 'gwk' | 'gwi' | 'gwp' | 'gwl';

export const REFRESH_TOKEN: SecretKind = 'gwr';
export const AUTHORIZATION_CODE: SecretKind = 'gwc';
export const REGISTRATION_TOKEN: SecretKind = 'gwt';
export const CLIENT_SECRET: SecretKind = 'gws';
export const API_KEY: SecretKind = 'gwk';
export const INVITATION: SecretKind = 'gwi';
/** The state of a sign-in at a provider. */
export const PROVIDER_STATE: SecretKind = 'gwp';
/** A link that does one thing once: a new password, a proof of an address, an account. */
export const ONE_TIME_LINK: SecretKind = 'gwl';

const BYTES = 32;
const checksum = (body: string): string => crc32(body).toString(36).padStart(7, '0');

function secretOf(kind: SecretKind, bytes: Buffer): string {
  const body = `${kind}_${bytes.toString('base64url')}`;
  return body + checksum(body);
}

/** A new secret of 256 random bits: `kind_random` and a checksum of seven characters. */
export const newSecret = (kind: SecretKind): string => secretOf(kind, freshBytes(BYTES));

/** A secret that only who has both `from`, another of ours, and `salt` can make, and makes again each time (HKDF, RFC 5869). */
export const deriveSecret = (kind: SecretKind, from: string, salt: string): string =>
  secretOf(kind, Buffer.from(hkdfSync('sha256', from, salt, `grantway ${kind}`, BYTES)));

/** Whether the text has the form of a secret of this kind: constant work, and no database is asked for what cannot be one. */
export function looksLikeSecret(kind: SecretKind, text: string): boolean {
  if (text.length !== kind.length + 1 + 43 + 7 || !text.startsWith(`${kind}_`)) return false;
  const body = text.slice(0, -7);
  return checksum(body) === text.slice(-7);
}

/** SHA-256 as base64url: all that the database keeps of a secret with full entropy. Not for passwords. */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'base64url');

/** An unguessable public name of 192 bits: not a secret, yet neither ordered nor enumerable. */
export const newHandle = (): string => freshBytes(24).toString('base64url');

/** Compares two strings in time that depends on their length only. */
export function sameSecret(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest();
  const right = createHash('sha256').update(b).digest();
  return timingSafeEqual(left, right);
}
