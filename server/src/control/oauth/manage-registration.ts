/** The client configuration endpoint (RFC 7592): a client reads, replaces or deletes its own registration. */
import type { Context } from 'hono';
import { changeClient } from '../../core/clients/change.ts';
import { deleteClient } from '../../core/clients/delete.ts';
import type { Client } from '../../core/clients/find.ts';
import { readMetadata } from '../../core/clients/metadata.ts';
import { bearerOf } from '../../platform/http/bearer.ts';
import { readJson } from '../../platform/http/json.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { hashSecret, looksLikeSecret, REGISTRATION_TOKEN, sameSecret } from '../../platform/secret.ts';
import { refuseBearer } from './bearer.ts';
import { bodyError, methodNotAllowed, oauthError } from './oauth-error.ts';
import { bucketOf, tooMany } from './rate-limit.ts';
import { MAX_METADATA_BYTES } from './register.ts';
import { registrationBody } from './registration.ts';
import type { OAuthServer } from './server.ts';

export const manageRegistration =
  (server: OAuthServer) =>
  async (c: Context): Promise<Response> => {
    const { method } = c.req;
    if (!['GET', 'HEAD', 'PUT', 'DELETE'].includes(method)) return methodNotAllowed('GET, PUT, DELETE');
    const owner = await loadOwner(server, c);
    if (!owner.ok) return owner.reason;
    const { client, registrationToken } = owner.value;
    const answer = (shown: Client): Response =>
      json(200, registrationBody(server.config.url, shown, { registrationToken, clientSecret: null }), NO_STORE);
    if (method === 'PUT') {
      const changed = await change(server, c, client);
      return changed.ok ? answer(changed.value) : changed.reason;
    }
    if (method !== 'DELETE') return answer(client);
    const { grantIds } = await deleteClient(server.database, client.id, { userId: null }, server.clock());
    server.endStreams({ grantIds });
    return new Response(null, { status: 204, headers: NO_STORE });
  };

type Owner = { client: Client; registrationToken: string };

/** The client of the path, when the bearer holds its registration token. An unknown client and a wrong token answer alike (RFC 7592 §2). */
async function loadOwner(server: OAuthServer, c: Context): Promise<Result<Owner, Response>> {
  const token = bearerOf(c.req.header('authorization'));
  if (token === null) return refuseStranger(server, c, null);
  if (!looksLikeSecret(REGISTRATION_TOKEN, token)) return refuseStranger(server, c, 'invalid_token');
  const client = await server.database.db.oAuthClient.findUnique({
    where: { registrationTokenHash: hashSecret(token), deletedAt: null },
  });
  if (!client || client.clientId !== c.req.path.split('/').at(-1)) return refuseStranger(server, c, 'invalid_token');
  return ok({ client, registrationToken: token });
}

/** Whoever owns nothing here probes, as with a registration that comes to nothing, and is counted with those (SECURITY #19). */
async function refuseStranger(
  server: OAuthServer,
  c: Context,
  error: 'invalid_token' | null,
): Promise<Result<never, Response>> {
  const room = await server.limits.registration.take(bucketOf(server, c));
  return refused(room.allowed ? refuseBearer(error) : tooMany(room.retryAfter));
}

// RFC 7592 §2.2: a client does not write these.
const SERVER_WRITTEN = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

async function change(server: OAuthServer, c: Context, client: Client): Promise<Result<Client, Response>> {
  const wrong = (description: string) => refused(oauthError(400, 'invalid_client_metadata', description));
  const body = await readJson(c.req.raw, MAX_METADATA_BYTES);
  if (!body.ok) return refused(bodyError(body.reason, 'application/json', 'invalid_client_metadata'));
  // All of it is read anew, however little of it changes (SECURITY #24).
  const metadata = readMetadata(body.value, server.config.url);
  if (!metadata.ok) return refused(oauthError(400, metadata.reason.error, metadata.reason.description));
  const said = body.value as Record<string, unknown>;
  const written = SERVER_WRITTEN.find((member) => Object.hasOwn(said, member));
  if (written !== undefined) return wrong(`${written} must not be sent.`);
  if (said.client_id !== client.clientId) return wrong('client_id must be that of the registration.');
  if (Object.hasOwn(said, 'client_secret') && !isSecretOf(client, said.client_secret))
    return wrong('client_secret cannot be chosen.');

  const changed = await changeClient(server.database, client.id, metadata.value, server.clock());
  if (changed.ok) {
    server.endStreams({ grantIds: changed.value.grantIds });
    return ok(changed.value.client);
  }
  switch (changed.reason) {
    case 'gone':
      return refused(refuseBearer('invalid_token'));
    case 'auth_method_fixed':
      return wrong('token_endpoint_auth_method cannot change: register a new client.');
  }
}

const isSecretOf = (client: Client, secret: unknown): boolean =>
  typeof secret === 'string' && client.secretHash !== null && sameSecret(hashSecret(secret), client.secretHash);
