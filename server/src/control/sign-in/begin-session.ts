/** A session begins: on the record, in the place of the one that this browser had, and with its token in the cookie alone. */
import { record } from '../../core/audit/record.ts';
import type { Viewer } from '../../core/people/viewer.ts';
import { transact } from '../../platform/transact.ts';
import type { AuthAnswer } from './auth.ts';
import type { ReadRequest, SignIn } from './open.ts';
import { away } from './refusal.ts';

/** Signs in with a password that was judged before, or is judged by better-auth now. */
export async function signInWith(
  signIn: SignIn,
  { context }: ReadRequest,
  { email, password }: { email: unknown; password: unknown },
): Promise<Response> {
  const { attempts, auth } = signIn;
  const tooMany = await attempts.refuse(email);
  if (tooMany) return tooMany;
  const before = await signIn.viewerOf(context.req.raw.headers);
  const answer = await auth.answer(signIn.forward(context, '/api/auth/sign-in/email', { email, password }));
  if (answer.databaseAway) return away();
  if (answer.response.status === 401 && (await attempts.noteWrong(email))) {
    signIn.behind(() => recordRefused(signIn, email));
  }
  if (!answer.response.ok) return answer.response;
  await begun(signIn, answer, 'password', before);
  return withoutToken(answer.response);
}

/**
 * Records the session, and ends the one that the same browser had (#250). Where that fails the answer with the new cookie is never sent,
 * so nobody holds the session. @throws Unavailable
 */
export async function begun(
  { deps }: SignIn,
  { sessionUserId, linkedUserId }: AuthAnswer,
  method: 'password' | 'sso',
  before: Viewer | null,
): Promise<void> {
  if (sessionUserId === null) return;
  const owner = { actorUserId: sessionUserId, ownerUserId: sessionUserId };
  await transact(deps.database, async (tx) => {
    if (linkedUserId) await record(tx, deps.clock(), { kind: 'account.linked', ...owner });
    await record(tx, deps.clock(), { kind: 'session.started', ...owner, detail: { method } });
    if (before) await tx.session.deleteMany({ where: { id: before.sessionId } });
  });
}

/** Only where the address is somebody's: it is theirs to know. */
async function recordRefused({ deps }: SignIn, email: unknown): Promise<void> {
  const user = await deps.database.db.user.findFirst({
    where: { email: String(email).trim().toLowerCase(), deletedAt: null },
    select: { id: true },
  });
  if (!user) return;
  await transact(deps.database, (tx) =>
    record(tx, deps.clock(), { kind: 'session.refused', outcome: 'denied', ownerUserId: user.id }),
  );
}

/** better-auth repeats the session's token in its answer, where a script could read it: it belongs to the HttpOnly cookie alone. */
export async function withoutToken(response: Response): Promise<Response> {
  const { token: _, ...rest } = (await response.json()) as Record<string, unknown>;
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.set('cache-control', 'no-store');
  return new Response(JSON.stringify({ ...rest, next: 'signed-in' }), { status: response.status, headers });
}
