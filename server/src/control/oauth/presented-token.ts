/** Finding what a presented token belongs to, of whichever kind it is: a `token_type_hint` is only a hint (RFC 7009 §2.1). */
import { verifyAccessToken } from '../../core/tokens/access-token.ts';
import { hashSecret, looksLikeSecret, REFRESH_TOKEN } from '../../platform/secret.ts';
import type { OAuthServer } from './server.ts';

/** The family of a token that this client was given. */
export type Family = { grantId: string; familyId: string };

/** The family behind a refresh token, rotated ones included, or an access token; null when it is not this client's, or is nothing. */
export async function findFamily(
  server: OAuthServer,
  token: string,
  client: { id: string; clientId: string },
): Promise<Family | null> {
  if (looksLikeSecret(REFRESH_TOKEN, token)) {
    const row = await server.database.db.refreshToken.findUnique({
      where: { tokenHash: hashSecret(token), family: { grant: { oauthClientId: client.id } } },
      select: { familyId: true, family: { select: { grantId: true } } },
    });
    return row && { grantId: row.family.grantId, familyId: row.familyId };
  }
  const claims = await verifyAccessToken(server.keyring, server.config.url, token, server.clock());
  return claims.ok && claims.value.clientId === client.clientId ? claims.value : null;
}
