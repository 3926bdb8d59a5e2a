/** The public keys of clients that publish them at an address (`jwks_uri`): fetched seldom, by HTTP's rules, however many assertions come. */
import type { JSONWebKeySet } from 'jose';
import type { Clock } from '../../platform/clock.ts';
import type { GuardedFetch } from '../../platform/http/guarded-fetch.ts';
import { Unavailable } from '../../platform/transient.ts';
import { freshnessOf } from './read-document.ts';

/** A key set; null where the address has none that can be used. @throws Unavailable when it cannot be had now */
export type ClientKeys = (address: string, kid: string | undefined) => Promise<JSONWebKeySet | null>;

type Kept = {
  keys: JSONWebKeySet | null;
  fetchedAt: number;
  freshUntil: number /** Why there are none now. */;
  away?: unknown;
};

const MAX_KEPT = 500;
const MAX_KEYS = 20;
/** Not for a day, as a document: a key that its client takes away has to be dead within the hour. */
const MOST_SECONDS = 3_600;
/** An unknown key is looked for again, but no stranger makes us ask more often than this. */
const LOOK_AGAIN_MS = 30_000;
/** What is stale still serves while its host is away: an outage of theirs is no wrong signature. */
const GRACE_MS = 600_000;
const RETRY_SECONDS = 10;

/** Opens the look-up. Those that ask for one address at once share one fetch; the least recently fetched address is forgotten first. */
export function openClientKeys({ fetch, clock }: { fetch: GuardedFetch; clock: Clock }): ClientKeys {
  const kept = new Map<string, Kept>();
  const running = new Map<string, Promise<Kept>>();

  const renew = async (address: string): Promise<Kept> => {
    const before = kept.get(address);
    const renewed = await fetchKeys(fetch, address, clock().getTime()).catch((error: unknown): Kept => {
      const now = clock().getTime();
      return before && before.freshUntil + GRACE_MS > now
        ? { ...before, fetchedAt: now }
        : { keys: null, fetchedAt: now, freshUntil: 0, away: error };
    });
    kept.delete(address);
    kept.set(address, renewed);
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value as string);
    return renewed;
  };
  const renewOnce = (address: string): Promise<Kept> => {
    const under = running.get(address);
    if (under) return under;
    const run = renew(address).finally(() => running.delete(address));
    running.set(address, run);
    return run;
  };
  const find = async (address: string, kid: string | undefined): Promise<Kept> => {
    const now = clock().getTime();
    const known = kept.get(address);
    if (known && now - known.fetchedAt < (known.away ? RETRY_SECONDS * 1000 : LOOK_AGAIN_MS)) return known;
    return known && known.freshUntil > now && hasKey(known.keys, kid) ? known : renewOnce(address);
  };
  return async (address, kid) => {
    const { keys, away } = await find(address, kid);
    if (away) throw away;
    return keys;
  };
}

/** Whether a set can be asked for this key; an assertion that names none is tried with what is there. */
const hasKey = (set: JSONWebKeySet | null, kid: string | undefined): boolean =>
  set !== null && (kid === undefined || set.keys.some((key) => key.kid === kid));

async function fetchKeys(fetch: GuardedFetch, address: string, now: number): Promise<Kept> {
  const response = await fetch(address, { headers: new Headers({ accept: 'application/json' }) }).catch(
    (error: unknown) => {
      // Theirs to mend, and it will pass: a client that heard "invalid_client" would throw its tokens away.
      throw new Unavailable(error, RETRY_SECONDS);
    },
  );
  if (response.status >= 500 || response.status === 429) throw new Unavailable(undefined, RETRY_SECONDS);
  const set: unknown = response.status === 200 ? await response.json().catch(() => null) : null;
  const { keys } = (set ?? {}) as { keys?: unknown };
  const isSet = Array.isArray(keys) && keys.length <= MAX_KEYS;
  const seconds = Math.min(freshnessOf(response.headers.get('cache-control')), MOST_SECONDS);
  return { keys: isSet ? (set as JSONWebKeySet) : null, fetchedAt: now, freshUntil: now + seconds * 1000 };
}
