/** What the token endpoint needs to know of the grant behind a code or a refresh token. */
import type { Tx } from '../../platform/transact.ts';
import type { AccessTokenGrant } from './access-token.ts';

/** Everything of an access token but its family and audience. */
export type GrantOfToken = Omit<AccessTokenGrant, 'familyId' | 'audience' | 'scopes'> & {
  scopes: string[];
  oauthClientId: string;
  ownerOrganizationId: string | null;
  /** The parts of the canonical connect URL, which the caller builds. */
  connectAddress: {
    ownerUserId: string | null;
    ownerOrganizationId: string | null;
    connectionId: string;
    routeKey: string;
  };
  /** Whether the client may have refresh tokens. */
  refreshes: boolean;
};

type Row = Omit<GrantOfToken, 'connectAddress'> & { ownerUserId: string | null; routeKey: string };

/** Reads it. @throws when the grant does not exist: the caller holds its lock. */
export async function readGrantOfToken(tx: Tx, grantId: string): Promise<GrantOfToken> {
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT g.id AS "grantId", g.user_id AS "userId", g.oauth_client_id AS "oauthClientId", c.client_id AS "clientId",
      g.instance_id AS "instanceId", g.connection_id AS "connectionId", g.connect_resource_id AS "connectResourceId",
      g.connection_version AS "connectionVersion", g.execution_context AS "executionContext", g.scopes,
      n.owner_user_id AS "ownerUserId", n.owner_organization_id AS "ownerOrganizationId", r.route_key AS "routeKey",
      'refresh_token' = ANY(c.grant_types) AS refreshes
    FROM oauth_grant g
    JOIN oauth_client c ON c.id = g.oauth_client_id
    JOIN connection n ON n.id = g.connection_id
    JOIN connect_resource r ON r.id = g.connect_resource_id
    WHERE g.id = ${grantId}::uuid`;
  if (!row) throw new Error('the grant of a token is not there');
  const { ownerUserId, routeKey, ...grant } = row;
  const { ownerOrganizationId, connectionId } = grant;
  return { ...grant, connectAddress: { ownerUserId, ownerOrganizationId, connectionId, routeKey } };
}
