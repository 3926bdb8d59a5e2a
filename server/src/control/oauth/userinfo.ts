/** The userinfo endpoint (OpenID Connect Core §5.3): who gave a client access, where they let it know. */
import type { Context } from 'hono';
import { routeOfResource } from '../../core/connections/resource.ts';
import { PROFILE } from '../../core/grants/scopes.ts';
import { verifyBearerToken } from '../../core/tokens/bearer-token.ts';
import { bearerOf } from '../../platform/http/bearer.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { refuseBearer } from './bearer.ts';
import { methodNotAllowed } from './oauth-error.ts';
import type { OAuthServer } from './server.ts';

export const userinfo =
  (server: OAuthServer) =>
  async (c: Context): Promise<Response> => {
    if (!['GET', 'HEAD', 'POST'].includes(c.req.method)) return methodNotAllowed('GET, POST');
    const header = c.req.header('authorization');
    if (header === undefined) return refuseBearer(null);
    const token = bearerOf(header);
    if (token === null) return refuseBearer('invalid_token');
    const { keyring, config, clock } = server;
    const claims = await verifyBearerToken({ keyring, issuer: config.url, now: clock() }, token);
    if (claims === null) return refuseBearer('invalid_token');
    // Our own tokens are for connect resources alone; one for anything else is not ours to honour (SECURITY #140).
    const route = routeOfResource(config.url, claims.audience);
    const live = route && (await server.live(claims));
    if (!live?.live || live.routeKey !== route?.routeKey) return refuseBearer('invalid_token');
    if (!claims.scopes.includes(PROFILE)) return refuseBearer('insufficient_scope', PROFILE);
    const user = await server.database.db.user.findUnique({ where: { id: claims.userId } });
    if (!user) return refuseBearer('invalid_token');
    return json(
      200,
      { sub: user.id, name: user.name, email: user.email, email_verified: user.emailVerified },
      NO_STORE,
    );
  };
