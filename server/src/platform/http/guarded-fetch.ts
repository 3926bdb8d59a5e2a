/** The guard around every outgoing request: what a socket may connect to is decided on the addresses actually dialled. */
import { lookup as resolveName } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { inClientSpan } from '../span.ts';
import { type AllowList, isAddress, isOpened, mayDial, ownAddresses, plainHost } from './address-guard.ts';
import { checkUpstreamUrl } from './upstream-url.ts';

const CONNECT_MS = 5_000;
// No more is read of an answer once so much waits for its client: as with TLS. More is garbage that lives long.
const AHEAD_BYTES = 16 * 1_024;

/** A host that may not be reached. Its text names no address: a probe must not learn what a name resolves to. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
  constructor() {
    super('the upstream resolves to an address that this gateway does not reach');
  }
}

/**
 * A dispatcher that connects to public addresses alone, and to what `allow` opens (SECURITY #31-33, #194).
 * All answers of the resolver are judged, and one that is refused refuses the name; the socket gets the judged answers, so no
 * second resolution can differ; the peer's address is judged again once connected. HTTP/1.1, one request per socket at a time,
 * so that nothing of one request can meet another's. Does not follow redirects, and retries nothing.
 */
export function openGuardedDispatcher(allow: AllowList, resolve: typeof resolveName = resolveName): Dispatcher {
  const may = (host: string, address: string) => mayDial(host, address, allow, ownAddresses);
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, answers) => {
      if (error) return callback(error, []);
      if (answers.length === 0 || !answers.every(({ address }) => may(hostname, address))) {
        return callback(new AddressRefused(), []);
      }
      if (options.all) return callback(null, answers);
      const [first] = answers as [(typeof answers)[number]];
      callback(null, first.address, first.family);
    });
  };
  // The types of undici leave the last one out, which it hands to the socket.
  const options = { allowH2: false, timeout: CONNECT_MS, lookup, highWaterMark: AHEAD_BYTES };
  const connect = buildConnector(options);
  return new Agent({
    allowH2: false,
    pipelining: 1,
    // A pooled socket outlives the answer that it was resolved from; this bounds by how much.
    keepAliveMaxTimeout: 60_000,
    connect: (options, callback) => {
      const host = plainHost(options.hostname);
      // undici and Node look up no name for a literal address, so `lookup` never sees one.
      if (isAddress(host) && !may(host, host)) return callback(new AddressRefused(), null);
      if (options.protocol !== 'https:' && !isOpened(host, allow)) return callback(new AddressRefused(), null);
      connect(options, (error, socket) => {
        if (error) return callback(error, null);
        if (!may(host, socket?.remoteAddress ?? '')) {
          socket?.destroy();
          return callback(new AddressRefused(), null);
        }
        callback(null, socket as NonNullable<typeof socket>);
      });
    },
  });
}

export type FetchLimits = { maxBytes: number; deadlineMs: number };

/** A small request's options; the part of fetch's that OAuth libraries use. */
export type GuardedInit = {
  method?: string;
  headers?: Headers | Record<string, string>;
  body?: string | Uint8Array | URLSearchParams | null;
  signal?: AbortSignal | null;
  /** Reading ends, and the connection with it, once this holds of the text so far: an event stream has no end of its own. */
  enough?: (text: string) => boolean;
};

/** So many pieces of an answer are looked at one by one; an honest one has said what it has to by then. */
const EAGER_LOOKS = 50;

export type GuardedFetch = (url: string | URL, init?: GuardedInit) => Promise<Response>;

/**
 * `fetch` for documents (metadata, tokens) behind the guard: the URL is judged as at save, the body is read whole up to `maxBytes`,
 * everything together within `deadlineMs`. A redirect is returned as it is, never followed.
 * @throws Error for a refused URL, a body too large, a deadline passed, or a network fault.
 */
export function openGuardedFetch(dispatcher: Dispatcher, allow: AllowList, limits: FetchLimits): GuardedFetch {
  return async (input, init = {}) => {
    const url = checkUpstreamUrl(String(input), allow);
    if (!url.ok) throw new Error(url.reason);
    const deadline = AbortSignal.timeout(limits.deadlineMs);
    const headers = new Headers(init.headers);
    if (init.body instanceof URLSearchParams && !headers.has('content-type')) {
      headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
    }
    // Else the peer may answer with a compressed body, which the limit on bytes would not bound.
    headers.set('accept-encoding', 'identity');
    const { hostname, origin } = url.value;
    const method = (init.method ?? 'GET') as Dispatcher.HttpMethod;
    const signal = init.signal ? AbortSignal.any([deadline, init.signal]) : deadline;
    const ask = () =>
      dispatcher.request({
        origin,
        path: url.value.pathname + url.value.search,
        method,
        headers: Object.fromEntries(headers),
        body: init.body instanceof URLSearchParams ? init.body.toString() : (init.body ?? null),
        signal,
      });
    // The host alone: paths and queries of providers may hold what is theirs. They get no trace of ours either.
    const answer = await inClientSpan(
      method,
      { 'http.request.method': method, 'server.address': hostname },
      async (span) => {
        const began = await withdrawn(signal, ask());
        span.setAttribute('http.response.status_code', began.statusCode);
        return began;
      },
    );
    const chunks: Uint8Array[] = [];
    let size = 0;
    let looks = 0;
    let lookAt = 0;
    for await (const chunk of answer.body) {
      size += chunk.length;
      if (size > limits.maxBytes) {
        answer.body.destroy();
        throw new Error(`the answer is larger than ${limits.maxBytes} bytes`);
      }
      chunks.push(chunk);
      if (!init.enough || size < lookAt) continue;
      const sofar = Buffer.concat(chunks);
      if (init.enough(sofar.toString())) {
        answer.body.destroy();
        break;
      }
      chunks.splice(0, chunks.length, sofar);
      // What drips byte by byte is read again only when it has grown: else its square of work would stand still for everyone (#291).
      if (++looks >= EAGER_LOOKS) lookAt = size + size / 8;
    }
    const received = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) {
      for (const one of [value ?? []].flat()) received.append(name, one);
    }
    const hasBody = ![204, 205, 304].includes(answer.statusCode);
    return new Response(hasBody ? Buffer.concat(chunks) : null, { status: answer.statusCode, headers: received });
  };
}

/** undici hears of an end only once it is connected: who waits for a resolver that says nothing is not made to wait for that (#288). */
function withdrawn<T>(signal: AbortSignal, asked: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
