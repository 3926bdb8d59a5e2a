/** Speaks MCP to an upstream, to see that it answers and what it offers: what the Test button does. */
import { Client, type jsonSchemaValidator, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Dispatcher } from 'undici';
import { type AllowList, isAddress, plainHost } from '../../platform/http/address-guard.ts';
import { openStreamingFetch } from '../../platform/http/streaming-fetch.ts';
import { shownLine } from '../../platform/shown-text.ts';
import type { Header } from './header.ts';

/** Why an upstream could not be used. */
export type ContactProblem =
  | 'unknown_host'
  | 'address_refused'
  | 'refused_connection'
  | 'tls'
  | 'too_slow'
  | 'unauthorized'
  | 'redirects'
  | 'not_found'
  | 'server_error'
  | 'too_large'
  | 'not_mcp'
  | 'network';

export type Tool = { name: string; title: string | null; description: string | null; readOnly: boolean };

export type Contact = { ms: number } & (
  | { ok: true; protocolVersion: string; name: string | null; server: string | null; tools: Tool[]; more: boolean }
  | { ok: false; problem: ContactProblem; status: number | null }
);

export type ContactDeps = { dispatcher: Dispatcher; allow: AllowList };

const DEADLINE_MS = 10_000;
const MAX_BYTES = 2_097_152;
const MAX_TOOLS = 500;
const MAX_PAGES = 10;

/**
 * Connects as a client of either era does (`server/discover` of 2026-07-28 first, else `initialize` of 2025), lists the tools, and
 * hangs up: at most ten seconds and two mebibytes in all. What the upstream says is cut to what a page can show; no text of its
 * errors comes out. Does not check who asks, nor how often.
 */
export async function contactUpstream(
  { dispatcher, allow }: ContactDeps,
  remoteUrl: string,
  headers: readonly Header[],
): Promise<Contact> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const startedAt = performance.now();
  const seen: { status: number | null; fault: unknown } = { status: null, fault: null };
  const guarded = openStreamingFetch(dispatcher, allow, MAX_BYTES);
  const transport = new StreamableHTTPClientTransport(new URL(remoteUrl), {
    requestInit: { headers: headers.map(({ name, value }): [string, string] => [name, value]) },
    reconnectionOptions: { ...NO_RECONNECTION },
    fetch: async (input, init = {}) => {
      const signal = init.signal ? AbortSignal.any([deadline, init.signal]) : deadline;
      try {
        const answer = await guarded(input, { ...init, signal });
        // The stream that listens is an offer: not every upstream takes it.
        if (init.method !== 'GET') seen.status = answer.status;
        return answer;
      } catch (error) {
        if (init.method !== 'GET') seen.fault = error;
        throw error;
      }
    },
  });
  const client = new Client(WHO, { versionNegotiation: { mode: 'auto' }, jsonSchemaValidator: NO_VALIDATION });
  const elapsed = (): number => Math.round(performance.now() - startedAt);
  try {
    const options = { signal: deadline, timeout: DEADLINE_MS };
    await client.connect(transport, options);
    const ms = elapsed();
    const { tools, more } = await listTools(client, options);
    const server = client.getServerVersion();
    return {
      ok: true,
      ms,
      protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
      name: server ? shownLine(server.title ?? server.name, 80) || null : null,
      server: server ? shownLine(`${server.title ?? server.name} ${server.version}`, 100) : null,
      tools,
      more,
    };
  } catch (error) {
    const problem = problemOf(new URL(remoteUrl).hostname, seen, error, deadline.aborted);
    return { ok: false, ms: elapsed(), status: seen.status, problem };
  } finally {
    // An upstream's session is not left behind; that it cannot be ended is no failure of the test.
    await transport.terminateSession().catch(() => {});
    await client.close().catch(() => {});
  }
}

const WHO = { name: 'grantway', version: '1.0.0' };
const NO_RECONNECTION = {
  initialReconnectionDelay: 1,
  maxReconnectionDelay: 1,
  reconnectionDelayGrowFactor: 1,
  maxRetries: 0,
};
// Compiling a stranger's schemas is work that nobody needs here.
const NO_VALIDATION: jsonSchemaValidator = {
  getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
};

async function listTools(client: Client, options: { signal: AbortSignal; timeout: number }) {
  const tools: Tool[] = [];
  if (!client.getServerCapabilities()?.tools) return { tools, more: false };
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
    // A cursor, even an empty one, makes the library fetch one page instead of all.
    const listed = await client.request(
      { method: 'tools/list', params: cursor === undefined ? {} : { cursor } },
      options,
    );
    for (const { name, title, description, annotations } of listed.tools) {
      const label = title ?? annotations?.title;
      tools.push({
        name: shownLine(name, 128),
        title: shownLine(label ?? '', 128) || null,
        description: shownLine(description ?? '', 300) || null,
        readOnly: annotations?.readOnlyHint === true,
      });
    }
    cursor = listed.nextCursor;
    if (!cursor) break;
  }
  return { tools: tools.slice(0, MAX_TOOLS), more: cursor !== undefined || tools.length > MAX_TOOLS };
}

const NAME = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA']);
const SLOW = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const TLS = /^(CERT_|ERR_TLS|ERR_SSL|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;

function problemOf(
  host: string,
  { status, fault }: { status: number | null; fault: unknown },
  error: unknown,
  late: boolean,
): ContactProblem {
  const codes = [...codesOf(fault), ...codesOf(error)];
  // A name that does not exist and one that leads into a private network are told the same: else this would tell which names exist there.
  if (codes.includes('ADDRESS_REFUSED')) return isAddress(plainHost(host)) ? 'address_refused' : 'unknown_host';
  if (codes.some((code) => NAME.has(code))) return 'unknown_host';
  if (codes.some((code) => TLS.test(code))) return 'tls';
  if (late || codes.some((code) => SLOW.has(code))) return 'too_slow';
  if (codes.includes('ECONNREFUSED')) return 'refused_connection';
  if (messagesOf(error).some((message) => /larger than \d+ bytes/.test(message))) return 'too_large';
  if (fault !== null) return 'network';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status !== null && status >= 300 && status < 400) return 'redirects';
  if (status === 404 || status === 410) return 'not_found';
  if (status !== null && status >= 500) return 'server_error';
  return 'not_mcp';
}

/** Of an error and of what it wraps: a failure to connect to several addresses wraps one for each. */
function* causesOf(error: unknown, depth = 0): Generator<{ code?: unknown; message?: unknown }> {
  if (typeof error !== 'object' || error === null || depth > 5) return;
  yield error;
  for (const inner of (error as { errors?: unknown[] }).errors ?? []) yield* causesOf(inner, depth + 1);
  yield* causesOf((error as { cause?: unknown }).cause, depth + 1);
}
const codesOf = (error: unknown): string[] =>
  [...causesOf(error)].flatMap(({ code }) => (typeof code === 'string' ? code : []));
const messagesOf = (error: unknown): string[] =>
  [...causesOf(error)].flatMap(({ message }) => (typeof message === 'string' ? message : []));
