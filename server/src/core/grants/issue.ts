/** How a grant begins: a person approved it. */

import { ok, type Result, refused } from '../../platform/result.ts';
import type { Tx } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { activateGrant } from './activate.ts';
import { executionContextOf } from './grant.ts';

export type Binding = {
  oauthClientId: string;
  userId: string;
  connectionId: string;
  connectResourceId: string;
  /** The registered string, byte for byte. */
  redirectUri: string;
  scopes: string[];
  expiresAt: Date | null;
};

/** Why no grant can begin: what it would depend on is gone, or is not the user's to give. */
export type IssueRefusal = 'user_blocked' | 'connection_unavailable' | 'client_gone' | 'provider_sign_in_required';

/**
 * Issues a grant. Where the connection asks for a provider sign-in that the user has not made, it begins `pending` and
 * `activateGrant` promotes it later; else it is active at once, superseding or reusing the one that is.
 *
 * Everything that it depends on is locked FOR SHARE first (user → organization → connection → client), so that whoever
 * takes one of them away either is seen here or sees this grant. Does not check that the redirect URI is the client's.
 */
export async function issueGrant(
  tx: Tx,
  binding: Binding,
  now: Date,
): Promise<Result<{ grantId: string; instanceId: string; status: 'active' | 'pending' }, IssueRefusal>> {
  const { userId, connectionId, connectResourceId, oauthClientId } = binding;
  const user = await tx.$queryRaw<unknown[]>`
    SELECT id FROM "user" WHERE id = ${userId}::uuid AND blocked_at IS NULL AND deleted_at IS NULL FOR SHARE`;
  if (user.length === 0) return refused('user_blocked');
  const connection = await lockConnection(tx, binding);
  if (connection === null) return refused('connection_unavailable');
  const resource = await tx.$queryRaw<unknown[]>`
    SELECT id FROM connect_resource
    WHERE id = ${connectResourceId}::uuid AND connection_id = ${connectionId}::uuid AND retired_at IS NULL FOR SHARE`;
  if (resource.length === 0) return refused('connection_unavailable');
  const client = await tx.$queryRaw<unknown[]>`
    SELECT id FROM oauth_client WHERE id = ${oauthClientId}::uuid AND deleted_at IS NULL FOR SHARE`;
  if (client.length === 0) return refused('client_gone');

  const needsProvider = connection.auth_mode === 'oauth_dynamic' || connection.auth_mode === 'oauth_static';
  const instance = await findOrCreateInstance(tx, binding, needsProvider);
  const grant = await tx.oAuthGrant.create({
    data: {
      oauthClientId,
      userId,
      connectionId,
      connectResourceId,
      instanceId: instance.id,
      redirectUri: binding.redirectUri,
      scopes: binding.scopes,
      executionContext: executionContextOf({ ownerOrganizationId: connection.owner_organization_id }),
      connectionVersion: connection.version,
      status: 'pending',
      approvedAt: now,
      expiresAt: binding.expiresAt,
    },
    select: { id: true },
  });
  if (instance.status !== 'active')
    return ok({ grantId: grant.id, instanceId: instance.id, status: 'pending' as const });
  const active = await activateGrant(tx, { grantId: grant.id, actor: { userId } }, now);
  return ok({ grantId: active ?? grant.id, instanceId: instance.id, status: 'active' as const });
}

type LockedConnection = { version: number; auth_mode: string; owner_organization_id: string | null };

/** The connection, locked, if this user may use it now: with the organization, membership and assignment where it has them. */
async function lockConnection(tx: Tx, { connectionId, userId }: Binding): Promise<LockedConnection | null> {
  const owner = await tx.connection.findUnique({ where: { id: connectionId }, select: { ownerOrganizationId: true } });
  const organizationId = owner?.ownerOrganizationId ?? null;
  if (organizationId !== null) {
    const organization = await tx.$queryRaw<unknown[]>`
      SELECT id FROM organization WHERE id = ${organizationId}::uuid AND deleted_at IS NULL FOR SHARE`;
    const membership = await tx.$queryRaw<unknown[]>`
      SELECT id FROM membership
      WHERE organization_id = ${organizationId}::uuid AND user_id = ${userId}::uuid AND removed_at IS NULL FOR SHARE`;
    if (organization.length === 0 || membership.length === 0) return null;
  }
  const [connection] = await tx.$queryRaw<(LockedConnection & { owner_user_id: string | null })[]>`
    SELECT version, auth_mode::text, owner_user_id, owner_organization_id FROM connection
    WHERE id = ${connectionId}::uuid AND deleted_at IS NULL AND status = 'enabled' FOR SHARE`;
  if (!connection || connection.owner_organization_id !== organizationId) return null;
  if (organizationId === null) return connection.owner_user_id === userId ? connection : null;
  const assignment = await tx.$queryRaw<unknown[]>`
    SELECT id FROM assignment
    WHERE connection_id = ${connectionId}::uuid AND user_id = ${userId}::uuid AND removed_at IS NULL FOR SHARE`;
  return assignment.length === 0 ? null : connection;
}

/** The user's one live use of the connection. Its row is also the lock behind which grants of this user and connection activate. */
async function findOrCreateInstance(tx: Tx, { connectionId, userId }: Binding, needsProvider: boolean) {
  await tx.connectionInstance.createMany({
    data: [{ connectionId, userId, status: needsProvider ? 'needs_reauth' : 'active' }],
    skipDuplicates: true,
  });
  const [instance] = await tx.$queryRaw<{ id: string; status: string }[]>`
    SELECT id, status::text FROM connection_instance
    WHERE connection_id = ${connectionId}::uuid AND user_id = ${userId}::uuid AND status IN ('active', 'needs_reauth') FOR UPDATE`;
  if (!instance) throw new Error('an instance vanished while its connection was locked');
  return instance;
}

/** Records that a grant was approved. Separate from issuing, so that the event names the grant that serves in the end. */
export const recordApproval = (
  tx: Tx,
  now: Date,
  event: {
    grantId: string;
    userId: string;
    connectionId: string;
    oauthClientId: string;
    ownerOrganizationId: string | null;
    scopes: string[];
    expiresAt: Date | null;
  },
): Promise<void> =>
  record(tx, now, {
    kind: 'authorization.approved',
    actorUserId: event.userId,
    ownerUserId: event.userId,
    ownerOrganizationId: event.ownerOrganizationId,
    connectionId: event.connectionId,
    grantId: event.grantId,
    oauthClientId: event.oauthClientId,
    detail: { scopes: event.scopes, expiresAt: event.expiresAt?.toISOString() ?? null },
  });
