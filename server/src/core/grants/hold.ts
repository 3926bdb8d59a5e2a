/** Holding still what a grant depends on, while one begins or becomes active. */
import { ok, type Result, refused } from '../../platform/result.ts';
import type { Tx } from '../../platform/transact.ts';

export type HoldRefusal = 'user_blocked' | 'connection_unavailable' | 'client_gone';

export type HeldConnection = { version: number; needsProvider: boolean; ownerOrganizationId: string | null };

/**
 * Locks a user and a connection that they may use now FOR SHARE, with the organization, membership and assignment where it has them
 * (user → organization → connection), so that whoever takes one of them away waits, or was seen.
 */
export async function holdConnection(
  tx: Tx,
  { userId, connectionId }: { userId: string; connectionId: string },
): Promise<Result<HeldConnection, HoldRefusal>> {
  const user = await tx.$queryRaw<unknown[]>`
    SELECT id FROM "user" WHERE id = ${userId}::uuid AND blocked_at IS NULL AND deleted_at IS NULL FOR SHARE`;
  if (user.length === 0) return refused('user_blocked');
  const owner = await tx.connection.findUnique({ where: { id: connectionId }, select: { ownerOrganizationId: true } });
  const organizationId = owner?.ownerOrganizationId ?? null;
  if (organizationId !== null) {
    const organization = await tx.$queryRaw<unknown[]>`
      SELECT id FROM organization WHERE id = ${organizationId}::uuid AND deleted_at IS NULL FOR SHARE`;
    const membership = await tx.$queryRaw<unknown[]>`
      SELECT id FROM membership
      WHERE organization_id = ${organizationId}::uuid AND user_id = ${userId}::uuid AND removed_at IS NULL FOR SHARE`;
    if (organization.length === 0 || membership.length === 0) return refused('connection_unavailable');
  }
  const [connection] = await tx.$queryRaw<LockedConnection[]>`
    SELECT version, auth_mode::text, owner_user_id, owner_organization_id FROM connection
    WHERE id = ${connectionId}::uuid AND deleted_at IS NULL AND status = 'enabled' FOR SHARE`;
  if (!connection || connection.owner_organization_id !== organizationId) return refused('connection_unavailable');
  const held = {
    version: connection.version,
    needsProvider: connection.auth_mode === 'oauth_dynamic' || connection.auth_mode === 'oauth_static',
    ownerOrganizationId: organizationId,
  };
  if (organizationId === null)
    return connection.owner_user_id === userId ? ok(held) : refused('connection_unavailable');
  const assignment = await tx.$queryRaw<unknown[]>`
    SELECT id FROM assignment
    WHERE connection_id = ${connectionId}::uuid AND user_id = ${userId}::uuid AND removed_at IS NULL FOR SHARE`;
  return assignment.length === 0 ? refused('connection_unavailable') : ok(held);
}

type LockedConnection = {
  version: number;
  auth_mode: string;
  owner_user_id: string | null;
  owner_organization_id: string | null;
};

/** `holdConnection`, then the connect resource and the client that a grant binds together. */
export async function holdBinding(
  tx: Tx,
  binding: { userId: string; connectionId: string; connectResourceId: string; oauthClientId: string },
): Promise<Result<HeldConnection, HoldRefusal>> {
  const connection = await holdConnection(tx, binding);
  if (!connection.ok) return connection;
  const resource = await tx.$queryRaw<unknown[]>`
    SELECT id FROM connect_resource WHERE id = ${binding.connectResourceId}::uuid
      AND connection_id = ${binding.connectionId}::uuid AND retired_at IS NULL FOR SHARE`;
  if (resource.length === 0) return refused('connection_unavailable');
  const client = await tx.$queryRaw<unknown[]>`
    SELECT id FROM oauth_client WHERE id = ${binding.oauthClientId}::uuid AND deleted_at IS NULL AND blocked_at IS NULL FOR SHARE`;
  return client.length === 0 || (await isHostDenied(tx, binding.oauthClientId)) ? refused('client_gone') : connection;
}

/** In a statement of its own, after the client's row is held: a host that was denied while this waited is seen. */
async function isHostDenied(tx: Tx, oauthClientId: string): Promise<boolean> {
  const denied = await tx.$queryRaw<unknown[]>`
    SELECT h.id FROM client_host h JOIN oauth_client c ON c.kind = 'metadata_document' AND h.host = split_part(c.client_id, '/', 3)
    WHERE c.id = ${oauthClientId}::uuid AND h.status = 'denied'`;
  return denied.length > 0;
}

/**
 * The user's one live use of a connection, made where there is none, and locked: behind its row the grants of this user and connection
 * activate, and their sign-ins at the provider are stored. It is `active` only where nothing is missing: after the connection's way to
 * sign in was changed its status is put right here. The caller holds the connection.
 */
export async function holdInstance(
  tx: Tx,
  { userId, connectionId, needsProvider }: { userId: string; connectionId: string; needsProvider: boolean },
): Promise<{ id: string; status: 'active' | 'needs_reauth' }> {
  const status = needsProvider ? ('needs_reauth' as const) : ('active' as const);
  await tx.connectionInstance.createMany({ data: [{ connectionId, userId, status }], skipDuplicates: true });
  const [instance] = await tx.$queryRaw<{ id: string; status: 'active' | 'needs_reauth' }[]>`
    SELECT id, status::text FROM connection_instance
    WHERE connection_id = ${connectionId}::uuid AND user_id = ${userId}::uuid AND status IN ('active', 'needs_reauth') FOR UPDATE`;
  if (!instance) throw new Error('an instance vanished while its connection was locked');
  if (instance.status === status) return instance;
  // Signed in at the provider, and not known to be refused there.
  const signedIn =
    needsProvider && (await tx.providerGrant.count({ where: { instanceId: instance.id, revokedAt: null } })) > 0;
  if (signedIn) return instance;
  await tx.connectionInstance.update({ where: { id: instance.id }, data: { status } });
  return { ...instance, status };
}
