/** Switching a connection off and on. Off ends its grants; on gives none of them back. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Caller } from '../grants/caller.ts';
import { NOTHING_REVOKED } from '../grants/grant.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { lockManaged } from './manageable.ts';

/** Idempotent: what is so already is left alone, and not told of again. @throws Unavailable */
export async function setStatus(
  database: Database,
  actor: Caller,
  input: { connectionId: string; status: 'enabled' | 'disabled' },
  now: Date,
): Promise<Result<Revocation, { kind: 'not_found' }>> {
  const { connectionId, status } = input;
  return transact(database, async (tx) => {
    const connection = await lockManaged(tx, actor, connectionId);
    if (!connection) return refused({ kind: 'not_found' });
    const nothing = { grantIds: [], receipt: NOTHING_REVOKED };
    if (connection.status === status) return ok(nothing);
    await tx.connection.update({ where: { id: connectionId }, data: { status } });
    await record(tx, now, {
      kind: `connection.${status}`,
      actorUserId: actor.userId,
      ownerUserId: connection.ownerUserId,
      ownerOrganizationId: connection.ownerOrganizationId,
      connectionId,
      detail: { name: connection.name },
    });
    return ok(
      status === 'enabled' ? nothing : await revokeGrants(tx, { connectionId }, 'connection_disabled', actor, now),
    );
  });
}
