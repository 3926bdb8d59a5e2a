/** Everything that the gateway plane holds open for the life of a process, handed to each request. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Tracer } from '../core/authorizations/trace.ts';
import type { ConnectRoute, FoundRoute } from '../core/connections/resource.ts';
import type { UsageRecorder } from '../core/grants/usage.ts';
import type { Credentials } from '../core/providers/credential.ts';
import type { BearerCheck } from '../core/tokens/bearer-token.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { AccessLog } from './access-log.ts';
import type { Afterwards } from './afterwards.ts';
import type { Circuit } from './circuit.ts';
import type { CrossOrigin } from './cross-origin.ts';
import type { Dispatchers } from './dispatchers.ts';
import type { Fairness, Shares } from './fairness.ts';
import type { FirstCalls } from './first-calls.ts';
import type { McpSessions } from './mcp-session.ts';
import type { Header } from './request-headers.ts';
import type { Streams } from './streams.ts';
import type { Turns } from './turns.ts';
import type { UpstreamTarget } from './upstream-target.ts';
import type { VerifyToken } from './verified-tokens.ts';

export type Plane = {
  /** `{base}`: the issuer. */
  base: string;
  /** How long an upstream may take to begin its answer. */
  upstreamHeadersMs: number;
  log: Log;
  logAccess: AccessLog;
  /** For what no answer waits for. */
  afterwards: Afterwards;
  /** Whether traces are recorded. */
  traces: boolean;
  crossOrigin: CrossOrigin;
  verifyToken: VerifyToken;
  findRoute: (route: ConnectRoute) => Promise<FoundRoute | null>;
  /** Also one that was rotated away, which takes no request. */
  findRouteEver: (route: ConnectRoute) => Promise<(FoundRoute & { retired: boolean }) | null>;
  isLive: BearerCheck;
  sessions: McpSessions;
  staticHeaders: (secretId: string, version: number) => Promise<Header[]>;
  credentials: Credentials;
  upstreamTarget: (remoteUrl: string, rest: string, query: string) => UpstreamTarget | null;
  dispatchers: Dispatchers;
  streams: Streams;
  shares: Shares;
  /** What a network address may take, of requests without a valid token. */
  strangers: Fairness;
  circuit: Circuit;
  turns: Turns;
  metrics: Metrics;
  usage: UsageRecorder;
  /** Notes what clients stumble over, and of what works only that it does after all. */
  tracer: Tracer;
  firstCalls: FirstCalls;
  /** What a limit by address counts a request to. */
  bucketOf: (socket: Socket, req: IncomingMessage) => string;
};
