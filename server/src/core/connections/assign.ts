/** Who of an organization may use a connection. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { NOTHING_REVOKED } from '../grants/grant.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endInstances } from './instance.ts';

export type AssignRefusal = 'not_found' | 'not_a_member';
type Assigning = { connectionId: string; userId: string; actorUserId: string };

/**
 * Assigns a connection of an organization to a member. Where it is single-user, whoever had it loses it first, grants included.
 * Assigning again changes nothing. Does not check that the actor is an admin of the organization. @throws Unavailable
 */
export async function assign(
  database: Database,
  which: Assigning,
  now: Date,
): Promise<Result<Revocation, AssignRefusal>> {
  const { connectionId, userId, actorUserId } = which;
  return transact(database, async (tx) => {
    const before = await tx.connection.findUnique({
      where: { id: connectionId },
      select: { ownerOrganizationId: true },
    });
    const organizationId = before?.ownerOrganizationId;
    if (!organizationId) return refused('not_found' as const);
    const member = await tx.$queryRaw<unknown[]>`
      SELECT m.id FROM membership m JOIN organization o ON o.id = m.organization_id AND o.deleted_at IS NULL
      WHERE m.organization_id = ${organizationId}::uuid AND m.user_id = ${userId}::uuid AND m.removed_at IS NULL FOR SHARE`;
    if (member.length === 0) return refused('not_a_member' as const);
    const connection = await lockConnection(tx, connectionId);
    if (!connection) return refused('not_found' as const);
    const others = connection.sharing_mode === 'single_user' ? await othersOf(tx, connectionId, userId) : [];
    const revocation = await endUse(tx, connectionId, others, actorUserId, now);
    const { count } = await tx.assignment.createMany({ data: [{ connectionId, userId }], skipDuplicates: true });
    const event = { actorUserId, connectionId, ownerOrganizationId: organizationId };
    if (count === 1) await record(tx, now, { kind: 'assignment.created', ...event, ownerUserId: userId });
    return ok(revocation);
  });
}

/** Takes an assignment away, with the grants and the instance of that user and connection. Does not check the actor. @throws Unavailable */
export async function unassign(
  database: Database,
  which: Assigning,
  now: Date,
): Promise<Result<Revocation, AssignRefusal>> {
  return transact(database, async (tx) => {
    if (!(await lockConnection(tx, which.connectionId))) return refused('not_found' as const);
    return ok(await endUse(tx, which.connectionId, [which.userId], which.actorUserId, now));
  });
}

async function lockConnection(tx: Tx, connectionId: string) {
  const [row] = await tx.$queryRaw<{ sharing_mode: string }[]>`
    SELECT sharing_mode::text FROM connection
    WHERE id = ${connectionId}::uuid AND deleted_at IS NULL AND owner_organization_id IS NOT NULL FOR UPDATE`;
  return row;
}

const othersOf = async (tx: Tx, connectionId: string, userId: string): Promise<string[]> =>
  (await tx.assignment.findMany({ where: { connectionId, removedAt: null, userId: { not: userId } } })).map(
    (row) => row.userId,
  );

async function endUse(
  tx: Tx,
  connectionId: string,
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
    await record(tx, now, { kind: 'assignment.removed', actorUserId, ownerUserId: userId, connectionId });
  }
  return revocation;
}
