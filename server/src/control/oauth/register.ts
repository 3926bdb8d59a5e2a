/** The registration endpoint (RFC 7591), open to anyone, for the gateway or for one connect resource. */
import type { Context } from 'hono';
import { readMetadata } from '../../core/clients/metadata.ts';
import { registerClient } from '../../core/clients/register.ts';
import { findRoute } from '../../core/connections/resource.ts';
import { readJson } from '../../platform/http/json.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { bodyError, oauthError } from './oauth-error.ts';
import { bucketOf, tooMany } from './rate-limit.ts';
import { registrationBody } from './registration.ts';
import { routeOfPath } from './resource.ts';
import type { OAuthServer } from './server.ts';
import { tell } from './tell.ts';

export const MAX_METADATA_BYTES = 65_536;

export const register =
  (server: OAuthServer) =>
  async (c: Context): Promise<Response> => {
    // First of all, so that no probe is free: neither a malformed path nor a malformed body (SECURITY #19).
    const room = await server.limits.registration.take(bucketOf(server, c));
    if (!room.allowed) return tooMany(room.retryAfter);
    if (!(await isOpenTo(server, c.req.path))) return oauthError(404, 'invalid_target', 'There is no such resource.');
    const body = await readJson(c.req.raw, MAX_METADATA_BYTES);
    const said = (problem: string | null, clientId: string | null = null) =>
      tell(server, c, null, { step: 'registration', problem, clientId });
    if (!body.ok) {
      said('The registration cannot be read.');
      return bodyError(body.reason, 'application/json', 'invalid_client_metadata');
    }
    const metadata = readMetadata(body.value, server.config.url);
    if (!metadata.ok) {
      said(metadata.reason.description);
      return oauthError(400, metadata.reason.error, metadata.reason.description);
    }
    const { client, ...shown } = await registerClient(server.database, metadata.value, server.clock());
    said(null, client.clientId);
    return json(201, registrationBody(server.config.url, client, shown), NO_STORE);
  };

/** Whether the path names a live connect resource, or none. A client is no resource's own: consent binds it to one. */
async function isOpenTo(server: OAuthServer, path: string): Promise<boolean> {
  const route = routeOfPath(path);
  if (!route.ok) return false;
  return route.value === null || (await findRoute(server.database, route.value)) !== null;
}
