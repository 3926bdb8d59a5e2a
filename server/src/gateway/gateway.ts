/** The gateway plane of one process: opens what requests share, hears of revocations, and ends it all. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import { openTracer } from '../core/authorizations/trace.ts';
import { findRoute, findRouteEver } from '../core/connections/resource.ts';
import { openStaticHeaders } from '../core/connections/secrets.ts';
import { type Announcement, hearRevocations } from '../core/grants/revoked.ts';
import type { EndStreams } from '../core/grants/streams.ts';
import { openUsageRecorder } from '../core/grants/usage.ts';
import { openCredentials } from '../core/providers/credential.ts';
import type { ProviderDeps } from '../core/providers/deps.ts';
import { openBearerCheck } from '../core/tokens/bearer-token.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { readAllowList } from '../platform/http/address-guard.ts';
import { addressBucket, clientAddress } from '../platform/http/client-address.ts';
import { openGuardedDispatcher } from '../platform/http/guarded-fetch.ts';
import type { Keyring } from '../platform/keys.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { openAccessLog } from './access-log.ts';
import { openAfterwards } from './afterwards.ts';
import { openCircuit } from './circuit.ts';
import { openCrossOrigin } from './cross-origin.ts';
import { openDispatchers } from './dispatchers.ts';
import { openFairness, openShares } from './fairness.ts';
import { openFirstCalls } from './first-calls.ts';
import { handle } from './handle.ts';
import { openMcpSessions } from './mcp-session.ts';
import type { Plane } from './plane.ts';
import { openRecheck } from './recheck.ts';
import { answerMetadata } from './resource-metadata.ts';
import { isMetadata } from './routes.ts';
import { openStreamAudit } from './stream-audit.ts';
import { Streams } from './streams.ts';
import { openTurns } from './turns.ts';
import { openUpstreamTargets } from './upstream-target.ts';
import { openVerifiedTokens } from './verified-tokens.ts';

export type GatewaySettings = {
  config: Config;
  database: Database;
  keyring: Keyring;
  log: Log;
  clock: Clock;
  providers: ProviderDeps;
  metrics: Metrics;
};

export type Gateway = {
  /** Answers a request whose target is this plane's (`matches` of routes.ts). Never throws. */
  handle: (req: IncomingMessage, res: ServerResponse) => void;
  /** Ends the streams of what was just revoked in this process, ahead of the announcement. */
  endStreams: EndStreams;
  /** Ends every event stream, so that a server that closes can finish; other requests go on to their own end. */
  endAllStreams: () => void;
  /** Ends what is left and writes what is noted. The database stays open. */
  close: () => Promise<void>;
};

/** Opens the plane. @throws Error with one sentence for a wrong `GRANTWAY_ALLOW_UPSTREAMS`. */
export function openGateway({ config, database, keyring, log, clock, providers, metrics }: GatewaySettings): Gateway {
  const allowed = readAllowList(config.allowUpstreams);
  const dispatchers = openDispatchers(() => openGuardedDispatcher(allowed));
  const audit = openStreamAudit(database, clock);
  const shares = openShares({ atOnce: config.share.requestsAtOnce, perMinute: config.share.requestsPerMinute });
  const streams = new Streams(audit.note, shares.restMs);
  const afterwards = openAfterwards();
  const isLive = openBearerCheck(database, afterwards.now);
  const logAccess = openAccessLog(log);
  const usage = openUsageRecorder(database);
  const tracer = openTracer({ database, keyring });
  const plane: Plane = {
    base: config.url,
    upstreamHeadersMs: config.lifetimes.upstreamHeaders * 1000,
    log,
    logAccess: (req, served) => afterwards.later(() => logAccess(req, served)),
    afterwards,
    traces: config.tracing !== null,
    crossOrigin: openCrossOrigin(config),
    verifyToken: openVerifiedTokens({ keyring, issuer: config.url, clock }),
    findRoute: (route) => findRoute(database, route),
    findRouteEver: (route) => findRouteEver(database, route),
    isLive,
    sessions: openMcpSessions(keyring),
    staticHeaders: openStaticHeaders({ database, keyring }),
    credentials: openCredentials(providers),
    upstreamTarget: openUpstreamTargets(),
    dispatchers,
    streams,
    shares,
    strangers: openFairness({ atOnce: Number.POSITIVE_INFINITY, perMinute: config.share.refusalsPerMinute }),
    circuit: openCircuit(),
    turns: openTurns(),
    metrics,
    usage,
    tracer,
    firstCalls: openFirstCalls(),
    bucketOf: (socket, { headers }) =>
      addressBucket(clientAddress(socket.remoteAddress, String(headers['x-forwarded-for'] ?? ''), config.trustProxy)),
  };
  metrics.openStreams(() => streams.size());
  const recheck = openRecheck(streams, isLive, log);
  const listening = hearRevocations(database, (announcement) => {
    metrics.ended(announcement.kind, announcement.kind === 'sweep' ? 1 : announcement.ids.length);
    hear(streams, announcement, recheck.sweep);
  }).catch((error: unknown) => {
    // The periodic look still ends what was revoked.
    log.error({ err: error }, 'revocations of other processes are not heard');
    return async () => {};
  });
  return {
    handle: (req, res) => {
      if (isMetadata(req.url ?? '')) void answerMetadata(plane, req, res);
      else handle(plane, req, res);
    },
    endStreams: (ended) => {
      streams.end(ended, 'revoked');
      return streams.claim(ended);
    },
    endAllStreams: () => {
      for (const stream of [...streams]) stream.leave();
    },
    close: async () => {
      recheck.close();
      await (await listening)();
      await dispatchers.destroy();
      afterwards.now();
      await audit.flush();
      await tracer.close();
      await usage.close();
    },
  };
}

function hear(streams: Streams, announcement: Announcement, sweep: () => Promise<void>): void {
  if (announcement.kind === 'grants') streams.end({ grantIds: announcement.ids }, 'revoked');
  else if (announcement.kind === 'families') streams.end({ grantIds: [], familyIds: announcement.ids }, 'revoked');
  else void sweep();
}
