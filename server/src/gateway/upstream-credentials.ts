/** What an upstream is shown of a connection's credentials, and what else it can be shown when it refuses them. */
import type { Upstream } from '../core/grants/live.ts';
import type { Credential } from '../core/providers/credential.ts';
import type { Plane } from './plane.ts';
import type { Header } from './request-headers.ts';

export type UpstreamCredentials = {
  headers: readonly Header[];
  /** Others to try, once; null where there are none. @throws Unavailable */
  renew?: () => Promise<readonly Header[] | null>;
};

const NONE: UpstreamCredentials = { headers: [] };

/**
 * The credentials of a living grant's own user, never of anyone else (SECURITY #233). Null where that user has to sign in at the
 * provider again. @throws Unavailable, SealBroken
 */
export async function takeCredentials(
  { staticHeaders, credentials }: Plane,
  upstream: Upstream,
): Promise<UpstreamCredentials | null> {
  const { authMode, secretId, secretVersion, providerGrantId, providerGrantVersion } = upstream;
  if (authMode === 'none') return NONE;
  if (authMode === 'static_headers') {
    return secretId === null || secretVersion === null
      ? NONE
      : { headers: await staticHeaders(secretId, secretVersion) };
  }
  if (providerGrantId === null || providerGrantVersion === null) return null;
  const taken = await credentials.take(providerGrantId, providerGrantVersion);
  if (taken === null) return null;
  return {
    headers: bearer(taken),
    renew: async () => {
      const renewed = await credentials.renew(providerGrantId, taken.version);
      return renewed === null || renewed === 'unhelpful' ? null : bearer(renewed);
    },
  };
}

const bearer = ({ accessToken }: Credential): Header[] => [{ name: 'authorization', value: `Bearer ${accessToken}` }];
