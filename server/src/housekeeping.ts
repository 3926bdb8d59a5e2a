/** What has to be done now and then, by any number of processes, while traffic runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.ts';
import { forgetEvents } from './core/audit/retention.ts';
import { forgetTraces } from './core/authorizations/forget-traces.ts';
import { sweepRequests } from './core/authorizations/sweep.ts';
import { sweepAssertions } from './core/clients/assertion.ts';
import { forgetWaitingHosts } from './core/clients/client-host.ts';
import { reapClients } from './core/clients/reap.ts';
import { expireGrants } from './core/grants/expire.ts';
import { sweepSessions } from './core/people/sweep.ts';
import type { ProviderDeps } from './core/providers/deps.ts';
import { revokeEnded } from './core/providers/outbox.ts';
import { sweepSignIns } from './core/providers/sweep.ts';
import { listRotated, sweepTokens } from './core/tokens/sweep.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/database.ts';
import type { Keyring } from './platform/keys.ts';
import type { Log } from './platform/log.ts';
import { resealRows } from './platform/reseal.ts';

const PERIOD_MS = 30_000;
// So long after the start of a process those of an older version are gone.
const REPLACED_MS = 600_000;

type Chores = Record<string, (now: Date) => Promise<number>>;

/** Does each chore every half minute, one after the other; a chore that fails is tried again at the next turn. */
export function openHousekeeping({
  config,
  database: { patient: db, ...rest },
  keyring,
  log,
  clock,
  providers,
}: {
  config: Config;
  database: Database;
  keyring: Keyring;
  log: Log;
  clock: Clock;
  providers: ProviderDeps;
}) {
  const { lifetimes } = config;
  // Nobody waits for a chore, and one over very many rows may take its time.
  const database = { ...rest, patient: db, db };
  const stopping = new AbortController();
  // A provider that says nothing must not hold up a process that ends: what is not done is done later.
  const untilStopped: ProviderDeps = {
    ...providers,
    fetch: (url, init) => providers.fetch(url, { ...init, signal: stopping.signal }),
  };
  const startedAt = clock().getTime();
  let areListed = false;
  const listOnce = async (now: Date): Promise<number> => {
    if (areListed || now.getTime() - startedAt < REPLACED_MS) return 0;
    const count = await listRotated(database);
    areListed = true;
    return count;
  };
  const chores: Chores = {
    expireGrants: (now) => expireGrants(database, now, lifetimes.grantIdle),
    listRotated: listOnce,
    sweepTokens: (now) => sweepTokens(database, now, lifetimes.replayWindow),
    sweepRequests: (now) => sweepRequests(database, now),
    sweepSignIns: (now) => sweepSignIns(database, now),
    revokeEnded: () => revokeEnded(untilStopped),
    reapClients: (now) => reapClients(database, now, lifetimes.unusedClient),
    forgetWaitingHosts: (now) => forgetWaitingHosts(database, now),
    sweepAssertions: (now) => sweepAssertions(database, now),
    resealRows: () => resealRows(database, keyring),
    forgetTraces: (now) => forgetTraces(database, now),
    sweepSessions: (now) => sweepSessions(database, now),
    forgetEvents: (now) => forgetEvents(database, now, lifetimes.auditDays),
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      // Not all processes at the same moment, although it would do no harm.
      await sleep(PERIOD_MS * (0.75 + Math.random() / 2), undefined, { signal: stopping.signal, ref: false }).catch(
        () => {},
      );
      for (const [name, chore] of Object.entries(chores)) {
        if (stopping.signal.aborted) break;
        await chore(clock()).then(
          (count) => count > 0 && log.info({ chore: name, count }, 'housekeeping'),
          (error: unknown) => log.warn({ err: error, chore: name }, 'housekeeping will be tried again'),
        );
      }
    }
  })();
  return {
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}
