/** What of an upstream's answer reaches the client: an allow-list, and what Grantway adds. */
import type { IncomingHttpHeaders } from 'node:http';
import { nominatedByConnection } from './request-headers.ts';

/**
 * What passes. Everything else stays: `Set-Cookie`, `WWW-Authenticate`, `Location`, `Clear-Site-Data`, `Access-Control-*`,
 * `Content-Security-Policy`, `Strict-Transport-Security`, `Link`, `Refresh` would speak for our origin (SECURITY #199).
 */
const PASSES = new Set([
  'content-type',
  'content-length',
  // Untouched, like the body; the client said in Accept-Encoding what it reads.
  'content-encoding',
  'content-language',
  // How long to wait: the same for our client as for us.
  'retry-after',
  // Which methods a 405 does take: clients probe the GET stream so.
  'allow',
]);

/** Against an upstream that answers a browser with a page (#202). */
const HARDENING = ['x-content-type-options', 'nosniff', 'content-security-policy', "default-src 'none'; sandbox"];

const UNUSABLE = /[^\t\x20-\x7e]/;

export type ResponseHead = { headers: string[]; isEventStream: boolean; mcpSessionId: string | undefined };

/**
 * The headers of an answer as flat pairs; null when one that passes holds control or 8-bit characters, and for a body in a transfer
 * coding of its own (#203).
 * The session id is left to the caller, which hands out its own.
 */
export function readResponseHead(upstream: IncomingHttpHeaders, status: number): ResponseHead | null {
  const headers: string[] = [];
  // Still packed, and nobody would be told (RFC 9112 §6.1).
  const coding = upstream['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return null;
  const nominated = nominatedByConnection(upstream.connection);
  let isEventStream = false;
  let mcpSessionId: string | undefined;
  for (const name in upstream) {
    const isMcp = name.startsWith('mcp-');
    if ((!isMcp && !PASSES.has(name)) || nominated?.includes(name)) continue;
    // It has no body whatever it says, and whoever believed it would take the next answer for that (RFC 9110 §8.6).
    if (status === 204 && name === 'content-length') continue;
    const raw = upstream[name];
    const value = Array.isArray(raw) ? raw.join(', ') : (raw as string);
    if (UNUSABLE.test(value)) return null;
    if (name === 'mcp-session-id') {
      mcpSessionId = value;
      continue;
    }
    if (name === 'content-type') isEventStream = /^text\/event-stream\s*(;|$)/i.test(value);
    headers.push(name, value);
  }
  headers.push('cache-control', cachePolicy(upstream['cache-control']), ...HARDENING);
  // Buffering proxies in front of us would hold events back (#185).
  if (isEventStream) headers.push('x-accel-buffering', 'no');
  return { headers, isEventStream, mcpSessionId };
}

/** An answer belongs to one grant: no shared cache may keep it, whatever the upstream says (#207). */
function cachePolicy(upstream: string | undefined): string {
  if (upstream === undefined || /public|s-maxage/i.test(upstream) || UNUSABLE.test(upstream)) return 'no-store';
  return /no-store|private/i.test(upstream) ? upstream : `${upstream}, private`;
}
