/** The upstream credential of a request: fresh, opened once per version, and the same for all that need it at that moment. */
import { after } from '../../platform/clock.ts';
import { Unavailable } from '../../platform/transient.ts';
import { unsealBundle } from './bundle.ts';
import type { ProviderDeps } from './deps.ts';
import { type RefreshOutcome, refreshGrant } from './refresh.ts';
import { wantScopes } from './step-up.ts';

export type Credential = { accessToken: string; version: number };

export type Credentials = {
  /**
   * The token to send under a provider grant, of which the live check told the version. Refreshed first where its time is over, and
   * meanwhile where it nearly is; null where the provider no longer accepts it.
   * @throws Unavailable when it cannot be had now, SealBroken when the keyring lacks its key
   */
  take: (providerGrantId: string, version: number) => Promise<Credential | null>;
  /**
   * Another token than the one of this version, which the upstream has just refused. `unhelpful`: that one was fresh, so that another
   * would be refused as well; null as for `take`. At most one request goes to the provider, and none within a minute of the last one.
   * @throws Unavailable
   */
  renew: (providerGrantId: string, version: number) => Promise<Credential | 'unhelpful' | null>;
  /** The upstream wants these scopes. @returns whether the person is asked for them now. @throws Unavailable */
  widen: (providerGrantId: string, scopes: readonly string[]) => Promise<boolean>;
};

type Opened = Credential & { refreshAt: Date | null; expiresAt: Date | null; since: Date; first: boolean };

const MAX_OPEN = 1_000;
/** A token is refreshed so long before its end, or at nine tenths of its life where that is short. */
const MARGIN_SECONDS = 60;
/** A token that is refused so soon after it was refreshed: the fault is not its age (SECURITY #201). */
const FRESH_SECONDS = 60;

/** Opens the credentials for one process. Holds at most a thousand tokens, in memory alone. */
export function openCredentials(deps: ProviderDeps): Credentials {
  const { clock } = deps;
  const opened = new Map<string, Promise<Opened>>();
  const running = new Map<string, Promise<RefreshOutcome>>();
  const renewing = new Map<string, Promise<Opened | 'unhelpful' | null>>();

  /** The version asked for, or a newer one that took its place since. */
  const open = (id: string, version: number): Promise<Opened> => {
    const key = `${id}/${version}`;
    const known = opened.get(key);
    if (known) return known;
    const loading = load(deps, id, version);
    opened.set(key, loading);
    loading.then(
      // A newer one than its key says is for this request alone: the next one is told the newer version.
      (found) => found.version !== version && opened.delete(key),
      () => opened.delete(key),
    );
    if (opened.size > MAX_OPEN) opened.delete(opened.keys().next().value as string);
    return loading;
  };

  const refresh = async (id: string, version: number): Promise<Opened | null> => {
    const key = `${id}/${version}`;
    const run = running.get(key) ?? refreshGrant(deps, id, version).finally(() => running.delete(key));
    running.set(key, run);
    if ((await run) === 'needs_sign_in') return null;
    opened.delete(key);
    return open(id, version + 1);
  };

  const renew = async (id: string, version: number): Promise<Opened | 'unhelpful' | null> => {
    const current = await load(deps, id, version);
    if (current.version > version) return current;
    if (!current.first && after(current.since, FRESH_SECONDS) > clock()) return 'unhelpful';
    return refresh(id, version);
  };

  return {
    take: async (id, version) => {
      const current = await open(id, version);
      const now = clock();
      if (current.refreshAt === null || current.refreshAt > now) return current;
      const successor = refresh(id, current.version);
      if (current.expiresAt === null || current.expiresAt <= now) return successor;
      // Not over yet: nobody waits for its successor, and none of them fails for want of one.
      successor.catch(() => {});
      return current;
    },
    renew: (id, version) => {
      const key = `${id}/${version}`;
      const run = renewing.get(key) ?? renew(id, version).finally(() => renewing.delete(key));
      renewing.set(key, run);
      return run;
    },
    widen: (providerGrantId, scopes) => wantScopes(deps.database, { providerGrantId, scopes }, clock()),
  };
}

/** @throws Unavailable when there is none any more: a sign-in ended or was replaced while the request was on its way */
async function load({ database, keyring }: ProviderDeps, id: string, version: number): Promise<Opened> {
  const row = await database.db.providerGrant
    .findFirst({ where: { id, version: { gte: version }, revokedAt: null } })
    .catch((error: unknown) => {
      throw new Unavailable(error);
    });
  if (!row) throw new Unavailable(new Error('a sign-in was replaced while a request was on its way'), 1);
  const { accessToken, refreshToken } = await unsealBundle(keyring, id, row.sealed);
  const { expiresAt, updatedAt: since } = row;
  const margin = expiresAt && Math.min(MARGIN_SECONDS, lifetime(since, expiresAt) / 10);
  // What cannot be refreshed is used to its very end.
  const refreshAt = expiresAt && (refreshToken === null ? expiresAt : after(expiresAt, -(margin ?? 0)));
  return { accessToken, version: row.version, refreshAt, expiresAt, since, first: row.version === 1 };
}

const lifetime = (from: Date, to: Date): number => Math.max(0, (to.getTime() - from.getTime()) / 1000);
