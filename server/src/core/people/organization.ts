/** Organizations: their end. */
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { endInstances } from '../connections/instance.ts';
import { NOTHING_REVOKED } from '../grants/grant.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endApiKeys } from './api-key.ts';

/**
 * Deletes an organization (softly: the record stays) with its connections, memberships and every grant in it. Does not check that the
 * actor is an owner. Running it again changes nothing. @throws Unavailable
 */
export async function deleteOrganization(
  database: Database,
  which: { organizationId: string; actorUserId: string },
  now: Date,
): Promise<Revocation> {
  const { organizationId, actorUserId } = which;
  return transact(database, async (tx) => {
    // The flag first: from here no grant begins and none is let through.
    const { count } = await tx.organization.updateMany({
      where: { id: organizationId, deletedAt: null },
      data: { deletedAt: now },
    });
    if (count === 0) return { grantIds: [], receipt: NOTHING_REVOKED };
    const owned = { ownerOrganizationId: organizationId };
    await tx.membership.updateMany({ where: { organizationId, removedAt: null }, data: { removedAt: now } });
    await tx.connection.updateMany({
      where: { ...owned, deletedAt: null },
      data: { deletedAt: now, status: 'disabled' },
    });
    await tx.connectResource.updateMany({ where: { connection: owned, retiredAt: null }, data: { retiredAt: now } });
    await tx.assignment.updateMany({ where: { connection: owned, removedAt: null }, data: { removedAt: now } });
    const revocation = await revokeGrants(tx, { organizationId }, 'membership_removed', { userId: actorUserId }, now);
    await endInstances(tx, { organizationId }, now);
    await tx.providerClient.updateMany({ where: { connection: owned, retiredAt: null }, data: { retiredAt: now } });
    await tx.connectionSecret.deleteMany({ where: { connection: owned } });
    await endApiKeys(tx, { organizationId }, now);
    await record(tx, now, { kind: 'organization.deleted', actorUserId, ownerOrganizationId: organizationId });
    return revocation;
  });
}
