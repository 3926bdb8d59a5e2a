/** What every endpoint of the authorization server is given. */
import type { Context } from 'hono';
import type { Config } from '../../config.ts';
import { openTracer, type Tracer } from '../../core/authorizations/trace.ts';
import { type ClientKeys, openClientKeys } from '../../core/clients/client-keys.ts';
import { type DocumentClients, openDocumentClients } from '../../core/clients/metadata-document.ts';
import type { EndStreams } from '../../core/grants/streams.ts';
import type { ViewerOf } from '../../core/people/viewer.ts';
import { type BearerCheck, openBearerCheck } from '../../core/tokens/bearer-token.ts';
import { openPlainRefresh, type RefreshPlainly } from '../../core/tokens/plain-refresh.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { readAllowList } from '../../platform/http/address-guard.ts';
import { openGuardedDispatcher, openGuardedFetch } from '../../platform/http/guarded-fetch.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { type Limits, openLimits } from './rate-limit.ts';

export type OAuthDeps = {
  config: Config;
  database: Database;
  keyring: Keyring;
  log: Log;
  clock: Clock;
  viewerOf: ViewerOf;
  addressOf: (context: Context) => string;
  endStreams: EndStreams;
  /** Absent where nobody counts. */
  metrics?: Metrics;
};

export type OAuthServer = OAuthDeps & {
  limits: Limits;
  live: BearerCheck;
  refreshPlainly: RefreshPlainly;
  /** Notes what clients stumble over. */
  tracer: Tracer;
  documents: DocumentClients;
  clientKeys: ClientKeys;
};

/** For documents and keys of clients. Draft §6.6 recommends 5 kB; real documents with keys are larger. */
const DOCUMENT_LIMITS = { maxBytes: 32_768, deadlineMs: 4_000 };

/** Completes what the composition root gives with what only these endpoints share. */
export function openOAuthServer(deps: OAuthDeps): OAuthServer {
  const { config, database, clock } = deps;
  const allow = readAllowList(config.allowUpstreams);
  const fetch = openGuardedFetch(openGuardedDispatcher(allow), allow, DOCUMENT_LIMITS);
  const limits = openLimits(database, config);
  return {
    ...deps,
    limits,
    live: openBearerCheck(database),
    refreshPlainly: openPlainRefresh(database, { ...config.lifetimes, failures: limits.failure }),
    tracer: openTracer(deps),
    documents: openDocumentClients({ database, fetch, own: config.url, trust: config.clientDocuments, clock }),
    clientKeys: openClientKeys({ fetch, clock }),
  };
}
