/** Erasing a person (GDPR Art. 17): what identifies them goes, what happened stays without them. */
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { redactEvents } from '../audit/redact.ts';
import { endInstances } from '../connections/instance.ts';
import { NOTHING_REVOKED } from '../grants/grant.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';

/**
 * Erases a user in one transaction: grants, sessions, accounts, API keys, memberships, instances with their provider grants, personal
 * connections with their secrets; name and address are overwritten. Running it again changes nothing. Does not check the actor.
 * @throws Unavailable
 */
export async function eraseUser(
  database: Database,
  which: { userId: string; actorUserId: string },
  now: Date,
): Promise<Revocation> {
  const { userId, actorUserId } = which;
  return transact(database, async (tx) => {
    const erased = await tx.$executeRaw`
      UPDATE "user" SET deleted_at = ${now}, updated_at = ${now}, name = 'Erased user', email = ${`${userId}@erased.invalid`},
        email_verified = false, image = NULL, blocked_reason = NULL, role = 'user'
      WHERE id = ${userId}::uuid AND deleted_at IS NULL`;
    if (erased === 0) return { grantIds: [], receipt: NOTHING_REVOKED };
    await tx.membership.updateMany({ where: { userId, removedAt: null }, data: { removedAt: now } });
    await tx.connection.updateMany({
      where: { ownerUserId: userId, deletedAt: null },
      data: { deletedAt: now, status: 'disabled' },
    });
    await tx.connectResource.updateMany({
      where: { connection: { ownerUserId: userId }, retiredAt: null },
      data: { retiredAt: now },
    });
    await tx.assignment.updateMany({ where: { userId, removedAt: null }, data: { removedAt: now } });
    const revocation = await revokeGrants(tx, { userIds: [userId] }, 'user_erased', { userId: actorUserId }, now);
    await tx.session.deleteMany({ where: { userId } });
    await tx.account.deleteMany({ where: { userId } });
    await tx.apiKey.deleteMany({ where: { userId } });
    await tx.pendingProviderAuthorization.deleteMany({ where: { userId } });
    // What was signed in at providers stays sealed in the outbox until it is revoked there, and goes then.
    await endInstances(tx, { userIds: [userId] }, now);
    await tx.providerClient.updateMany({
      where: { connection: { ownerUserId: userId }, retiredAt: null },
      data: { retiredAt: now },
    });
    await tx.connectionSecret.deleteMany({ where: { connection: { ownerUserId: userId } } });
    await tx.tokenFamily.updateMany({ where: { grant: { userId } }, data: { label: 'erased', userAgent: null } });
    await tx.authorizationRequest.updateMany({ where: { userId }, data: { userAgent: null } });
    await redactEvents(tx, userId);
    await record(tx, now, { kind: 'user.erased', actorUserId, ownerUserId: userId });
    return revocation;
  });
}
