/** What an upstream is shown of a connection's credentials, and what else it can be shown when it refuses them. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Upstream } from '../core/grants/upstream.ts';
import { readChallenge } from '../core/providers/challenge.ts';
import type { Credential, Credentials } from '../core/providers/credential.ts';
import type { Plane } from './plane.ts';
import type { Header } from './request-headers.ts';

export type UpstreamCredentials = {
  headers: readonly Header[];
  /** What helps against a refusal of the upstream; undefined where nothing of ours would. */
  recover?: (status: number, headers: IncomingHttpHeaders) => Promise<Recovery> | undefined;
};

/** Other credentials to try, once; a sign-in that the person has to make; or nothing after all. */
export type Recovery = { headers: readonly Header[] } | 'sign_in' | null;

const NONE: UpstreamCredentials = { headers: [] };

/**
 * The credentials of a living grant's own user, never of anyone else (SECURITY #233). Null where that user has to sign in at the
 * provider again. @throws Unavailable, SealBroken
 */
export function takeCredentials(
  plane: Plane,
  upstream: Upstream,
): UpstreamCredentials | Promise<UpstreamCredentials | null> {
  return upstream.authMode === 'none' ? NONE : openCredentials(plane, upstream);
}

async function openCredentials(
  { staticHeaders, credentials }: Plane,
  upstream: Upstream,
): Promise<UpstreamCredentials | null> {
  const { authMode, secretId, secretVersion, providerGrantId, providerGrantVersion } = upstream;
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
    recover: (status, headers) => {
      if (status === 401) return renew(credentials, providerGrantId, taken.version);
      if (status === 403) return widen(credentials, providerGrantId, headers['www-authenticate']);
      return undefined;
    },
  };
}

async function renew(credentials: Credentials, id: string, version: number): Promise<Recovery> {
  const renewed = await credentials.renew(id, version);
  return renewed === null || renewed === 'unhelpful' ? null : { headers: bearer(renewed) };
}

/** RFC 6750 §3.1: a refusal that says which scopes would be enough. */
async function widen(credentials: Credentials, id: string, given: string | string[] | undefined): Promise<Recovery> {
  const headers = new Headers([given ?? []].flat().map((value): [string, string] => ['www-authenticate', value]));
  const challenge = await readChallenge(headers);
  if (challenge?.error !== 'insufficient_scope' || challenge.scopes === null) return null;
  return (await credentials.widen(id, challenge.scopes)) ? 'sign_in' : null;
}

const bearer = ({ accessToken }: Credential): Header[] => [{ name: 'authorization', value: `Bearer ${accessToken}` }];
