/** Deleting a client (RFC 7592 §2.3): the row stays for the record, and everything that it was granted ends. */
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Actor } from '../grants/grant.ts';
import { revokeGrants } from '../grants/revoke.ts';
import { lockClient } from './change.ts';

/**
 * Deletes a client; one that is gone already stays as it was. Does not check who may do this.
 * @returns the grants that ended, whose streams the caller ends. @throws Unavailable
 */
export async function deleteClient(
  database: Database,
  id: string,
  actor: Actor,
  now: Date,
): Promise<{ grantIds: string[] }> {
  return transact(database, async (tx) => {
    if (!(await lockClient(tx, id))) return { grantIds: [] };
    await tx.oAuthClient.update({
      where: { id },
      data: { deletedAt: now, updatedAt: now, registrationTokenHash: null },
    });
    const { grantIds } = await revokeGrants(tx, { oauthClientId: id }, 'client_deleted', actor, now);
    await record(tx, now, {
      kind: 'client.deleted',
      actorUserId: actor.userId,
      oauthClientId: id,
      detail: { revoked: grantIds.length },
    });
    return { grantIds };
  });
}
