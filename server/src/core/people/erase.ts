/** Erasing a person (GDPR Art. 17): what identifies them goes, what happened stays without them. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { redactEvents } from '../audit/redact.ts';
import { endInstances } from '../connections/instance.ts';
import { NOTHING_REVOKED, type RevocationReceipt } from '../grants/grant.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { type AdminRefusal, lockAsAdmin } from './administrator.ts';
import { passOnOrganizations } from './inherit.ts';
import { endInvitations } from './invite.ts';

/**
 * Erases a user in one transaction: grants, sessions, accounts, API keys, memberships, instances with their provider grants, personal
 * connections with their secrets; name and address are overwritten. Organizations of theirs pass on. Running it again changes nothing.
 * For the gateway's admins, who cannot erase themselves.
 * @throws Unavailable
 */
export async function eraseUser(
  database: Database,
  which: { userId: string; actorUserId: string },
  now: Date,
): Promise<Result<Revocation, AdminRefusal>> {
  const { userId, actorUserId } = which;
  return transact(database, async (tx) => {
    if (!(await lockAsAdmin(tx, actorUserId, [userId]))) return refused('not_allowed' as const);
    if (userId === actorUserId) return refused('oneself' as const);
    const before = await tx.user.findUnique({ where: { id: userId }, select: { email: true, deletedAt: true } });
    if (!before) return refused('not_found' as const);
    if (before.deletedAt !== null) return ok({ grantIds: [], receipt: NOTHING_REVOKED });
    await tx.$executeRaw`
      UPDATE "user" SET deleted_at = ${now}, updated_at = ${now}, name = 'Erased user', email = ${`${userId}@erased.invalid`},
        email_verified = false, image = NULL, blocked_reason = NULL, role = 'user'
      WHERE id = ${userId}::uuid AND deleted_at IS NULL`;
    const inherited = await passOnOrganizations(tx, userId, actorUserId, now);
    await tx.membership.updateMany({ where: { userId, removedAt: null }, data: { removedAt: now } });
    await tx.connection.updateMany({
      where: { ownerUserId: userId, deletedAt: null },
      data: { deletedAt: now, status: 'disabled' },
    });
    await tx.connection.updateMany({ where: { ownerUserId: userId }, data: NOTHING_TOLD });
    await tx.connectResource.updateMany({
      where: { connection: { ownerUserId: userId }, retiredAt: null },
      data: { retiredAt: now },
    });
    await tx.assignment.updateMany({ where: { userId, removedAt: null }, data: { removedAt: now } });
    const revocation = await revokeGrants(tx, { userIds: [userId] }, 'user_erased', { userId: actorUserId }, now);
    await tx.session.deleteMany({ where: { userId } });
    await tx.account.deleteMany({ where: { userId } });
    await tx.apiKey.deleteMany({ where: { userId } });
    await endInvitations(tx, { userIds: [userId] }, now);
    await tx.invitation.deleteMany({ where: { email: before.email.toLowerCase() } });
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
    return ok(together([revocation, ...inherited]));
  });
}

/** What a person wrote into a connection of theirs. */
const NOTHING_TOLD = {
  name: 'Erased connection',
  remoteUrl: 'https://erased.invalid/',
  auxiliaryHeaders: [],
  staticHeaderNames: [],
  providerIssuer: null,
  providerResource: null,
  providerScopes: [],
  // Such as a login_hint, which is somebody's address.
  providerAuthorizeParameters: {},
};

const together = (revocations: Revocation[]): Revocation => ({
  grantIds: revocations.flatMap(({ grantIds }) => grantIds),
  receipt: revocations.reduce(
    (sum, { receipt }) =>
      Object.fromEntries(
        Object.entries(sum).map(([what, count]) => [what, count + receipt[what as keyof RevocationReceipt]]),
      ) as RevocationReceipt,
    NOTHING_REVOKED,
  ),
});
