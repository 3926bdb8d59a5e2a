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

/** Reads it. @throws when the grant does not exist: the caller holds its lock. */
export async function readGrantOfToken(tx: Tx, grantId: string): Promise<GrantOfToken> {
  const grant = await tx.oAuthGrant.findUniqueOrThrow({
    where: { id: grantId },
    select: {
      userId: true,
      oauthClientId: true,
      instanceId: true,
      connectionId: true,
      connectResourceId: true,
      connectionVersion: true,
      executionContext: true,
      scopes: true,
      client: { select: { clientId: true, grantTypes: true } },
      connection: { select: { ownerUserId: true, ownerOrganizationId: true } },
      connectResource: { select: { routeKey: true } },
    },
  });
  const { client, connection, connectResource, ...bound } = grant;
  return {
    ...bound,
    grantId,
    clientId: client.clientId,
    ownerOrganizationId: connection.ownerOrganizationId,
    connectAddress: { ...connection, connectionId: grant.connectionId, routeKey: connectResource.routeKey },
    refreshes: client.grantTypes.includes('refresh_token'),
  };
}
