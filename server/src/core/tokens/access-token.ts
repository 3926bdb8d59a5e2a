/** Access tokens of clients: signed JWTs (RFC 9068) that name a grant. They prove nothing alone: the gateway asks core/grants/live each time. */
import type { Keyring } from '../../platform/keys.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import type { GrantClaims } from '../grants/live.ts';
import { areIds, areTexts, type FrameClaims, openToken, scopesOf, signToken } from './signed-token.ts';

export const OAUTH_CLIENT = 'oauth_client';

/** What an access token of a client carries (DESIGN §5). */
export type AccessTokenClaims = GrantClaims & FrameClaims & { source: typeof OAUTH_CLIENT };

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
  const expiresAt = new Date(now.getTime() + lifetime * 1000);
  const token = await signToken(
    keyring,
    { issuer, subject: grant.userId, audience: grant.audience, issuedAt: now, expiresAt },
    {
      client_id: grant.clientId,
      scope: grant.scopes.join(' '),
      token_source: OAUTH_CLIENT,
      oauth_grant_id: grant.grantId,
      family_id: grant.familyId,
      instance_id: grant.instanceId,
      connection_id: grant.connectionId,
      connect_resource_id: grant.connectResourceId,
      connection_version: grant.connectionVersion,
      execution_context: grant.executionContext,
    },
  );
  return { token, expiresIn: lifetime };
}

/**
 * Verifies signature, issuer, type, times and form of a client's access token. Every failure is the same refusal, and a token of any
 * other source is one. Does not check the audience against the resource asked for, nor whether the grant stands: the caller does.
 */
export async function verifyAccessToken(
  keyring: Keyring,
  issuer: string,
  token: string,
  now: Date,
): Promise<Result<AccessTokenClaims, 'invalid_token'>> {
  const payload = await openToken({ keyring, issuer, now }, token);
  const claims = payload && readAccessClaims(payload);
  return claims ? ok(claims) : refused('invalid_token');
}

/** The claims of a verified payload; null when it is not of a client's access token. */
export function readAccessClaims(payload: Record<string, unknown>): AccessTokenClaims | null {
  const { sub, aud, exp, jti, client_id, scope, oauth_grant_id, family_id, instance_id, connection_id } = payload;
  const { connect_resource_id, connection_version, execution_context, token_source } = payload;
  const ids = [sub, oauth_grant_id, family_id, instance_id, connection_id, connect_resource_id];
  const texts = [aud, jti, client_id, scope, execution_context];
  if (token_source !== OAUTH_CLIENT || !areIds(ids) || !areTexts(texts)) return null;
  if (!Number.isInteger(connection_version)) return null;
  return {
    source: OAUTH_CLIENT,
    grantId: oauth_grant_id as string,
    familyId: family_id as string,
    userId: sub as string,
    clientId: client_id as string,
    instanceId: instance_id as string,
    connectionId: connection_id as string,
    connectResourceId: connect_resource_id as string,
    connectionVersion: connection_version as number,
    executionContext: execution_context as string,
    scopes: scopesOf(scope as string),
    audience: aud as string,
    expiresAt: exp as number,
    tokenId: jti as string,
  };
}
