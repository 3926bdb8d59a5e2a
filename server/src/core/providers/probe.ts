/** A live look at an MCP server from outside, without any credential: is it one, and does it ask for sign-in? */
import type { GuardedFetch, GuardedInit } from '../../platform/http/guarded-fetch.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Challenge, readChallenge } from './challenge.ts';

export type Probe = { kind: 'open' } | { kind: 'protected'; challenge: Challenge | null };
export type ProbeRefusal = 'unreachable' | 'redirects' | 'not_mcp';

/**
 * Asks as clients of both eras do: first as 2025-11-25 (`initialize`), then, where that is not understood, as 2026-07-28. Some servers
 * let anyone initialize and ask for sign-in at the first list, so that is asked for too. A session that the server began is ended.
 * Does not judge the URL: the guarded fetch does.
 */
export async function probeServer(
  fetch: GuardedFetch,
  url: string,
  signal: AbortSignal,
): Promise<Result<Probe, ProbeRefusal>> {
  const first = await ask(fetch, url, signal, INITIALIZE, {});
  if (first.kind === 'refused') return refused(first.because);
  if (first.kind === 'protected') return ok(first);
  if (first.kind === 'message' && first.succeeded) {
    const session: Record<string, string> = first.session === null ? {} : { 'mcp-session-id': first.session };
    const list = await ask(fetch, url, signal, listOf({}), { 'mcp-protocol-version': LEGACY, ...session });
    if (first.session !== null) await end(fetch, url, signal, session);
    return ok(list.kind === 'protected' ? list : { kind: 'open' });
  }
  const modern = await ask(fetch, url, signal, listOf({ _meta: META }), {
    'mcp-protocol-version': MODERN,
    'mcp-method': 'tools/list',
  });
  if (modern.kind === 'protected') return ok(modern);
  if (modern.kind === 'message') return ok({ kind: 'open' });
  // An error in JSON-RPC is still an answer of an MCP server.
  if (first.kind === 'message') return ok({ kind: 'open' });
  return refused(modern.kind === 'refused' ? modern.because : 'not_mcp');
}

const [LEGACY, MODERN] = ['2025-11-25', '2026-07-28'];
const WHO = { name: 'grantway', version: '1.0.0' };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: LEGACY, capabilities: {}, clientInfo: WHO },
};
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': WHO,
  'io.modelcontextprotocol/clientCapabilities': {},
};
const listOf = (params: object) => ({ jsonrpc: '2.0', id: 2, method: 'tools/list', params });

type Answer =
  | { kind: 'protected'; challenge: Challenge | null }
  | { kind: 'message'; succeeded: boolean; session: string | null }
  | { kind: 'other' }
  | { kind: 'refused'; because: ProbeRefusal };

async function ask(
  fetch: GuardedFetch,
  url: string,
  signal: AbortSignal,
  message: object,
  headers: Record<string, string>,
): Promise<Answer> {
  const init: GuardedInit = {
    method: 'POST',
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(message),
    signal,
    enough: (text) => messageIn(text) !== null,
  };
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, init);
    text = await response.text();
  } catch {
    return { kind: 'refused', because: 'unreachable' };
  }
  const challenge = await readChallenge(response.headers);
  if (response.status === 401 || (response.status === 403 && challenge)) return { kind: 'protected', challenge };
  if (response.status >= 300 && response.status < 400) return { kind: 'refused', because: 'redirects' };
  const found = messageIn(text);
  if (found) {
    return { kind: 'message', succeeded: 'result' in found, session: response.headers.get('mcp-session-id') };
  }
  if (response.status >= 500 || response.status === 429) return { kind: 'refused', because: 'unreachable' };
  return { kind: 'other' };
}

/** The first whole JSON-RPC message in a body that is JSON, or an event stream. */
function messageIn(text: string): object | null {
  const candidates = [text, ...text.matchAll(/^data: ?(\{.*\})\r?$/gm)].map((found) =>
    typeof found === 'string' ? found : (found[1] as string),
  );
  for (const candidate of candidates) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (
        typeof value === 'object' &&
        value !== null &&
        'jsonrpc' in value &&
        ('result' in value || 'error' in value)
      ) {
        return value;
      }
    } catch {
      // Not whole yet, or no JSON at all.
    }
  }
  return null;
}

/** What we began only to look is not left behind. Whether the server heard is its own affair. */
async function end(
  fetch: GuardedFetch,
  url: string,
  signal: AbortSignal,
  session: Record<string, string>,
): Promise<void> {
  const headers = { 'mcp-protocol-version': LEGACY as string, ...session };
  await fetch(url, { method: 'DELETE', headers, signal }).catch(() => {});
}
