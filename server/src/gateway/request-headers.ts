/** What of a client's headers is used here, what is passed on, and what goes upstream in the end. */
import type { IncomingMessage } from 'node:http';
import { Remembered } from '../platform/remembered.ts';
import { readTraceContext, traceHeaders } from '../platform/trace-context.ts';

/** The headers of one request, read in one pass. */
export type InboundHeaders = {
  /** The one `Authorization`; undefined for none, null for more than one. */
  authorization: string | null | undefined;
  mcpSessionId: string | undefined;
  /** What passes on, as flat name, value pairs in lower case. */
  forwarded: string[];
  /** Whether they name a trace, which `carriedTrace` reads. */
  isTraced: boolean;
  /** What is wrong with them, as a sentence. */
  problem: string | undefined;
};

/**
 * The allow-list towards upstreams; what is not here never passes: no `Authorization`, `Cookie`, `X-API-Key`, `Forwarded`, nor any
 * name that is thought of tomorrow (SECURITY #172). `one`: may be sent once only; `trace`: read before it
 * passes, because a trace that nobody can have begun is no reason to refuse a request.
 */
const PASSES: ReadonlyMap<string, 'one' | 'many' | 'trace'> = new Map([
  // Content negotiation: MCP clients must name JSON and SSE (MCP streamable HTTP, "Sending Messages").
  ['accept', 'many'],
  ['accept-language', 'many'],
  // The answer's encoding goes through untouched, so the client says what it can read.
  ['accept-encoding', 'many'],
  // What the body is. Its length is said by whoever frames it.
  ['content-type', 'one'],
  ['content-encoding', 'one'],
  // Where a broken stream goes on; without a valid session there is none to go on with (#190).
  ['last-event-id', 'one'],
  // Firewalls in front of upstreams refuse requests without one, and upstreams tell clients apart by it.
  ['user-agent', 'one'],
  // Trace context (W3C): ids alone. Not `baggage`, which may hold what was meant for others.
  ['traceparent', 'trace'],
  ['tracestate', 'trace'],
]);

/** `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name`, `Mcp-Param-*` and what later revisions add: passed as they are (#176, #177). */
const isMcpHeader = (name: string): boolean => name.startsWith('mcp-');

/** What becomes of a header: `own` is for us alone, null passes nowhere. */
type Known = { sent: string; name: string; rule: 'own' | 'one' | 'many' | 'trace' | null };

// Clients send the same few names with every request: each is put in lower case and looked up once.
const known = new Remembered<Known>(500);
const KEPT_LENGTH = 64;
const OWN = new Set(['host', 'authorization', 'mcp-session-id']);
// And mostly in the same order: what the last request had in a place is looked at before a name is looked up.
const lastAt: (Known | undefined)[] = new Array(32);

function readName(sent: string, place: number): Known {
  const last = lastAt[place];
  if (last?.sent === sent) return last;
  const found = known.get(sent) ?? learnName(sent);
  if (place < lastAt.length) lastAt[place] = found;
  return found;
}

function learnName(sent: string): Known {
  const name = sent.toLowerCase();
  const passes = PASSES.get(name) ?? (isMcpHeader(name) ? 'one' : null);
  const read: Known = { sent, name, rule: OWN.has(name) ? 'own' : passes };
  if (sent.length <= KEPT_LENGTH) known.set(sent, read);
  return read;
}

/**
 * Reads the raw headers, since Node keeps the first `Authorization` and `Host` and joins the others. Does not check the credential,
 * nor whose session it is.
 */
export function readHeaders(req: IncomingMessage): InboundHeaders {
  const raw = req.rawHeaders;
  const inbound: InboundHeaders = {
    authorization: undefined,
    mcpSessionId: undefined,
    forwarded: [],
    isTraced: false,
    problem: undefined,
  };
  const nominated = nominatedByConnection(req.headers.connection);
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const { name, rule } = readName(raw[at] as string, at >> 1);
    if (rule === null) continue;
    const value = raw[at + 1] as string;
    if (rule === 'own') {
      if (name === 'host') hosts++;
      else if (name === 'authorization') inbound.authorization = inbound.authorization === undefined ? value : null;
      else {
        if (inbound.mcpSessionId !== undefined) inbound.problem = 'Mcp-Session-Id was sent more than once.';
        inbound.mcpSessionId = value;
      }
      continue;
    }
    if (nominated?.includes(name)) continue;
    if (rule === 'trace') {
      inbound.isTraced = true;
      continue;
    }
    if (rule === 'one' && isNamed(inbound.forwarded, name))
      inbound.problem = `The header ${name} was sent more than once.`;
    inbound.forwarded.push(name, value);
  }
  // RFC 9112 §3.2: exactly one, also from HTTP/1.0, because we answer under known names only.
  if (hosts !== 1) inbound.problem = 'Exactly one Host header is needed.';
  return inbound;
}

/** The trace that a client names, as it passes on; nothing where it is malformed. */
export function carriedTrace({ headers }: IncomingMessage): string[] {
  const named = readTraceContext(headers.traceparent, headers.tracestate);
  return named === null ? [] : traceHeaders(named);
}

const isNamed = (pairs: readonly string[], name: string): boolean => {
  for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === name) return true;
  return false;
};

/** Names that a sender declared to be for this hop alone (RFC 9110 §7.6.1); null for none. In lower case. */
export function nominatedByConnection(connection: string | undefined): string[] | null {
  if (connection === undefined || /^(keep-alive|close)$/i.test(connection)) return null;
  return connection
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
}

export type Header = { name: string; value: string };

// The proxy's own: a connection's settings must not reframe the message or send it to another virtual host.
const NEVER_SET = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'proxy-connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'http2-settings',
  'mcp-session-id',
]);

/**
 * The headers of the upstream request: the client's that pass, then the connection's own, which replace what the client sent under
 * the same name. Does not check values: the dispatcher throws for one that would break the message.
 */
export function upstreamHeaders(
  forwarded: readonly string[],
  auxiliary: readonly Header[],
  credentials: readonly Header[],
  mcpSessionId: string | undefined,
): string[] {
  const own = auxiliary.length + credentials.length === 0 ? null : new Set<string>();
  if (own) for (const { name } of [...auxiliary, ...credentials]) own.add(name.toLowerCase());
  const headers: string[] = [];
  for (let at = 0; at < forwarded.length; at += 2) {
    if (!own?.has(forwarded[at] as string)) headers.push(forwarded[at] as string, forwarded[at + 1] as string);
  }
  if (mcpSessionId !== undefined) headers.push('mcp-session-id', mcpSessionId);
  if (own) {
    const secret = new Set(credentials.map(({ name }) => name.toLowerCase()));
    for (const { name, value } of auxiliary) {
      const lower = name.toLowerCase();
      if (!NEVER_SET.has(lower) && !secret.has(lower)) headers.push(lower, value);
    }
    for (const { name, value } of credentials)
      if (!NEVER_SET.has(name.toLowerCase())) headers.push(name.toLowerCase(), value);
  }
  return headers;
}
