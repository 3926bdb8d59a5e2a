/** Forgotten, set anew by a link, and changed: the ways to another password. */
import { hashPassword } from 'better-auth/crypto';
import { record } from '../../core/audit/record.ts';
import { endApiKeys } from '../../core/people/api-key.ts';
import { askForReset, forgetResets, resetPassword } from '../../core/people/password.ts';
import type { Viewer } from '../../core/people/viewer.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { transact } from '../../platform/transact.ts';
import { withoutToken } from './begin-session.ts';
import { passwordChangedMail, resetMail } from './mails.ts';
import type { ReadRequest, SignIn } from './open.ts';
import { readPassword } from './password-text.ts';
import { away, passwordsOff, refusal, staleLink } from './refusal.ts';

/** Answers alike whether the address has an account; whoever reads its mail learns the rest (#255). */
export async function forgotPassword({ deps, mayMail, behind }: SignIn, { body }: ReadRequest): Promise<Response> {
  const { config, database, mailer, clock } = deps;
  if (!config.passwordSignIn) return passwordsOff();
  if (!mailer)
    return refusal(403, 'NO_MAIL', 'This Grantway sends no mail. Ask an administrator for a link to a new password.');
  const email = typeof body.email === 'string' ? body.email.trim().toLowerCase() : '';
  if (!email.includes('@')) return refusal(400, 'INVALID_EMAIL', 'That does not look like an email address.');
  if (await mayMail(email)) {
    behind(async () => {
      const asked = await askForReset(database, email, clock());
      if (asked) mailer.post(resetMail(config.url, asked.email, asked.token));
    });
  }
  return json(200, { next: 'mail' }, NO_STORE);
}

/** Sets a password by the link's token. Signs nobody in: whoever set it knows it now. */
export async function setPassword({ deps, attempts }: SignIn, { body }: ReadRequest): Promise<Response> {
  const { config, database, mailer, clock } = deps;
  if (!config.passwordSignIn) return passwordsOff();
  const password = readPassword(body.password);
  if (!password.ok) return password.reason;
  const input = { token: body.token, passwordHash: await hashPassword(password.value) };
  const done = await resetPassword(database, input, clock());
  if (!done) return staleLink();
  await attempts.forget(done.email);
  mailer?.post(passwordChangedMail(config.url, done.email, true));
  return json(200, { next: 'sign-in' }, NO_STORE);
}

/**
 * Changes the password of who is signed in and knows the old one; every session ends, and this browser gets a new one (#250, #252). API
 * keys end where the person says so with `endApiKeys`: a password is changed for other reasons too, and what runs by keys would stop.
 */
export async function changePassword(
  { deps, auth, attempts, forward }: SignIn,
  read: ReadRequest,
  viewer: Viewer,
): Promise<Response> {
  const { config, database, mailer, clock } = deps;
  if (!config.passwordSignIn) return passwordsOff();
  const password = readPassword(read.body.newPassword);
  if (!password.ok) return password.reason;
  const tooMany = await attempts.refuse(viewer.email);
  if (tooMany) return tooMany;
  const { currentPassword } = read.body;
  const body = { currentPassword, newPassword: password.value, revokeOtherSessions: true };
  const { response, databaseAway } = await auth.answer(forward(read.context, '/api/auth/change-password', body), {
    isKnown: true,
  });
  if (databaseAway) return away();
  if (!response.ok) {
    if (response.status === 400) await attempts.noteWrong(viewer.email);
    return response;
  }
  const { userId } = viewer;
  const endsKeys = read.body.endApiKeys === true;
  await transact(database, async (tx) => {
    // A link that somebody else may hold does not outlive the change.
    await forgetResets(tx, [userId]);
    const detail = endsKeys ? { apiKeys: await endApiKeys(tx, { userIds: [userId] }, clock()) } : {};
    await record(tx, clock(), { kind: 'password.changed', actorUserId: userId, ownerUserId: userId, detail });
  });
  mailer?.post(passwordChangedMail(config.url, viewer.email, endsKeys));
  return withoutToken(response);
}
