/** A person's password: the link to a new one, and setting it. Hashing is the caller's: it takes its time, and holds no lock. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { lockAsAdmin } from './administrator.ts';
import { endApiKeys } from './api-key.ts';
import { consumeToken, forgetTokens, issueToken } from './one-time-token.ts';

/** Who signs in with a password has one account row of this provider. */
const PASSWORD = { providerId: 'credential' } as const;

/** Whether the link went to the person's own address, so that following it also proves that; or was handed over by an admin. */
type Sent = 'mail' | 'admin';

/**
 * Makes a link's token for the person with this address; null where nobody who signs in with a password has it, or they are blocked.
 * Says nothing to whoever asked. @throws Unavailable
 */
export async function askForReset(
  database: Database,
  email: string,
  now: Date,
): Promise<{ token: string; email: string } | null> {
  return transact(database, async (tx) => {
    const user = await tx.user.findFirst({
      where: { email: email.trim().toLowerCase(), ...MAY_RESET },
      select: { id: true, email: true },
    });
    return user && { token: await issue(tx, user.id, 'mail', now), email: user.email };
  });
}

/** Makes a link's token for an admin of the gateway to hand over, recorded. To anybody else there is nobody. @throws Unavailable */
export async function makeResetLink(
  database: Database,
  which: { userId: string; actorUserId: string },
  now: Date,
): Promise<Result<string, 'not_found' | 'no_password'>> {
  const { userId, actorUserId } = which;
  return transact(database, async (tx) => {
    if (!(await lockAsAdmin(tx, actorUserId, [userId]))) return refused('not_found' as const);
    const user = await tx.user.findFirst({ where: { id: userId, deletedAt: null }, select: { id: true } });
    if (!user) return refused('not_found' as const);
    if (!(await tx.user.findFirst({ where: { id: userId, ...MAY_RESET } }))) return refused('no_password' as const);
    await record(tx, now, { kind: 'password.reset_link_created', actorUserId, ownerUserId: userId });
    return ok(await issue(tx, userId, 'admin', now));
  });
}

/** Ends the links to a new password of these people, whoever holds them. */
export const forgetResets = (tx: Tx, userIds: readonly string[]): Promise<void> =>
  forgetTokens(
    tx,
    'password-reset',
    userIds.flatMap((userId) => [told('mail', userId), told('admin', userId)]),
  );

const MAY_RESET = { blockedAt: null, deletedAt: null, accounts: { some: PASSWORD } };

const issue = (tx: Tx, userId: string, sent: Sent, now: Date): Promise<string> =>
  issueToken(tx, 'password-reset', told(sent, userId), now);

const told = (sent: Sent, userId: string): string => `${sent} ${userId}`;

/**
 * Sets the password of whom the token was made for, once. Every session of theirs ends, every API key and every other such link: whoever
 * had got into the account keeps no way in. The grants of their clients stay: those are theirs to see and to take back. @returns the person; null for a token that is not good (any more)
 * @throws Unavailable
 */
export async function resetPassword(
  database: Database,
  input: { token: unknown; passwordHash: string },
  now: Date,
): Promise<{ userId: string; email: string } | null> {
  return transact(database, async (tx) => {
    const [sent, userId] = (await consumeToken(tx, 'password-reset', input.token, now))?.split(' ') ?? [];
    if (!userId) return null;
    // The user's row first, as everywhere: a block that is under way is waited for.
    await tx.$queryRaw`SELECT id FROM "user" WHERE id = ${userId}::uuid FOR UPDATE`;
    const user = await tx.user.findFirst({ where: { id: userId, ...MAY_RESET }, select: { email: true } });
    if (!user) return null;
    await tx.account.updateMany({ where: { userId, ...PASSWORD }, data: { password: input.passwordHash } });
    if (sent === 'mail') await tx.user.update({ where: { id: userId }, data: { emailVerified: true } });
    await forgetResets(tx, [userId]);
    const { count } = await tx.session.deleteMany({ where: { userId } });
    const apiKeys = await endApiKeys(tx, { userIds: [userId] }, now);
    const detail = { count, apiKeys };
    await record(tx, now, { kind: 'password.reset', actorUserId: userId, ownerUserId: userId, detail });
    return { userId, email: user.email };
  });
}
