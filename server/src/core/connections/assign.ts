/** Who of an organization may use a connection. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Caller } from '../grants/caller.ts';
import { NOTHING_REVOKED } from '../grants/grant.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endInstances } from './instance.ts';
import { lockManaged, type ManagedConnection, manageableBy } from './manageable.ts';

export type AssignRefusal = 'not_found' | 'not_a_member';
type Assigning = { connectionId: string; userId: string; actorUserId: string; onlyIn?: Caller['onlyIn'] };

/**
 * Assigns a connection of an organization to a member. Where it is single-user, whoever had it loses it first, grants included.
 * Assigning again changes nothing. For owners and admins of the organization. @throws Unavailable
 */
export async function assign(
  database: Database,
  which: Assigning,
  now: Date,
): Promise<Result<Revocation, AssignRefusal>> {
  const { connectionId, userId, actorUserId, onlyIn } = which;
  const actor = { userId: actorUserId, onlyIn };
  return transact(database, async (tx) => {
    const before = await tx.connection.findFirst({
      where: { AND: [{ id: connectionId }, manageableBy(actor)] },
      select: { ownerOrganizationId: true },
    });
    const organizationId = before?.ownerOrganizationId;
    if (!organizationId) return refused('not_found' as const);
    const member = await tx.$queryRaw<unknown[]>`
      SELECT m.id FROM membership m JOIN organization o ON o.id = m.organization_id AND o.deleted_at IS NULL
      WHERE m.organization_id = ${organizationId}::uuid AND m.user_id = ${userId}::uuid AND m.removed_at IS NULL FOR SHARE`;
    if (member.length === 0) return refused('not_a_member' as const);
    const connection = await lockManaged(tx, actor, connectionId);
    if (!connection) return refused('not_found' as const);
    const others = connection.sharingMode === 'single_user' ? await othersOf(tx, connectionId, userId) : [];
    const revocation = await endUse(tx, connection, others, actorUserId, now);
    const { count } = await tx.assignment.createMany({ data: [{ connectionId, userId }], skipDuplicates: true });
    const event = { actorUserId, connectionId, ownerOrganizationId: organizationId };
    if (count === 1) await record(tx, now, { kind: 'assignment.created', ...event, ownerUserId: userId });
    return ok(revocation);
  });
}

/** Takes an assignment away, with the grants and the instance of that user and connection. For owners and admins of the organization. @throws Unavailable */
export async function unassign(
  database: Database,
  which: Assigning,
  now: Date,
): Promise<Result<Revocation, AssignRefusal>> {
  return transact(database, async (tx) => {
    const { connectionId, userId, actorUserId, onlyIn } = which;
    const connection = await lockManaged(tx, { userId: actorUserId, onlyIn }, connectionId);
    if (!connection?.ownerOrganizationId) return refused('not_found' as const);
    return ok(await endUse(tx, connection, [userId], actorUserId, now));
  });
}

const othersOf = async (tx: Tx, connectionId: string, userId: string): Promise<string[]> =>
  (await tx.assignment.findMany({ where: { connectionId, removedAt: null, userId: { not: userId } } })).map(
    (row) => row.userId,
  );

async function endUse(
  tx: Tx,
  { id: connectionId, ownerOrganizationId }: Pick<ManagedConnection, 'id' | 'ownerOrganizationId'>,
  userIds: string[],
  actorUserId: string,
  now: Date,
): Promise<Revocation> {
  const held = { connectionId, userId: { in: userIds } };
  const { count } = await tx.assignment.updateMany({ where: { ...held, removedAt: null }, data: { removedAt: now } });
  if (count === 0) return { grantIds: [], receipt: NOTHING_REVOKED };
  const revocation = await revokeGrants(
    tx,
    { connectionId, userIds },
    'assignment_removed',
    { userId: actorUserId },
    now,
  );
  await endInstances(tx, { connectionId, userIds }, now);
  for (const userId of userIds) {
    await record(tx, now, {
      kind: 'assignment.removed',
      actorUserId,
      ownerUserId: userId,
      ownerOrganizationId,
      connectionId,
    });
  }
  return revocation;
}
