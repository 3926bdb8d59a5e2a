/** How a pending grant becomes the active one of its binding: it supersedes the one before, or hands over to its equal. */
import type { Tx } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { type Actor, organizationOf } from './grant.ts';
import { revokeGrants } from './revoke.ts';
import { sameScopes } from './scopes.ts';

type Row = {
  id: string;
  oauth_client_id: string;
  user_id: string;
  connection_id: string;
  connect_resource_id: string;
  instance_id: string;
  redirect_uri: string;
  scopes: string[];
  execution_context: string;
  connection_version: number;
  expires_at: Date | null;
  approved_at: Date;
};

/**
 * Activates a pending grant. Where an active one of the same binding has the same instance, version, scopes and context, that one
 * is kept, takes over the newly chosen expiry, and the pending row is dropped: a second laptop neither kills nor resurrects the
 * first. Else the former is revoked as `superseded`.
 *
 * @returns the id of the grant that is active now; null when the pending one was revoked meanwhile (revoked is final).
 * Does not check the standing of what it hangs on: `issueGrant` and the provider callback hold those locks.
 */
export async function activateGrant(
  tx: Tx,
  which: { grantId: string; actor: Actor },
  now: Date,
): Promise<string | null> {
  // Activations of one user and connection go one behind the other: without this, two of them would each miss the other's row.
  await tx.$queryRaw`
    SELECT id FROM connection_instance WHERE id = (SELECT instance_id FROM oauth_grant WHERE id = ${which.grantId}::uuid) FOR UPDATE`;
  const rows = await tx.$queryRaw<(Row & { status: string })[]>`
    SELECT a.*, a.status::text FROM oauth_grant a JOIN oauth_grant p ON p.id = ${which.grantId}::uuid
    WHERE a.id = p.id OR (a.oauth_client_id = p.oauth_client_id AND a.user_id = p.user_id
      AND a.connect_resource_id = p.connect_resource_id AND a.redirect_uri = p.redirect_uri AND a.status = 'active')
    ORDER BY a.id FOR UPDATE OF a`;
  const pending = rows.find((row) => row.id === which.grantId);
  if (pending?.status !== 'pending') return pending?.status === 'active' ? pending.id : null;

  const former = rows.find((row) => row.id !== which.grantId && row.status === 'active');
  if (former && isEqual(former, pending)) {
    // What led here now belongs to the grant that serves; the pending row alone goes.
    await tx.authorizationRequest.updateMany({ where: { grantId: pending.id }, data: { grantId: former.id } });
    await tx.pendingProviderAuthorization.updateMany({ where: { grantId: pending.id }, data: { grantId: former.id } });
    await tx.oAuthGrant.delete({ where: { id: pending.id } });
    await tx.oAuthGrant.update({
      where: { id: former.id },
      data: { expiresAt: pending.expires_at, approvedAt: pending.approved_at },
    });
    await recordOf(tx, now, 'grant.reused', former, which.actor);
    return former.id;
  }
  if (former) await revokeGrants(tx, { grantIds: [former.id] }, 'superseded', which.actor, now);
  const { count } = await tx.oAuthGrant.updateMany({
    where: { id: pending.id, status: 'pending' },
    data: { status: 'active', activatedAt: now },
  });
  if (count !== 1) return null;
  await recordOf(tx, now, 'grant.activated', pending, which.actor);
  return pending.id;
}

/** An expired one is not an equal: its successor is a new permission. */
const isEqual = (former: Row, pending: Row): boolean =>
  former.instance_id === pending.instance_id &&
  former.connection_version === pending.connection_version &&
  former.execution_context === pending.execution_context &&
  sameScopes(former.scopes, pending.scopes) &&
  (former.expires_at === null || former.expires_at > pending.approved_at);

const recordOf = (
  tx: Tx,
  now: Date,
  kind: 'grant.activated' | 'grant.reused',
  grant: Row,
  actor: Actor,
): Promise<void> =>
  record(tx, now, {
    kind,
    actorUserId: actor.userId,
    ownerUserId: grant.user_id,
    ownerOrganizationId: organizationOf(grant.execution_context),
    connectionId: grant.connection_id,
    connectResourceId: grant.connect_resource_id,
    instanceId: grant.instance_id,
    grantId: grant.id,
    oauthClientId: grant.oauth_client_id,
  });
