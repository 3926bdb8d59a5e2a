/** What every act towards a provider is given, and how oauth4webapi is made to go through the guard. */
import * as oauth from 'oauth4webapi';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { type AllowList, readAllowList } from '../../platform/http/address-guard.ts';
import { type GuardedFetch, openGuardedDispatcher, openGuardedFetch } from '../../platform/http/guarded-fetch.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Log } from '../../platform/log.ts';

export type ProviderDeps = {
  database: Database;
  keyring: Keyring;
  clock: Clock;
  log: Log;
  /** `{base}`: where providers send people back to. */
  base: string;
  /** Whether providers may be told to fetch our client metadata document. */
  ownDocument: boolean;
  allow: AllowList;
  /** Guarded, bounded in size and time: the only way to a provider. */
  fetch: GuardedFetch;
};

type Given = Pick<ProviderDeps, 'database' | 'keyring' | 'clock' | 'log' | 'base' | 'ownDocument'> & {
  allowUpstreams: readonly string[];
};

/** Metadata with every scope spelt out is large; a token answer is not. One bound serves both (SECURITY #221). */
const LIMITS = { maxBytes: 262_144, deadlineMs: 10_000 };

/** Opens the way to providers. One per process and plane: it owns a pool of connections. */
export function openProviderDeps(given: Given): ProviderDeps {
  const { database, keyring, clock, log, base, ownDocument } = given;
  const allow = readAllowList(given.allowUpstreams);
  const fetch = openGuardedFetch(openGuardedDispatcher(allow), allow, LIMITS);
  return { database, keyring, clock, log, base, ownDocument, allow, fetch };
}

/**
 * The address of our own client metadata document, which is our client id wherever a provider takes such. One for all of them, so the
 * callback in it is the shared one: a document that listed the callbacks of all would let any of them ask for another's (SECURITY #216).
 */
export const documentUrl = (base: string): string => `${base}/client-metadata.json`;

/**
 * The options of every request that oauth4webapi makes. Plain http is left to the guard, which lets it through to hosts that the
 * operator opened and to no other; redirects come back as they are and are refused by the library.
 */
export const requestOptions = ({ fetch }: Pick<ProviderDeps, 'fetch'>) => ({
  [oauth.customFetch]: (url: string, init: { method: string; headers: Record<string, string>; body?: unknown }) =>
    fetch(url, {
      method: init.method,
      headers: init.headers,
      body: (init.body as string | URLSearchParams | null | undefined) ?? null,
    }),
  [oauth.allowInsecureRequests]: true,
});
