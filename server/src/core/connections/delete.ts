/** The end of a connection: the row stays for the record; its address, its secrets, its instances and its grants end. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Caller } from '../grants/caller.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endInstances } from './instance.ts';
import { lockManaged } from './manageable.ts';

/** @throws Unavailable */
export async function deleteConnection(
  database: Database,
  actor: Caller,
  connectionId: string,
  now: Date,
): Promise<Result<Revocation, { kind: 'not_found' }>> {
  return transact(database, async (tx) => {
    const connection = await lockManaged(tx, actor, connectionId);
    if (!connection) return refused({ kind: 'not_found' });
    await tx.connection.update({ where: { id: connectionId }, data: { deletedAt: now, staticHeaderNames: [] } });
    await tx.connectResource.updateMany({ where: { connectionId, retiredAt: null }, data: { retiredAt: now } });
    await tx.connectionSecret.deleteMany({ where: { connectionId } });
    await record(tx, now, {
      kind: 'connection.deleted',
      actorUserId: actor.userId,
      ownerUserId: connection.ownerUserId,
      ownerOrganizationId: connection.ownerOrganizationId,
      connectionId,
      detail: { name: connection.name, remoteUrl: connection.remoteUrl },
    });
    const revocation = await revokeGrants(tx, { connectionId }, 'connection_deleted', actor, now);
    await endInstances(tx, { connectionId }, now);
    // Kept, retired, until what it obtained is revoked at the provider.
    await tx.providerClient.updateMany({ where: { connectionId, retiredAt: null }, data: { retiredAt: now } });
    return ok(revocation);
  });
}
