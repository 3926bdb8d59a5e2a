/** Signing up: first come, first admin; after that the answer tells nobody whether an address has an account (#255). */
import { hashPassword } from 'better-auth/crypto';
import { askToSignUp, completeSignUp } from '../../core/people/email.ts';
import { isEmail, normalEmail } from '../../core/people/email-address.ts';
import { findInvitation } from '../../core/people/invite.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { readName } from '../../platform/shown-text.ts';
import { signInWith } from './begin-session.ts';
import { welcome } from './first-account.ts';
import { inTurn } from './in-turn.ts';
import { accountExistsMail, signUpMail } from './mails.ts';
import type { ReadRequest, SignIn } from './open.ts';
import { readPassword } from './password-text.ts';
import { checkSignUp } from './policy.ts';
import { away, passwordsOff, refusal, staleLink } from './refusal.ts';

/**
 * Answers a sign-up: `{ next: 'sign-in' }` where the password that was given is good from now on (or the address had an account
 * before), `{ next: 'mail' }` where the account begins with the link in a mail. The first account is signed in at once.
 */
export async function signUp(signIn: SignIn, read: ReadRequest): Promise<Response> {
  const { config, database, mailer } = signIn.deps;
  if (!config.passwordSignIn) return passwordsOff();
  const { body } = read;
  const name = readName(typeof body.name === 'string' ? body.name : '', 'Give your name.');
  if (!name.ok) return refusal(400, 'INVALID_NAME', name.reason);
  const email = typeof body.email === 'string' ? normalEmail(body.email) : '';
  if (!isEmail(email)) return refusal(400, 'INVALID_EMAIL', 'That does not look like an email address.');
  return inTurn(database, signIn.hasAccounts, async () => {
    const isInvited = await hasInvitation(signIn, body, email);
    const role = checkSignUp(config, await signIn.hasAccounts(), { email, isInvited });
    if (!role.ok) return refusal(403, role.reason.code, role.reason.message);
    // Whoever holds an invitation for the address has its mail, or got it from who invited them.
    if (role.value === 'user' && mailer && !isInvited) return begin(signIn, { name: name.value, email });
    const password = readPassword(body.password);
    if (!password.ok) return password.reason;
    const { response, createdUserId, databaseAway } = await signIn.auth.answer(
      signIn.forward(read.context, '/api/auth/sign-up/email', { name: name.value, email, password: password.value }),
      { newRole: role.value },
    );
    if (databaseAway) return away();
    if (!response.ok) return response;
    if (createdUserId) await welcome(signIn.deps, createdUserId, role.value === 'admin');
    if (role.value === 'admin') return signInWith(signIn, read, { email, password: password.value });
    return json(200, { next: 'sign-in' }, NO_STORE);
  });
}

/** An invitation counts where its token came along, and is for this address. */
async function hasInvitation(
  { deps }: SignIn,
  { invitation: token }: Record<string, unknown>,
  email: string,
): Promise<boolean> {
  if (typeof token !== 'string') return false;
  const invitation = await findInvitation(deps.database, token, deps.clock());
  return invitation !== null && normalEmail(invitation.email) === email;
}

/** The same work and the same answer whether the address has an account; its owner reads which. */
async function begin({ deps, mayMail, behind }: SignIn, signUp: { name: string; email: string }): Promise<Response> {
  const { config, database, mailer, clock } = deps;
  if (await mayMail(signUp.email)) {
    behind(async () => {
      const token = await askToSignUp(database, signUp, clock());
      mailer?.post(token ? signUpMail(config.url, signUp.email, token) : accountExistsMail(config.url, signUp.email));
    });
  }
  return json(200, { next: 'mail' }, NO_STORE);
}

/** Answers whoever came by the link: makes the account with the password that they choose, and signs them in. */
export async function finishSignUp(signIn: SignIn, read: ReadRequest): Promise<Response> {
  if (!signIn.deps.config.passwordSignIn) return passwordsOff();
  const password = readPassword(read.body.password);
  if (!password.ok) return password.reason;
  const input = { token: read.body.token, passwordHash: await hashPassword(password.value) };
  const done = await completeSignUp(signIn.deps.database, input, signIn.deps.clock());
  if (!done) return staleLink();
  return signInWith(signIn, read, { email: done.email, password: password.value });
}
