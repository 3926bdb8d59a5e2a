/** Clients that prove themselves with a key of their own: private_key_jwt (RFC 7523 §3, OpenID Connect Core §9). */
import { createHash } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Database } from '../../platform/database.ts';
import type { ClientKeys } from './client-keys.ts';
import type { Client } from './find.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export const ASSERTION_ALGORITHMS: readonly string[] = ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256'];
const SKEW_SECONDS = 30;
const MAX_LIFE_SECONDS = 3_600;
const MAX_LENGTH = 8_192;

/** The client that an assertion speaks for, unverified; null when it cannot be read. */
export function clientOfAssertion(assertion: string): string | null {
  if (assertion.length > MAX_LENGTH) return null;
  try {
    const { sub } = decodeJwt(assertion);
    return typeof sub === 'string' ? sub : null;
  } catch {
    return null;
  }
}

/**
 * Whether an assertion proves the client: signed by a key of its document, issued by and for itself, for one of `audiences` exactly,
 * not expired, not older than an hour, and never seen before (its `jti` is kept until it expires: a second use is refused, also by
 * another process). @throws Unavailable when its keys cannot be fetched now, or the database is away.
 */
export async function verifyAssertion(
  deps: { database: Database; keys: ClientKeys; now: Date },
  client: Client,
  assertion: string,
  audiences: readonly string[],
): Promise<boolean> {
  // A document that offers several methods was taken as public; its client may prove itself all the same (field note D36).
  if (assertion.length > MAX_LENGTH || client.kind !== 'metadata_document') return false;
  const keys = await keysOf(client, assertion, deps.keys);
  if (!keys) return false;
  let jti: string;
  let expiresAt: Date;
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), {
      algorithms: [...ASSERTION_ALGORITHMS],
      issuer: client.clientId,
      subject: client.clientId,
      audience: [...audiences],
      currentDate: deps.now,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['exp', 'jti'],
    });
    if (typeof payload.jti !== 'string' || payload.jti === '' || Array.isArray(payload.aud)) return false;
    if ((payload.exp as number) > deps.now.getTime() / 1000 + MAX_LIFE_SECONDS) return false;
    jti = payload.jti;
    expiresAt = new Date(((payload.exp as number) + SKEW_SECONDS) * 1000);
  } catch {
    return false;
  }
  const id = createHash('sha256')
    .update(JSON.stringify([client.clientId, jti]))
    .digest('base64url');
  const { count } = await deps.database.db.usedAssertion.createMany({
    data: [{ id, expiresAt }],
    skipDuplicates: true,
  });
  return count === 1;
}

async function keysOf(client: Client, assertion: string, keys: ClientKeys): Promise<JSONWebKeySet | null> {
  if (client.jwks !== null) return client.jwks as unknown as JSONWebKeySet;
  return client.jwksUri === null ? null : keys(client.jwksUri, kidOf(assertion));
}

function kidOf(assertion: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(assertion);
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets assertions whose time is over: they would be refused for that. @returns how many. */
export const sweepAssertions = async (database: Database, now: Date): Promise<number> =>
  (await database.db.usedAssertion.deleteMany({ where: { expiresAt: { lt: now } } })).count;
