/** The introspection endpoint (RFC 7662): a confidential client asks about a token of its own, an API key about those for its owner's connections. */
import type { Context } from 'hono';
import { authenticateApiKey } from '../../core/people/api-key.ts';
import type { KeyHolder } from '../../core/people/viewer.ts';
import { OAUTH_CLIENT } from '../../core/tokens/access-token.ts';
import { verifyBearerToken } from '../../core/tokens/bearer-token.ts';
import { bearerOf } from '../../platform/http/bearer.ts';
import type { Fields } from '../../platform/http/form.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { hashSecret, looksLikeSecret, REFRESH_TOKEN } from '../../platform/secret.ts';
import { refuseBearer } from './bearer.ts';
import { authenticateClient } from './client-credentials.ts';
import { oauthError } from './oauth-error.ts';
import { bucketOf, tooMany } from './rate-limit.ts';
import type { OAuthServer } from './server.ts';
import { readTokenForm } from './token-form.ts';

/** Which tokens whoever asks may learn of: `clientId` is null for a token that no client was given. */
type MayLearn = (token: { clientId: string | null; connectionId: string }) => Promise<boolean>;

export const introspect =
  (server: OAuthServer) =>
  async (c: Context): Promise<Response> => {
    const form = await readTokenForm(c);
    if (!form.ok) return form.reason;
    const authorization = c.req.header('authorization');
    const asker = /^bearer\b/i.test(authorization ?? '')
      ? await loadKey(server, c, bearerOf(authorization))
      : await loadClient(server, c, form.value);
    if (!asker.ok) return asker.reason;
    const token = form.value.get('token');
    if (token === undefined) return oauthError(400, 'invalid_request', 'token is missing.');
    const told = looksLikeSecret(REFRESH_TOKEN, token)
      ? await tellOfRefreshToken(server, token, asker.value)
      : await tellOfBearerToken(server, token, asker.value);
    // RFC 7662 §2.2: of anything else, another's token included, nothing is told but this.
    return json(200, told ?? { active: false }, NO_STORE);
  };

async function loadClient(server: OAuthServer, c: Context, fields: Fields): Promise<Result<MayLearn, Response>> {
  const caller = await authenticateClient(server, c, fields);
  if (!caller.ok) return caller;
  const { client } = caller.value;
  // RFC 7662 §2.1: whoever asks must authenticate, and a public client cannot.
  if (client.tokenEndpointAuthMethod === 'none')
    return refused(oauthError(401, 'invalid_client', 'Only confidential clients may ask.'));
  return ok(async ({ clientId }) => clientId === client.clientId);
}

/** RFC 7662 §2.1 leaves open how one authenticates; a key is a bearer token of its own kind, and no other bearer token is one. */
async function loadKey(server: OAuthServer, c: Context, presented: string | null): Promise<Result<MayLearn, Response>> {
  const bucket = `api-key/${bucketOf(server, c)}`;
  const room = await server.limits.failure.look(bucket);
  if (!room.allowed) return refused(tooMany(room.retryAfter));
  const holder = presented === null ? null : await authenticateApiKey(server.database, presented, server.clock());
  if (holder === null) {
    await server.limits.failure.take(bucket);
    return refused(refuseBearer('invalid_token'));
  }
  if (!holder.apiKey.scopes.includes('tokens:introspect'))
    return refused(refuseBearer('insufficient_scope', 'tokens:introspect'));
  return ok(({ connectionId }) => ownsConnection(server, holder, connectionId));
}

/** Of an organization's key the owner is the organization, of another the person. */
const ownsConnection = async ({ database }: OAuthServer, { userId, onlyIn }: KeyHolder, id: string) =>
  (await database.db.connection.findFirst({
    where: { id, ...(onlyIn === null ? { ownerUserId: userId } : { ownerOrganizationId: onlyIn }) },
    select: { id: true },
  })) !== null;

type Told = Record<string, unknown> | null;

/** The rows are asked each time: a revocation is told at once (SECURITY #139). */
async function tellOfBearerToken(server: OAuthServer, token: string, mayLearn: MayLearn): Promise<Told> {
  const { keyring, config, clock } = server;
  const claims = await verifyBearerToken({ keyring, issuer: config.url, now: clock() }, token);
  if (claims === null) return null;
  const clientId = claims.source === OAUTH_CLIENT ? claims.clientId : null;
  if (!(await mayLearn({ clientId, connectionId: claims.connectionId })) || !(await server.live(claims)).live)
    return null;
  return {
    active: true,
    token_type: 'Bearer',
    ...(clientId === null ? {} : { client_id: clientId }),
    scope: claims.scopes.join(' '),
    sub: claims.userId,
    aud: claims.audience,
    iss: config.url,
    exp: claims.expiresAt,
    jti: claims.tokenId,
    token_source: claims.source,
  };
}

async function tellOfRefreshToken(server: OAuthServer, token: string, mayLearn: MayLearn): Promise<Told> {
  const row = await server.database.db.refreshToken.findUnique({
    where: { tokenHash: hashSecret(token) },
    include: { family: { include: { grant: { include: { client: { select: { clientId: true } } } } } } },
  });
  if (!row || row.rotatedAt !== null || row.revokedAt !== null || row.expiresAt <= server.clock()) return null;
  const { grant } = row.family;
  const { clientId } = grant.client;
  const origin = { ...grant, source: OAUTH_CLIENT, grantId: grant.id, familyId: row.familyId, clientId } as const;
  if (!(await mayLearn(origin)) || !(await server.live(origin)).live) return null;
  return {
    active: true,
    client_id: clientId,
    scope: grant.scopes.join(' '),
    sub: grant.userId,
    iss: server.config.url,
    exp: Math.floor(row.expiresAt.getTime() / 1000),
  };
}
