/** Invitations to an organization: a link that works once, for one address, for a week, and only while its sender may still invite. */
import type { Invitation } from '@grantway/prisma/client';
import { after } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { hashSecret, INVITATION, looksLikeSecret, newSecret } from '../../platform/secret.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { lockOrganization, mayManage, type Role } from './authority.ts';
import { isEmail, normalEmail } from './email-address.ts';

/** Seconds. A person on holiday should still find it; the address that it is bound to is what protects it. */
const LIFETIME = 7 * 86_400;
const MAX_OPEN = 100;

export type InviteRefusal = 'not_found' | 'not_allowed' | { field: 'email' | null; message: string };

/**
 * Ends the open invitations that people sent: all of theirs, or those of one organization, and there to some roles alone. Whoever may no longer invite leaves no door
 * open. @returns how many
 */
export async function endInvitations(
  tx: Tx,
  which: { userIds: readonly string[]; organizationId?: string; roles?: readonly Role[] },
  now: Date,
): Promise<number> {
  const { userIds, organizationId, roles } = which;
  const { count } = await tx.invitation.updateMany({
    where: {
      invitedById: { in: [...userIds] },
      ...(organizationId ? { organizationId } : {}),
      ...(roles ? { role: { in: [...roles] } } : {}),
      acceptedAt: null,
      revokedAt: null,
    },
    data: { revokedAt: now },
  });
  return count;
}

/**
 * Invites an address; an open invitation of the same address is replaced. The token is told once: it belongs into a link.
 * Does not send it. Says nothing of whether the address has an account (#255). @throws Unavailable
 */
export async function invite(
  database: Database,
  input: { organizationId: string; email: string; role: Role; actorUserId: string },
  now: Date,
): Promise<Result<{ invitationId: string; token: string; email: string }, InviteRefusal>> {
  const { organizationId, role, actorUserId } = input;
  const email = normalEmail(input.email);
  if (!isEmail(email)) return refused({ field: 'email', message: 'This is not an e-mail address.' });
  const token = newSecret(INVITATION);
  return transact(database, async (tx) => {
    const actor = await lockOrganization(tx, organizationId, actorUserId);
    if (actor === null) return refused('not_found' as const);
    if (!mayManage(actor, role)) return refused('not_allowed' as const);
    const here = { organizationId, removedAt: null, user: { email } };
    if (await tx.membership.findFirst({ where: here, select: { id: true } }))
      return refused({ field: 'email' as const, message: 'This person is a member already.' });
    const open = { organizationId, acceptedAt: null, revokedAt: null };
    await tx.invitation.updateMany({ where: { ...open, email }, data: { revokedAt: now } });
    if ((await tx.invitation.count({ where: { ...open, expiresAt: { gt: now } } })) >= MAX_OPEN)
      return refused({ field: null, message: `There are ${MAX_OPEN} open invitations. Withdraw some first.` });
    const { id } = await tx.invitation.create({
      data: {
        organizationId,
        email,
        role,
        tokenHash: hashSecret(token),
        invitedById: actorUserId,
        expiresAt: after(now, LIFETIME),
      },
    });
    const detail = { invitationId: id, role };
    await record(tx, now, { kind: 'member.invited', actorUserId, ownerOrganizationId: organizationId, detail });
    return ok({ invitationId: id, token, email });
  });
}

/** Withdraws an invitation. Again: changes nothing. For whoever may manage its role. @throws Unavailable */
export async function revokeInvitation(
  database: Database,
  which: { organizationId: string; invitationId: string; actorUserId: string },
  now: Date,
): Promise<Result<null, 'not_found' | 'not_allowed'>> {
  const { organizationId, invitationId, actorUserId } = which;
  return transact(database, async (tx) => {
    const actor = await lockOrganization(tx, organizationId, actorUserId);
    const invitation = await tx.invitation.findFirst({ where: { id: invitationId, organizationId } });
    // A member sees no invitations, so to them there are none.
    if (!invitation || actor === null || actor === 'member') return refused('not_found' as const);
    if (!mayManage(actor, invitation.role)) return refused('not_allowed' as const);
    const { count } = await tx.invitation.updateMany({
      where: { id: invitationId, acceptedAt: null, revokedAt: null },
      data: { revokedAt: now },
    });
    const detail = { invitationId };
    if (count === 1)
      await record(tx, now, { kind: 'invitation.revoked', actorUserId, ownerOrganizationId: organizationId, detail });
    return ok(null);
  });
}

export type AcceptRefusal = 'not_found' | 'other_address';

/**
 * Joins the organization of an invitation (#259). The account's address must be the one that was invited; whoever holds the token got it
 * there, or from a person who runs the organization. Refused as unknown when it was used, withdrawn or replaced, has expired, or its
 * sender may no longer invite to that role. @throws Unavailable
 */
export async function acceptInvitation(
  database: Database,
  input: { token: string; userId: string },
  now: Date,
): Promise<Result<{ organizationId: string }, AcceptRefusal>> {
  const { token, userId } = input;
  const found = await findInvitation(database, token, now);
  if (!found) return refused('not_found');
  const { id, organizationId, role } = found;
  return transact(database, async (tx) => {
    const [user] = await tx.$queryRaw<{ email: string }[]>`
      SELECT email FROM "user" WHERE id = ${userId}::uuid AND blocked_at IS NULL AND deleted_at IS NULL FOR NO KEY UPDATE`;
    if (!user) return refused('not_found' as const);
    const sender = found.invitedById && (await lockOrganization(tx, organizationId, found.invitedById));
    if (!sender || !mayManage(sender, role)) return refused('not_found' as const);
    if (user.email.toLowerCase() !== found.email) return refused('other_address' as const);
    if (!(await consume(tx, id, now))) return refused('not_found' as const);
    const { count } = await tx.membership.createMany({
      data: [{ organizationId, userId, role }],
      skipDuplicates: true,
    });
    if (count === 1)
      await record(tx, now, {
        kind: 'member.joined',
        actorUserId: userId,
        ownerUserId: userId,
        ownerOrganizationId: organizationId,
        detail: { invitationId: id, role },
      });
    return ok({ organizationId });
  });
}

/** One winner, whoever else tries at the same moment (#256). */
async function consume(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { count } = await tx.invitation.updateMany({
    where: { id, acceptedAt: null, revokedAt: null, expiresAt: { gt: now } },
    data: { acceptedAt: now },
  });
  return count === 1;
}

export type OpenInvitation = Invitation & { organization: { name: string }; invitedBy: { name: string } | null };

/** The open invitation of a token; null for a used, withdrawn, expired or unknown one. @throws when the database is away */
export async function findInvitation(database: Database, token: string, now: Date): Promise<OpenInvitation | null> {
  if (!looksLikeSecret(INVITATION, token)) return null;
  return database.db.invitation.findFirst({
    where: {
      tokenHash: hashSecret(token),
      acceptedAt: null,
      revokedAt: null,
      expiresAt: { gt: now },
      organization: { deletedAt: null },
    },
    include: { organization: { select: { name: true } }, invitedBy: { select: { name: true } } },
  });
}

/** Whether an address is invited to any organization now: where accounts are made by invitation, that lets one be made. */
export async function hasOpenInvitation(database: Database, email: string, now: Date): Promise<boolean> {
  const open = { acceptedAt: null, revokedAt: null, expiresAt: { gt: now }, organization: { deletedAt: null } };
  const found = await database.db.invitation.findFirst({
    where: { ...open, email: normalEmail(email) },
    select: { id: true },
  });
  return found !== null;
}
