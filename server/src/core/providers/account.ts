/** Which upstream account a sign-in is: in the provider's own words, for the person to recognize, and for us, to tell it from others. */
import * as oauth from 'oauth4webapi';
import { hashSecret } from '../../platform/secret.ts';
import { type ProviderDeps, requestOptions } from './deps.ts';
import type { Exchanged } from './exchange.ts';
import type { Provider } from './provider.ts';

const MAX_LENGTH = 200;

export type ProviderAccount = {
  /** To be shown. Two accounts may have one name. */
  name: string | null;
  /** A digest of what the provider never gives to another account (OpenID Connect Core §2, `sub`). */
  subject: string | null;
};

/** From the ID token where it names the person, else from userinfo where there is one; nulls where neither does. Never fails. */
export async function accountOf(deps: ProviderDeps, provider: Provider, tokens: Exchanged): Promise<ProviderAccount> {
  const { idToken } = tokens;
  const named = idToken && nameIn(idToken);
  const asked = named ? null : await userInfo(deps, provider, tokens);
  const sub = idToken?.sub ?? asked?.sub;
  const name = named ?? (asked && nameIn(asked)) ?? textOf(sub);
  return { name, subject: sub === undefined ? null : hashSecret(sub) };
}

async function userInfo(deps: ProviderDeps, { server, client }: Provider, tokens: Exchanged) {
  if (server.userinfo_endpoint === undefined) return null;
  try {
    const response = await oauth.userInfoRequest(server, client, tokens.accessToken, requestOptions(deps));
    const subject = tokens.idToken?.sub ?? oauth.skipSubjectCheck;
    return await oauth.processUserInfoResponse(server, client, subject, response);
  } catch {
    // It may be refused, because the token is for the MCP server. The sign-in itself is good.
    return null;
  }
}

const nameIn = (claims: Record<string, unknown>): string | null =>
  textOf(claims.email) ?? textOf(claims.preferred_username) ?? textOf(claims.name);

function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  return text === '' ? null : text.slice(0, MAX_LENGTH);
}
