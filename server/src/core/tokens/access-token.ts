/** Access tokens: signed JWTs (RFC 9068) that name a grant. They prove nothing alone: the gateway asks core/grants/live each time. */
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { Keyring } from '../../platform/keys.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import type { GrantClaims } from '../grants/live.ts';

/** What an access token of a client carries (DESIGN §5). */
export type AccessTokenClaims = GrantClaims & {
  /** The canonical connect URL: the one audience. */
  audience: string;
  /** Seconds since the epoch. */
  expiresAt: number;
  tokenId: string;
};

/** What `mintAccessToken` is told. */
export type AccessTokenGrant = GrantClaims & { audience: string };

/** Signs an access token for a grant that the caller has just found standing. @returns the token and its life in seconds. */
export async function mintAccessToken(
  keyring: Keyring,
  issuer: string,
  grant: AccessTokenGrant,
  lifetime: number,
  now: Date,
): Promise<{ token: string; expiresIn: number }> {
  const key = keyring.signing[0];
  if (!key) throw new Error('there is no signing key');
  const issuedAt = Math.floor(now.getTime() / 1000);
  const token = await new SignJWT({
    client_id: grant.clientId,
    scope: grant.scopes.join(' '),
    token_source: 'oauth_client',
    oauth_grant_id: grant.grantId,
    family_id: grant.familyId,
    instance_id: grant.instanceId,
    connection_id: grant.connectionId,
    connect_resource_id: grant.connectResourceId,
    connection_version: grant.connectionVersion,
    execution_context: grant.executionContext,
  })
    .setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.kid })
    .setIssuer(issuer)
    .setSubject(grant.userId)
    .setAudience(grant.audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetime)
    .setJti(uuidv7())
    .sign(key.privateKey);
  return { token, expiresIn: lifetime };
}

const MAX_TOKEN_BYTES = 8_192;
const SKEW_SECONDS = 5;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Verifies signature, issuer, type, times and form of an access token (RFC 9068 §4, RFC 8725). Every failure is the same refusal.
 * Does not check the audience against the resource asked for, nor whether the grant stands: the caller does.
 */
export async function verifyAccessToken(
  keyring: Keyring,
  issuer: string,
  token: string,
  now: Date,
): Promise<Result<AccessTokenClaims, 'invalid_token'>> {
  if (token.length > MAX_TOKEN_BYTES) return refused('invalid_token');
  try {
    const header = decodeProtectedHeader(token);
    const key = keyring.signing.find(({ kid }) => kid === header.kid);
    if (!key || header.crit !== undefined || header.b64 !== undefined) return refused('invalid_token');
    const { payload } = await jwtVerify(token, key.publicKey, {
      issuer,
      // One algorithm per key: a token cannot choose another (RFC 8725 §3.1).
      algorithms: [key.alg],
      typ: 'at+jwt',
      currentDate: now,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['exp', 'iat', 'sub', 'aud', 'jti'],
    });
    const claims = readClaims(payload as Record<string, unknown>);
    return claims && Number(payload.iat) <= now.getTime() / 1000 + 30 ? ok(claims) : refused('invalid_token');
  } catch {
    return refused('invalid_token');
  }
}

function readClaims(payload: Record<string, unknown>): AccessTokenClaims | null {
  const { sub, aud, exp, jti, client_id, scope, oauth_grant_id, family_id, instance_id, connection_id } = payload;
  const { connect_resource_id, connection_version, execution_context, token_source } = payload;
  const ids = [sub, oauth_grant_id, family_id, instance_id, connection_id, connect_resource_id];
  const texts = [aud, jti, client_id, scope, execution_context];
  if (token_source !== 'oauth_client' || !ids.every((id) => typeof id === 'string' && UUID.test(id))) return null;
  if (!texts.every((text) => typeof text === 'string') || !Number.isInteger(connection_version)) return null;
  return {
    grantId: oauth_grant_id as string,
    familyId: family_id as string,
    userId: sub as string,
    clientId: client_id as string,
    instanceId: instance_id as string,
    connectionId: connection_id as string,
    connectResourceId: connect_resource_id as string,
    connectionVersion: connection_version as number,
    executionContext: execution_context as string,
    scopes: (scope as string).split(' ').filter((part) => part !== ''),
    audience: aud as string,
    expiresAt: exp as number,
    tokenId: jti as string,
  };
}
