/** Sign-in: the routes under `/api/auth`, what the sign-up page has to know, and who is signed in. */
import { type Context, Hono } from 'hono';
import type { Config } from '../../config.ts';
import type { ViewerOf } from '../../core/people/viewer.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { readJson } from '../../platform/http/json.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { isCrossOrigin } from '../../platform/http/same-origin.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Log } from '../../platform/log.ts';
import type { Mailer } from '../../platform/mail.ts';
import { isTransient } from '../../platform/transient.ts';
import { openAttempts } from './attempts.ts';
import { ADDRESS_HEADER, openAuth } from './auth.ts';
import { away, refusal } from './refusal.ts';
import { signUp } from './sign-up.ts';
import { openViewerOf } from './viewer.ts';

export type SignInDeps = {
  config: Config;
  database: Database;
  keyring: Keyring;
  log: Log;
  clock: Clock;
  mailer: Mailer | null;
  addressOf: (context: Context) => string;
};

const MAX_BODY = 16_384;

export function openSignIn(deps: SignInDeps): { routes: Hono; viewerOf: ViewerOf } {
  const { config, database } = deps;
  const viewerOf = openViewerOf({ database, clock: deps.clock, base: config.url });
  const auth = openAuth(deps);
  const attempts = openAttempts(database);
  const routes = new Hono();
  const hasAccounts = async (): Promise<boolean> =>
    (await database.db.user.findFirst({ select: { id: true } })) !== null;

  routes.get('/api/setup', async () =>
    json(200, { signUp: config.signUp, hasAccounts: await hasAccounts() }, NO_STORE),
  );

  // better-auth looks too, but only where there is a cookie; here it is for every request that changes something (#260).
  routes.post('/api/*', async (context, next) => {
    if (isCrossOrigin(context.req.raw.headers, [config.url, ...config.allowedOrigins])) {
      return refusal(403, 'CROSS_ORIGIN', 'This request came from another site.');
    }
    return next();
  });

  routes.post('/api/auth/sign-up/email', async (context) => {
    const request = await readable(deps, context);
    if (request instanceof Response) return request;
    const answer = await signUp(deps, auth, hasAccounts, request);
    return answer ? withoutToken(answer) : away();
  });

  routes.post('/api/auth/sign-in/email', async (context) => {
    const request = await readable(deps, context);
    if (request instanceof Response) return request;
    const tooMany = await attempts.refuse(request.body.email);
    if (tooMany) return tooMany;
    const { response, databaseAway } = await auth.answer(request.request, null);
    if (databaseAway) return away();
    if (response.status === 401) await attempts.noteWrong(request.body.email);
    return withoutToken(response);
  });

  routes.post('/api/auth/sign-out', async (context) => {
    const viewer = await viewerOf(context.req.raw.headers);
    const { response, databaseAway } = await auth.answer(withAddress(deps, context), null);
    // better-auth ends only a session whose cookie it signed with today's key; ours ends whichever it is.
    if (response.ok && viewer) await database.db.session.deleteMany({ where: { id: viewer.sessionId } });
    return databaseAway ? away() : response;
  });

  routes.get('/api/auth/get-session', async (context) => {
    const viewer = await viewerOf(context.req.raw.headers);
    if (!viewer) return json(200, null, NO_STORE);
    const { userId: id, sessionId, ...user } = viewer;
    return json(200, { user: { id, ...user }, session: { id: sessionId } }, NO_STORE);
  });

  // What better-auth could do besides is not offered here: those paths do not exist.
  routes.all('/api/*', () => refusal(404, 'NOT_FOUND', 'There is nothing here.'));

  routes.onError((error) => {
    if (isTransient(error)) return away();
    deps.log.error({ err: error }, 'sign-in failed');
    return refusal(500, 'INTERNAL_SERVER_ERROR', 'Something went wrong here. Try again.');
  });
  return { routes, viewerOf };
}

/** better-auth repeats the session's token in its answer, where a script could read it: it belongs to the HttpOnly cookie alone. */
async function withoutToken(response: Response): Promise<Response> {
  if (!response.ok) return response;
  const { token: _, ...rest } = (await response.json()) as Record<string, unknown>;
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.set('cache-control', 'no-store');
  return new Response(JSON.stringify(rest), { status: response.status, headers });
}

export type ReadRequest = { request: Request; body: Record<string, unknown> };

/** The request with its body read and judged, or the refusal: nothing large, and nothing but a JSON object, reaches better-auth. */
async function readable(deps: SignInDeps, context: Context): Promise<ReadRequest | Response> {
  const body = await readJson(context.req.raw, MAX_BODY);
  if (!body.ok) {
    if (body.reason === 'too_large') return refusal(413, 'BODY_TOO_LARGE', 'The request is too large.');
    if (body.reason === 'wrong_type') return refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON, as application/json.');
    return refusal(400, 'INVALID_BODY', 'The request is not readable JSON.');
  }
  if (typeof body.value !== 'object' || body.value === null || Array.isArray(body.value)) {
    return refusal(400, 'INVALID_BODY', 'The request is not a JSON object.');
  }
  const request = withAddress(deps, context, JSON.stringify(body.value));
  return { request, body: body.value as Record<string, unknown> };
}

/** The same request at our own URL, whatever `Host` said, with the client's address where better-auth looks for it. */
function withAddress({ config, addressOf }: SignInDeps, context: Context, body?: string): Request {
  const headers = new Headers(context.req.raw.headers);
  headers.delete('content-length');
  headers.set(ADDRESS_HEADER, addressOf(context));
  const { method, signal } = context.req.raw;
  return new Request(config.url + context.req.path, {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body }),
  });
}
