/** The routes of sign-in under `/api`: what is not here does not exist, whatever better-auth could do. */
import { type Context, Hono } from 'hono';
import { record } from '../../core/audit/record.ts';
import { askToVerify, verifyEmail } from '../../core/people/email.ts';
import type { Viewer, ViewerOf } from '../../core/people/viewer.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { isCrossOrigin } from '../../platform/http/same-origin.ts';
import { transact } from '../../platform/transact.ts';
import { isTransient } from '../../platform/transient.ts';
import { signInWith } from './begin-session.ts';
import { verifyMail } from './mails.ts';
import { openSignInParts, type ReadRequest, readBody, type SignIn, type SignInDeps } from './open.ts';
import { changePassword, forgotPassword, setPassword } from './password.ts';
import { away, passwordsOff, refusal, signedOut, staleLink } from './refusal.ts';
import { leaveForProvider, returnFromProvider } from './sign-on.ts';
import { finishSignUp, signUp } from './sign-up.ts';
import { SSO_CALLBACK_PATH } from './sso.ts';

type Act = (signIn: SignIn, read: ReadRequest) => Promise<Response>;

export function openSignIn(deps: SignInDeps): { routes: Hono; viewerOf: ViewerOf } {
  const { config } = deps;
  const signIn = openSignInParts(deps);
  const { viewerOf } = signIn;
  const routes = new Hono();

  routes.get('/api/setup', async () => json(200, await setup(signIn), NO_STORE));

  // better-auth looks too, but only where there is a cookie; here it is for every request that changes something (#260).
  routes.post('/api/*', async (context, next) => {
    if (isCrossOrigin(context.req.raw.headers, [config.url, ...config.allowedOrigins])) {
      return refusal(403, 'CROSS_ORIGIN', 'This request came from another site.');
    }
    return next();
  });

  /** `strangers`: counted by network here; the others are counted by better-auth. */
  const post = (path: string, act: Act, strangers = false): void => {
    routes.post(path, async (context) => {
      const read = await readBody(context);
      if (read instanceof Response) return read;
      const tooMany = strangers ? await signIn.refuseNetwork(context) : null;
      return tooMany ?? act(signIn, read);
    });
  };
  const asPerson =
    (act: (signIn: SignIn, read: ReadRequest, viewer: Viewer) => Promise<Response>): Act =>
    async (parts, read) => {
      const viewer = await viewerOf(read.context.req.raw.headers);
      return viewer ? act(parts, read, viewer) : signedOut();
    };

  post('/api/auth/sign-up/email', signUp, true);
  post('/api/auth/sign-up/finish', finishSignUp, true);
  post('/api/auth/sign-in/email', async (parts, read) =>
    config.passwordSignIn
      ? signInWith(parts, read, { email: read.body.email, password: read.body.password })
      : passwordsOff(),
  );
  post('/api/auth/sign-in/sso', leaveForProvider);
  post('/api/auth/password/forgot', forgotPassword, true);
  post('/api/auth/password/reset', setPassword, true);
  post('/api/auth/password/change', asPerson(changePassword));
  post('/api/auth/email/verify', asPerson(confirmEmail), true);
  post('/api/auth/email/ask', asPerson(askForProof));

  routes.get(SSO_CALLBACK_PATH, async (context) => {
    // A browser that only looks ahead must not use up the code (field note C28).
    if (/\bprefetch\b/.test(context.req.header('sec-purpose') ?? '')) return new Response(null, { status: 204 });
    return returnFromProvider(signIn, context);
  });

  routes.post('/api/auth/sign-out', (context) => signOut(signIn, context));

  routes.get('/api/auth/get-session', async (context) => {
    const viewer = await viewerOf(context.req.raw.headers);
    if (!viewer) return json(200, null, NO_STORE);
    const { userId, sessionId, name, email, role } = viewer;
    return json(200, { user: { id: userId, name, email, role }, session: { id: sessionId } }, NO_STORE);
  });

  routes.all('/api/*', () => refusal(404, 'NOT_FOUND', 'There is nothing here.'));

  routes.onError((error) => {
    if (isTransient(error)) return away();
    deps.log.error({ err: error }, 'sign-in failed');
    return refusal(500, 'INTERNAL_SERVER_ERROR', 'Something went wrong here. Try again.');
  });
  return { routes, viewerOf };
}

/** What the sign-in page has to know before anybody is signed in. */
async function setup({ deps: { config, mailer }, hasAccounts }: SignIn) {
  const { signUp: mode, passwordSignIn, oidc } = config;
  const sso = oidc?.name ?? null;
  return { signUp: mode, hasAccounts: await hasAccounts(), passwordSignIn, sso, mail: mailer !== null };
}

async function signOut(signIn: SignIn, context: Context): Promise<Response> {
  const { database, clock } = signIn.deps;
  const viewer = await signIn.viewerOf(context.req.raw.headers);
  const { response, databaseAway } = await signIn.auth.answer(signIn.forward(context, '/api/auth/sign-out', {}));
  // better-auth ends only a session whose cookie it signed with today's key; ours ends whichever it is.
  if (response.ok && viewer) {
    await transact(database, async (tx) => {
      await tx.session.deleteMany({ where: { id: viewer.sessionId } });
      const { userId } = viewer;
      await record(tx, clock(), { kind: 'session.ended', actorUserId: userId, ownerUserId: userId });
    });
  }
  return databaseAway ? away() : response;
}

/** In the account's own session alone: else whoever made an account for somebody's address would have its owner confirm it by a click. */
async function confirmEmail({ deps }: SignIn, { body }: ReadRequest, { userId }: Viewer): Promise<Response> {
  const verified = await verifyEmail(deps.database, { token: body.token, userId }, deps.clock());
  return verified ? json(200, { next: 'start' }, NO_STORE) : staleLink();
}

async function askForProof({ deps, mayMail }: SignIn, _read: ReadRequest, viewer: Viewer): Promise<Response> {
  const { config, database, mailer, clock } = deps;
  if (!mailer) return refusal(403, 'NO_MAIL', 'This Grantway sends no mail.');
  if (!(await mayMail(viewer.email)))
    return refusal(429, 'TOO_MANY_ATTEMPTS', 'Enough mails went out. Look for the last one.');
  mailer.post(verifyMail(config.url, viewer.email, await askToVerify(database, viewer, clock())));
  return json(200, { next: 'mail' }, NO_STORE);
}
