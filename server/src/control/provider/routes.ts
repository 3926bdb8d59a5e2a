/** The browser side of sign-ins at providers: where its endpoints are mounted. */
import { Hono } from 'hono';
import { routePath } from 'hono/route';
import { CALLBACK_PATH } from '../../core/connections/callback-url.ts';
import { NO_STORE } from '../../platform/http/reply.ts';
import { requestIdToTell } from '../../platform/request-under-way.ts';
import { isTransient, Unavailable } from '../../platform/transient.ts';
import { type CallbackDeps, callback } from './callback.ts';
import { failedHere, gatewayAway } from './pages.ts';

const PATHS = [CALLBACK_PATH, `${CALLBACK_PATH}/:provider`];

/** All endpoints, with their full paths. */
export function providerRoutes(deps: CallbackDeps): Hono {
  const app = new Hono();
  for (const path of PATHS) {
    app.get(path, callback(deps));
    app.all(path, () => new Response(null, { status: 405, headers: { allow: 'GET', ...NO_STORE } }));
  }
  app.onError((error, c) => {
    const { log } = deps.providers;
    // The route as it was mounted: the query holds the code and the state.
    if (isTransient(error)) {
      log.warn({ err: error, route: routePath(c) }, 'temporarily unavailable');
      return gatewayAway(error instanceof Unavailable ? error.retryAfter : 2);
    }
    const requestId = requestIdToTell();
    log.error({ err: error, route: routePath(c), requestId }, 'a request failed');
    return failedHere(requestId);
  });
  return app;
}
