/** Organizations: their beginning, their name, their end. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { readName } from '../../platform/shown-text.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { endInstances } from '../connections/instance.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endApiKeys } from './api-key.ts';
import { isManager, lockOrganization } from './authority.ts';

const MAX_OWNED = 50;

export type OrganizationRefusal = 'not_found' | 'not_allowed' | { field: 'name' | null; message: string };

function checkName(given: string): Result<string, { field: 'name'; message: string }> {
  const name = readName(given, 'Give the organization a name.');
  return name.ok ? name : refused({ field: 'name', message: name.reason });
}

/** Makes an organization, whose owner is whoever makes it. @throws Unavailable */
export async function createOrganization(
  database: Database,
  input: { name: string; actorUserId: string },
  now: Date,
): Promise<Result<{ organizationId: string }, OrganizationRefusal>> {
  const name = checkName(input.name);
  if (!name.ok) return name;
  const { actorUserId } = input;
  return transact(database, async (tx) => {
    // Behind the user's row: whoever is erased at this moment owns nothing new.
    const live = await tx.$queryRaw<unknown[]>`
      SELECT id FROM "user" WHERE id = ${actorUserId}::uuid AND blocked_at IS NULL AND deleted_at IS NULL FOR NO KEY UPDATE`;
    if (live.length === 0) return refused('not_allowed' as const);
    const owned = { userId: actorUserId, role: 'owner' as const, removedAt: null, organization: { deletedAt: null } };
    if ((await tx.membership.count({ where: owned })) >= MAX_OWNED)
      return refused({ field: null, message: `You own ${MAX_OWNED} organizations. Delete one that nobody needs.` });
    const { id } = await tx.organization.create({
      data: { name: name.value, memberships: { create: { userId: actorUserId, role: 'owner' } } },
    });
    const detail = { name: name.value };
    await record(tx, now, { kind: 'organization.created', actorUserId, ownerOrganizationId: id, detail });
    return ok({ organizationId: id });
  });
}

/** Gives an organization another name. For owners and admins. @throws Unavailable */
export async function renameOrganization(
  database: Database,
  which: { organizationId: string; name: string; actorUserId: string },
  now: Date,
): Promise<Result<{ organizationId: string }, OrganizationRefusal>> {
  const name = checkName(which.name);
  if (!name.ok) return name;
  const { organizationId, actorUserId } = which;
  return transact(database, async (tx) => {
    const role = await lockOrganization(tx, organizationId, actorUserId);
    if (role === null) return refused('not_found' as const);
    if (!isManager(role)) return refused('not_allowed' as const);
    await tx.organization.update({ where: { id: organizationId }, data: { name: name.value } });
    const detail = { name: name.value };
    await record(tx, now, { kind: 'organization.renamed', actorUserId, ownerOrganizationId: organizationId, detail });
    return ok({ organizationId });
  });
}

/**
 * Deletes an organization (softly: the record stays) with its connections, memberships and every grant in it. For
 * owners. Again: there is none that one is in. @throws Unavailable
 */
export async function deleteOrganization(
  database: Database,
  which: { organizationId: string; actorUserId: string },
  now: Date,
): Promise<Result<Revocation, 'not_found' | 'not_allowed'>> {
  const { organizationId, actorUserId } = which;
  return transact(database, async (tx) => {
    const role = await lockOrganization(tx, organizationId, actorUserId);
    if (role === null) return refused('not_found' as const);
    if (role !== 'owner') return refused('not_allowed' as const);
    return ok(await endOrganization(tx, organizationId, actorUserId, now));
  });
}

/** The same in the caller's transaction, which holds the organization's lock and has seen to it that this may be done. */
export async function endOrganization(
  tx: Tx,
  organizationId: string,
  actorUserId: string,
  now: Date,
): Promise<Revocation> {
  // The flag first: from here no grant begins and none is let through.
  await tx.organization.update({ where: { id: organizationId }, data: { deletedAt: now } });
  const owned = { ownerOrganizationId: organizationId };
  await tx.membership.updateMany({ where: { organizationId, removedAt: null }, data: { removedAt: now } });
  await tx.invitation.updateMany({
    where: { organizationId, acceptedAt: null, revokedAt: null },
    data: { revokedAt: now },
  });
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
}
