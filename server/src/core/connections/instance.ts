/** The end of people's use of a connection, and of their sign-ins at its provider. */
import { Prisma } from '@grantway/prisma/client';
import type { Tx } from '../../platform/transact.ts';

/** Whose use of which connections: all that match every member given. At least one must be. */
export type WhichInstances = {
  instanceId?: string;
  connectionId?: string;
  /** The connections of this organization. */
  organizationId?: string;
  userIds?: readonly string[];
};

/**
 * Ends instances for good, with their sign-ins at the provider. The caller holds the lock of the row that is the cause (user,
 * organization, connection), and has revoked the grants.
 */
export async function endInstances(tx: Tx, which: WhichInstances, now: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE connection_instance i SET status = 'removed', updated_at = ${now}
    WHERE ${matching(which)} AND i.status IN ('active', 'needs_reauth')`;
  await endProviderGrants(tx, which, now);
}

/**
 * Ends the sign-ins at the provider, finished and under way, of the instances that match: none is used from the commit on, and each is
 * left in the outbox, from where it is revoked at the provider too. Instances that lived by one wait for another sign-in.
 * Idempotent. The number of statements does not depend on the number of instances. Does not check who may do this.
 */
export async function endProviderGrants(tx: Tx, which: WhichInstances, now: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE connection_instance i SET status = 'needs_reauth', updated_at = ${now}
    WHERE ${matching(which)} AND i.status = 'active'
      AND EXISTS (SELECT 1 FROM provider_grant p WHERE p.instance_id = i.id AND p.revoked_at IS NULL)`;
  await tx.$executeRaw`
    UPDATE connection_instance i SET upstream_account = NULL, wanted_scopes = '{}'
    WHERE ${matching(which)} AND (i.upstream_account IS NOT NULL OR i.wanted_scopes <> '{}')`;
  await tx.$executeRaw`
    WITH ended AS (
      UPDATE provider_grant p SET revoked_at = ${now}, lease_owner = NULL, lease_until = NULL, updated_at = ${now}
      FROM connection_instance i WHERE i.id = p.instance_id AND ${matching(which)} AND p.revoked_at IS NULL RETURNING p.id
    ) INSERT INTO provider_revocation (provider_grant_id, next_attempt_at, created_at) SELECT id, ${now}, ${now} FROM ended`;
  // One that is taken may be at the provider at this moment: it finds out when it comes to keep what it got.
  await tx.$executeRaw`
    UPDATE pending_provider_authorization w SET status = 'revoked', sealed = ''
    FROM connection_instance i WHERE i.id = w.instance_id AND ${matching(which)} AND w.status IN ('pending', 'consumed')`;
}

function matching({ instanceId, connectionId, organizationId, userIds }: WhichInstances): Prisma.Sql {
  const parts: Prisma.Sql[] = [];
  if (instanceId) parts.push(Prisma.sql`i.id = ${instanceId}::uuid`);
  if (connectionId) parts.push(Prisma.sql`i.connection_id = ${connectionId}::uuid`);
  if (userIds) parts.push(Prisma.sql`i.user_id = ANY(${[...userIds]}::uuid[])`);
  if (organizationId) {
    parts.push(
      Prisma.sql`i.connection_id IN (SELECT id FROM connection WHERE owner_organization_id = ${organizationId}::uuid)`,
    );
  }
  // Everyone's would be a mistake in the caller, not a wish.
  if (parts.length === 0) throw new Error('no instances were named');
  return Prisma.join(parts, ' AND ');
}
