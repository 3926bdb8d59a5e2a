/** Signing up: first come, first admin; two that come at once are told apart. */
import { findInvitation, normalEmail } from '../../core/people/invite.ts';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { readAccountName } from './account-name.ts';
import type { Auth } from './auth.ts';
import { welcome } from './first-account.ts';
import type { ReadRequest, SignInDeps } from './open.ts';
import { checkSignUp } from './policy.ts';
import { refusal } from './refusal.ts';

/** Answers a sign-up; null when the database is away. */
export async function signUp(
  deps: SignInDeps,
  auth: Auth,
  hasAccounts: () => Promise<boolean>,
  { request, body }: ReadRequest,
): Promise<Response | null> {
  const name = readAccountName(body.name);
  if (!name.ok) return refusal(400, 'INVALID_NAME', name.reason);
  const attempt = async (): Promise<Response | null> => {
    const role = checkSignUp(deps.config.signUp, await hasAccounts(), await isInvited(deps, body));
    if (!role.ok) return refusal(403, 'SIGN_UP_CLOSED', role.reason);
    const { response, createdUserId, databaseAway } = await auth.answer(request, role.value);
    if (databaseAway) return null;
    if (createdUserId) await welcome(deps, createdUserId, role.value === 'admin');
    return response;
  };
  // Once there is an account the answer no longer depends on who is first.
  return (await hasAccounts()) ? attempt() : oneAtATime(() => alone(deps.database, attempt));
}

/** Whoever holds the link of an invitation may make the account that it was sent to (#259). */
async function isInvited(
  { database, clock }: SignInDeps,
  { invitation, email }: ReadRequest['body'],
): Promise<boolean> {
  if (typeof invitation !== 'string' || typeof email !== 'string') return false;
  return (await findInvitation(database, invitation, clock()))?.email === normalEmail(email);
}

let last: Promise<unknown> = Promise.resolve();

/** Within this process. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work, work);
  last = turn.catch(() => {});
  return turn;
}

const FIRST_ACCOUNT_LOCK = 4_207_002;

/**
 * Across processes: better-auth has a transaction of its own, so the lock is held by another one beside it, which does nothing else.
 * The embedded database has one process, and one connection, which must not wait for itself.
 */
const alone = <T>(database: Database, work: () => Promise<T>): Promise<T> =>
  database.kind === 'embedded'
    ? work()
    : transact(database, async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FIRST_ACCOUNT_LOCK})`;
        return work();
      });
