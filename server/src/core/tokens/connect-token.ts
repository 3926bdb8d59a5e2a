/**
 * Derived connect tokens: access tokens that a signed-in person or an API key mints for oneself. There is no grant behind them, and
 * nothing to refresh them with; they name what minted them, and die with it (DESIGN §5).
 */
import type { Keyring } from '../../platform/keys.ts';
import { MCP_ACCESS } from '../grants/scopes.ts';
import { areIds, areTexts, type FrameClaims, scopesOf, signToken } from './signed-token.ts';

export const DERIVED_CONNECT = 'derived_connect';

export const USUAL_CONNECT_TOKEN_SECONDS = 900;
export const MAX_CONNECT_TOKEN_SECONDS = 3_600;

/** RFC 9068 §2.2 asks for a client: this one is no registration, and never will be. */
const CLIENT_ID = 'grantway-connect-token';

/** What a token was minted by: rows of `session` or `api_key`. */
export type Minter = { kind: 'session' | 'api_key'; id: string };

/** What a token is bound to; each member is compared with the rows on every request. */
export type ConnectClaims = {
  minter: Minter;
  userId: string;
  instanceId: string;
  connectionId: string;
  connectResourceId: string;
  connectionVersion: number;
  executionContext: string;
};

export type ConnectTokenClaims = ConnectClaims &
  FrameClaims & { source: typeof DERIVED_CONNECT; scopes: readonly string[] };

/** Signs a token for a use that the caller has just found allowed. */
export const mintConnectToken = (
  keyring: Keyring,
  issuer: string,
  claims: ConnectClaims & { audience: string },
  { issuedAt, expiresAt }: { issuedAt: Date; expiresAt: Date },
): Promise<string> =>
  signToken(
    keyring,
    { issuer, subject: claims.userId, audience: claims.audience, issuedAt, expiresAt },
    {
      client_id: CLIENT_ID,
      scope: MCP_ACCESS,
      token_source: DERIVED_CONNECT,
      minted_by: claims.minter.kind,
      minter_id: claims.minter.id,
      instance_id: claims.instanceId,
      connection_id: claims.connectionId,
      connect_resource_id: claims.connectResourceId,
      connection_version: claims.connectionVersion,
      execution_context: claims.executionContext,
    },
  );

/** The claims of a verified payload; null when it is not of a derived connect token. */
export function readConnectClaims(payload: Record<string, unknown>): ConnectTokenClaims | null {
  const { sub, aud, exp, jti, scope, minted_by, minter_id, instance_id, connection_id, connect_resource_id } = payload;
  const { connection_version, execution_context, token_source } = payload;
  const ids = [sub, minter_id, instance_id, connection_id, connect_resource_id];
  if (token_source !== DERIVED_CONNECT || !areIds(ids) || !areTexts([aud, jti, scope, execution_context])) return null;
  if ((minted_by !== 'session' && minted_by !== 'api_key') || !Number.isInteger(connection_version)) return null;
  return {
    source: DERIVED_CONNECT,
    minter: { kind: minted_by, id: minter_id as string },
    userId: sub as string,
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
