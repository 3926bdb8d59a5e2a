/** Single sign-on by OpenID Connect: which provider, what is believed of its people, and what becomes of them here. */
import type { BetterAuthOptions } from 'better-auth';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';
import type { Config } from '../../config.ts';
import { readName } from '../../platform/shown-text.ts';
import type { SignUpRefusal } from './policy.ts';

/** The provider's name in `account` rows and in its callback's address. */
export const SSO_PROVIDER = 'oidc';
export const SSO_CALLBACK_PATH = `/api/auth/callback/${SSO_PROVIDER}`;

/**
 * better-auth's OpenID Connect client: discovery, PKCE, a state bound to the browser, `iss`, and an ID token whose signature, issuer,
 * audience, expiry and nonce are checked. A provider that is away at the start is looked for again at each sign-in. `onAddress` is told
 * whose sign-in it is before anything is decided.
 */
export const ssoPlugins = (oidc: Config['oidc'], onAddress: (email: string) => Promise<void>) =>
  oidc === null
    ? []
    : [
        genericOAuth({
          config: [
            {
              providerId: SSO_PROVIDER,
              name: oidc.name,
              discoveryUrl: `${oidc.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
              clientId: oidc.clientId,
              ...(oidc.clientSecret === undefined ? {} : { clientSecret: oidc.clientSecret }),
              scopes: [...oidc.scopes],
              pkce: true,
              requireIdTokenVerification: true,
              disableProviderLogout: true,
              mapProfileToUser: async (profile) => {
                await onAddress(String(profile.email ?? ''));
                return { name: nameOf(profile) };
              },
            },
          ],
        }),
      ];

/** What the provider calls them, where that is a name; else what their address begins with. */
function nameOf({ name, email }: { name?: unknown; email?: unknown }): string {
  for (const text of [name, String(email ?? '').split('@')[0]]) {
    const read = readName(typeof text === 'string' ? text : '', '');
    if (read.ok) return read.value;
  }
  return 'Unnamed';
}

type Judge = NonNullable<NonNullable<BetterAuthOptions['user']>['validateUserInfo']>;
type Identity = Parameters<Judge>[0];

/**
 * What is refused of an identity that a provider vouches for. A new account, and one that is connected, hang on the address, so the
 * provider has to say that it is verified; whoever comes again is known by the provider's own name for them.
 */
export function judgeIdentity(
  user: Identity['user'],
  { oauth, action }: Identity['source'],
  refusal: SignUpRefusal | undefined,
): ReturnType<Judge> {
  if (!oauth || action === 'sign-in') return;
  if (user.emailVerified !== true)
    return refuse('SSO_EMAIL_NOT_VERIFIED', 'The sign-on provider does not say that this address is verified.');
  if (action === 'create-user' && refusal) return refuse(refusal.code, refusal.message);
}

const refuse = (error: string, errorDescription: string) => ({ error, errorDescription });
