/** What a client gets at the token endpoint: an access token, and the refresh token that goes with it. */
import { connectUrl } from '../../core/connections/resource.ts';
import { mintAccessToken } from '../../core/tokens/access-token.ts';
import type { GrantOfToken } from '../../core/tokens/grant-of-token.ts';
import { about } from '../../platform/request-under-way.ts';
import type { OAuthServer } from './server.ts';

export type Tokens = {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope: string;
  refresh_token?: string;
};

/** A grant that was just found standing, and what was issued under it. */
export type Issued = { grant: GrantOfToken; familyId: string; refreshToken: string | null; scopes: string[] };

/** Signs the access token (OAuth 2.1 §3.2.3). */
export async function mint(server: OAuthServer, { grant, familyId, refreshToken, scopes }: Issued): Promise<Tokens> {
  const { config, keyring, clock } = server;
  about({ grantId: grant.grantId, signInId: familyId });
  const audience = connectUrl(config.url, grant.connectAddress);
  const access = await mintAccessToken(
    keyring,
    config.url,
    { ...grant, familyId, audience, scopes },
    config.lifetimes.accessToken,
    clock(),
  );
  return {
    access_token: access.token,
    token_type: 'Bearer',
    expires_in: access.expiresIn,
    scope: scopes.join(' '),
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
  };
}
