/** The introspection endpoint (RFC 7662): a confidential client asks about a token of its own. */
import type { Context } from 'hono';
import type { Client } from '../../core/clients/find.ts';
import { OAUTH_CLIENT, verifyAccessToken } from '../../core/tokens/access-token.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { hashSecret, looksLikeSecret, REFRESH_TOKEN } from '../../platform/secret.ts';
import { authenticateClient } from './client-credentials.ts';
import { oauthError } from './oauth-error.ts';
import type { OAuthServer } from './server.ts';
import { readTokenForm } from './token-form.ts';

export const introspect =
  (server: OAuthServer) =>
  async (c: Context): Promise<Response> => {
    const form = await readTokenForm(c);
    if (!form.ok) return form.reason;
    const caller = await authenticateClient(server, c, form.value);
    if (!caller.ok) return caller.reason;
    const { client } = caller.value;
    // RFC 7662 §2.1: whoever asks must authenticate, and a public client cannot.
    if (client.tokenEndpointAuthMethod === 'none')
      return oauthError(401, 'invalid_client', 'Only confidential clients may ask.');
    const token = form.value.get('token');
    if (token === undefined) return oauthError(400, 'invalid_request', 'token is missing.');
    const told = looksLikeSecret(REFRESH_TOKEN, token)
      ? await tellOfRefreshToken(server, token, client)
      : await tellOfAccessToken(server, token, client);
    // RFC 7662 §2.2: of anything else, another client's token included, nothing is told but this.
    return json(200, told ?? { active: false }, NO_STORE);
  };

type Told = Record<string, unknown> | null;

/** The rows are asked each time: a revocation is told at once (SECURITY #139). */
async function tellOfAccessToken(server: OAuthServer, token: string, client: Client): Promise<Told> {
  const verified = await verifyAccessToken(server.keyring, server.config.url, token, server.clock());
  if (!verified.ok || verified.value.clientId !== client.clientId) return null;
  const claims = verified.value;
  if (!(await server.live(claims)).live) return null;
  return {
    active: true,
    token_type: 'Bearer',
    client_id: claims.clientId,
    scope: claims.scopes.join(' '),
    sub: claims.userId,
    aud: claims.audience,
    iss: server.config.url,
    exp: claims.expiresAt,
    jti: claims.tokenId,
  };
}

async function tellOfRefreshToken(server: OAuthServer, token: string, client: Client): Promise<Told> {
  const row = await server.database.db.refreshToken.findUnique({
    where: { tokenHash: hashSecret(token), family: { grant: { oauthClientId: client.id } } },
    include: { family: { include: { grant: true } } },
  });
  if (!row || row.rotatedAt !== null || row.revokedAt !== null || row.expiresAt <= server.clock()) return null;
  const { grant } = row.family;
  const origin = {
    ...grant,
    source: OAUTH_CLIENT,
    grantId: grant.id,
    familyId: row.familyId,
    clientId: client.clientId,
  } as const;
  if (!(await server.live(origin)).live) return null;
  return {
    active: true,
    client_id: client.clientId,
    scope: grant.scopes.join(' '),
    sub: grant.userId,
    iss: server.config.url,
    exp: Math.floor(row.expiresAt.getTime() / 1000),
  };
}
