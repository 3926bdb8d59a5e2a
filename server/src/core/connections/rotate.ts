/** A connection's new address: the old one is dead at once, with every grant given for it. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Caller } from '../grants/caller.ts';
import { NOTHING_REVOKED } from '../grants/grant.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { lockManaged } from './manageable.ts';
import { newRouteKey } from './resource.ts';

/** Instances and provider grants stay: whoever connects anew finds the upstream signed in. @throws Unavailable */
export async function rotateRoute(
  database: Database,
  actor: Caller,
  connectionId: string,
  now: Date,
): Promise<Result<Revocation, { kind: 'not_found' }>> {
  return transact(database, async (tx) => {
    const connection = await lockManaged(tx, actor, connectionId);
    if (!connection) return refused({ kind: 'not_found' });
    const old = await tx.connectResource.findFirst({ where: { connectionId, retiredAt: null }, select: { id: true } });
    if (old) await tx.connectResource.update({ where: { id: old.id }, data: { retiredAt: now } });
    const fresh = await tx.connectResource.create({
      data: { connectionId, routeKey: newRouteKey() },
      select: { id: true },
    });
    const revocation = old
      ? await revokeGrants(tx, { connectResourceId: old.id }, 'route_rotated', actor, now)
      : { grantIds: [], receipt: NOTHING_REVOKED };
    await record(tx, now, {
      kind: 'connection.route_rotated',
      actorUserId: actor.userId,
      ownerUserId: connection.ownerUserId,
      ownerOrganizationId: connection.ownerOrganizationId,
      connectionId,
      connectResourceId: fresh.id,
      detail: { name: connection.name },
    });
    return ok(revocation);
  });
}
