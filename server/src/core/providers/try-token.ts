/** The last look before a sign-in at a provider counts: whether the MCP server takes what its provider has just given (field note C31). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardedFetch } from '../../platform/http/guarded-fetch.ts';
import { auxiliaryOf } from '../connections/secrets.ts';
import type { ProviderDeps } from './deps.ts';
import type { PendingSignIn } from './pending.ts';
import { probeServer } from './probe.ts';

const DEADLINE_MS = 5_000;
/** Some servers hear of a token a moment after their provider gave it. */
const AGAIN_AFTER_MS = 1_000;

/**
 * Whether the server says, twice, that this access token is none for it. A server that cannot be reached, is no MCP server at this
 * address, or wants a wider scope for what was asked, does not say so: the sign-in is good as far as anybody can tell. Never throws
 * for the network. @throws whatever the database throws
 */
export async function refusesToken(
  deps: ProviderDeps,
  { connectionId, connectionVersion }: Pick<PendingSignIn, 'connectionId' | 'connectionVersion'>,
  accessToken: string,
): Promise<boolean> {
  // Of that version alone: another one may lead to another server, which this token is none of.
  const connection = await deps.database.db.connection.findUnique({
    where: { id: connectionId, version: connectionVersion },
    select: { remoteUrl: true, auxiliaryHeaders: true },
  });
  if (!connection) return false;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const own = [...auxiliaryOf(connection), { name: 'authorization', value: `Bearer ${accessToken}` }];
  const fetch: GuardedFetch = (url, init) =>
    deps.fetch(url, { ...init, headers: withHeaders(new Headers(init?.headers), own) });
  const refuses = async (): Promise<boolean> => {
    const probe = await probeServer(fetch, connection.remoteUrl, signal);
    return probe.ok && probe.value.kind === 'protected' && probe.value.challenge?.error !== 'insufficient_scope';
  };
  if (!(await refuses())) return false;
  await sleep(AGAIN_AFTER_MS);
  return refuses();
}

function withHeaders(headers: Headers, own: readonly { name: string; value: string }[]): Headers {
  for (const { name, value } of own) headers.set(name, value);
  return headers;
}
