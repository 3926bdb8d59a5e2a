/** Which web pages may call the gateway (CORS), and under which host names it answers: both before any credential is touched. */
import type { Config } from '../config.ts';

export type CrossOrigin = {
  /** Whether a request with this `Origin` may go on; a request without one may. */
  allows: (origin: string | undefined) => boolean;
  /** Whether this `Host` is ours: a page whose DNS name was turned to our address comes with its own (DNS rebinding, #179). */
  isOurHost: (host: string | undefined) => boolean;
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Our own origin and the configured ones; loopback's, with any port, where the gateway itself runs on loopback. */
export function openCrossOrigin(config: Pick<Config, 'url' | 'allowedOrigins'>): CrossOrigin {
  const base = new URL(config.url);
  const onLoopback = LOOPBACK.test(base.hostname);
  const origins = new Set([
    base.origin,
    ...config.allowedOrigins.map((origin) => origin.replace(/\/$/, '').toLowerCase()),
  ]);
  const port = base.port === '' ? '' : `:${base.port}`;
  const defaultPort = base.protocol === 'https:' ? ':443' : ':80';
  const hosts = new Set([base.host, ...(port === '' ? [base.hostname + defaultPort] : [])]);
  if (onLoopback) for (const name of ['localhost', '127.0.0.1', '[::1]']) hosts.add(name + port);
  return {
    allows: (origin) => origin === undefined || origins.has(origin) || (onLoopback && isLoopbackOrigin(origin)),
    isOurHost: (host) => host !== undefined && (hosts.has(host) || hosts.has(host.toLowerCase())),
  };
}

const isLoopbackOrigin = (origin: string): boolean => {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && LOOPBACK.test(url.hostname);
};

/** What a page's script may read of an answer (#180). No credentials: cookies mean nothing here. */
export const corsHeaders = (origin: string | undefined): string[] =>
  origin === undefined
    ? ['vary', 'origin']
    : ['access-control-allow-origin', origin, 'access-control-expose-headers', EXPOSED, 'vary', 'origin'];

const EXPOSED = 'WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After';
const ASKABLE =
  /^(authorization|content-type|accept|accept-language|last-event-id|traceparent|tracestate|mcp-[a-z0-9-]+)$/;

/** The answer to a preflight. Of the headers asked for, those that may be sent are named one by one: `Mcp-Param-*` has no list. */
export function preflightHeaders(origin: string, asked: string | undefined, methods: string): string[] {
  const names = (asked ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const allowed = names.filter((name) => ASKABLE.test(name)).slice(0, 64);
  return [
    'access-control-allow-origin',
    origin,
    'access-control-allow-methods',
    methods,
    'access-control-allow-headers',
    allowed.length > 0 ? allowed.join(', ') : 'authorization, content-type',
    'access-control-max-age',
    '600',
    'vary',
    'origin, access-control-request-headers',
  ];
}
