/** A person's address: proving that it is theirs, and the account that begins with that proof. */
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { consumeToken, issueToken } from './one-time-token.ts';

/** A token for the link that proves the address of a person. @throws Unavailable */
export const askToVerify = (database: Database, user: { userId: string; email: string }, now: Date): Promise<string> =>
  transact(database, (tx) => issueToken(tx, 'email-verification', `${user.userId} ${user.email}`, now));

/**
 * Notes that the address is theirs, where it still is. The caller has checked that the person is signed in. @returns false for a token
 * that is not good (any more), or not this person's @throws Unavailable
 */
export async function verifyEmail(
  database: Database,
  proof: { token: unknown; userId: string },
  now: Date,
): Promise<boolean> {
  return transact(database, async (tx) => {
    const [userId, email] = (await consumeToken(tx, 'email-verification', proof.token, now))?.split(' ') ?? [];
    if (!email || userId !== proof.userId) return false;
    const where = { id: userId, email, deletedAt: null };
    const { count } = await tx.user.updateMany({ where, data: { emailVerified: true } });
    if (count === 1) await record(tx, now, { kind: 'email.verified', actorUserId: userId, ownerUserId: userId });
    return count === 1;
  });
}

type SignUp = { name: string; email: string };

/**
 * A token for the link with which a new account begins. There is none yet: whoever asked has proved nothing, and chooses no password for
 * somebody else's address. Null where the address has an account. @throws Unavailable
 */
export async function askToSignUp(database: Database, signUp: SignUp, now: Date): Promise<string | null> {
  return transact(database, async (tx) => {
    const email = signUp.email.trim().toLowerCase();
    if (await tx.user.findUnique({ where: { email }, select: { id: true } })) return null;
    return issueToken(tx, 'sign-up', JSON.stringify({ name: signUp.name, email }), now);
  });
}

/** Makes the account that the token was for, with its address proved. Null for a token that is not good (any more), or came too late. @throws Unavailable */
export async function completeSignUp(
  database: Database,
  input: { token: unknown; passwordHash: string },
  now: Date,
): Promise<{ userId: string; email: string } | null> {
  return transact(database, async (tx) => {
    const value = await consumeToken(tx, 'sign-up', input.token, now);
    if (value === null) return null;
    const { name, email } = JSON.parse(value) as SignUp;
    const userId = uuidv7();
    // Two links for one address: the first one followed makes the account.
    const { count } = await tx.user.createMany({
      data: [{ id: userId, name, email, emailVerified: true, role: 'user' }],
      skipDuplicates: true,
    });
    if (count === 0) return null;
    await tx.account.create({
      data: { id: uuidv7(), userId, accountId: userId, providerId: 'credential', password: input.passwordHash },
    });
    await record(tx, now, { kind: 'user.created', actorUserId: userId, ownerUserId: userId, detail: { role: 'user' } });
    return { userId, email };
  });
}
