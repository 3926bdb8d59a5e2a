/** The authorization server: where each of its endpoints is mounted. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { NO_STORE } from '../../platform/http/reply.ts';
import { requestIdToTell } from '../../platform/request-under-way.ts';
import { isTransient, Unavailable } from '../../platform/transient.ts';
import { authorize } from './authorize.ts';
import { failedPage, unavailablePage } from './authorize-page.ts';
import { openToAllOrigins } from './cors.ts';
import { introspect } from './introspect.ts';
import { jwks } from './jwks.ts';
import { manageRegistration } from './manage-registration.ts';
import { metadata } from './metadata.ts';
import { methodNotAllowed, thrownError } from './oauth-error.ts';
import { register } from './register.ts';
import { revoke } from './revoke.ts';
import type { OAuthServer } from './server.ts';
import { token } from './token.ts';
import { userinfo } from './userinfo.ts';

// `/*` stands for nothing too.
const WELL_KNOWN = ['/.well-known/oauth-authorization-server/*', '/.well-known/openid-configuration/*'];
// Clients that ignore metadata look at the root (field note E38).
const AUTHORIZE = ['/oauth/authorize/*', '/authorize'];
const TOKEN = ['/oauth/token/*', '/token'];
const REGISTER = ['/oauth/register', '/oauth/register/resource/*', '/register'];
const MANAGE = ['/oauth/register/:clientId'];
const REVOKE = ['/oauth/revoke'];
const INTROSPECT = ['/oauth/introspect'];
const USERINFO = ['/oauth/userinfo'];
const JWKS = ['/oauth/jwks.json'];

/** All endpoints, with their full paths. */
export function oauthRoutes(server: OAuthServer): Hono {
  const app = new Hono();
  const secret = [...TOKEN, ...REGISTER, ...MANAGE, ...REVOKE, ...INTROSPECT, ...USERINFO];
  for (const path of [...WELL_KNOWN, ...JWKS, ...secret]) app.use(path, openToAllOrigins);
  for (const path of secret) app.use(path, notStored);

  mount(app, 'GET', WELL_KNOWN, metadata(server));
  mount(app, 'GET', JWKS, jwks(server));
  mount(app, 'POST', REGISTER, register(server));
  mount(app, 'GET, POST', AUTHORIZE, authorize(server));
  // These judge the method themselves, so that its refusal too is made in one place.
  for (const [paths, handler] of [
    [MANAGE, manageRegistration(server)],
    [TOKEN, token(server)],
    [REVOKE, revoke(server)],
    [INTROSPECT, introspect(server)],
    [USERINFO, userinfo(server)],
  ] as const) {
    for (const path of paths) app.all(path, handler);
  }
  app.onError((error, c) => answerThrown(server, error, c));
  return app;
}

function mount(
  app: Hono,
  methods: string,
  paths: string[],
  handler: (c: Context) => Response | Promise<Response>,
): void {
  app.on(methods.split(', '), paths, handler);
  for (const path of paths) app.all(path, () => methodNotAllowed(methods));
}

/** Whatever is answered here, refused or thrown, scoped or not, stays out of every cache (RFC 6749 §5.1; the seed's review, second warning). */
const notStored: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(NO_STORE)) c.header(name, value);
};

/** People get a page, programs get JSON. The log gets the route as it was mounted: a path may end in a connection's key. */
function answerThrown({ log }: OAuthServer, error: Error, c: Context): Response {
  if (!/^(\/oauth)?\/authorize(\/|$)/.test(c.req.path)) return thrownError(log, error, routePath(c));
  if (isTransient(error)) {
    log.warn({ err: error, route: routePath(c) }, 'temporarily unavailable');
    return unavailablePage(error instanceof Unavailable ? error.retryAfter : 2);
  }
  const requestId = requestIdToTell();
  log.error({ err: error, route: routePath(c), requestId }, 'a request failed');
  return failedPage(requestId);
}
