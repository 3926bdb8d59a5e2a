/** The way in for plain refreshes, past what all other requests go through: it would cost more than the refresh itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mediaType } from '../../platform/http/body.ts';
import { addressBucket, clientAddress } from '../../platform/http/client-address.ts';
import { FORM_TYPE, parseFields } from '../../platform/http/form.ts';
import { NO_STORE } from '../../platform/http/reply.ts';
import { beginServing } from '../../platform/http/served.ts';
import { OPEN_HEADERS } from './cors.ts';
import { refreshPlainly } from './refresh-plainly.ts';
import type { OAuthServer } from './server.ts';

/** A request whose body has been read, as @hono/node-server takes it. */
export type ReadRequest = IncomingMessage & {
  rawBody?: Buffer;
  /** By performance.now(), of a request that came by the door. */
  cameAt?: number;
};

/** Answers a plain refresh; false for every other request, which is then answered as if it had not come by here. */
export type RefreshDoor = (request: ReadRequest, response: ServerResponse) => Promise<boolean>;

// A refresh is a few hundred bytes; with a `resource` and a secret, not many more.
const MAX_BYTES = 8_192;
// A body comes with its headers or just after. Who sends slower is waited for elsewhere.
const PATIENCE_MS = 1_000;
const PATH = /^\/(?:token|oauth\/token(?:\/[\w/-]*)?)$/;
const HEADERS = Object.entries({ 'content-type': 'application/json', ...OPEN_HEADERS, ...NO_STORE }).flat();

/**
 * Opens it. Whoever hands a request on from here finds its body in `rawBody` where it has been read, and unread where not.
 * Does not refuse anything: that is the full way's.
 */
export function openRefreshDoor(server: OAuthServer): RefreshDoor {
  const { trustProxy } = server.config;
  return async (request, response) => {
    const path = request.url ?? '';
    const { headers } = request;
    const announced = Number(headers['content-length']);
    if (request.method !== 'POST' || !PATH.test(path) || !(announced > 0 && announced <= MAX_BYTES)) return false;
    if (mediaType(headers['content-type']) !== FORM_TYPE) return false;
    const body = await readAtOnce(request, announced);
    if (body === null) return false;
    request.rawBody = body;
    request.cameAt = performance.now();
    const text = body.toString('latin1');
    // What is not ASCII is read, or refused, with more care.
    const fields = /^[\x20-\x7e]*$/.test(text) ? parseFields(text) : null;
    if (!fields?.ok) return false;
    const { traceparent, tracestate } = headers as Record<string, string | undefined>;
    const serving = beginServing(server.log, { method: 'POST', traceparent, tracestate });
    const address = clientAddress(request.socket.remoteAddress, headers['x-forwarded-for']?.toString(), trustProxy);
    const tokens = await serving.during(() =>
      refreshPlainly(server, {
        fields: fields.value,
        authorization: headers.authorization,
        path,
        bucket: addressBucket(address),
      }),
    );
    if (tokens === null) return false;
    const answer = JSON.stringify(tokens);
    const own = ['content-length', String(Buffer.byteLength(answer)), 'x-request-id', serving.requestId];
    response.writeHead(200, [...HEADERS, ...own]).end(answer);
    serving.finish(path === '/token' ? path : '/oauth/token/*', 200);
    return true;
  };
}

/** A body of this length; null, with nothing taken, where it does not come soon. */
function readAtOnce(request: IncomingMessage, length: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const settle = (body: Buffer | null): void => {
      clearTimeout(timer);
      request.off('readable', look).off('close', giveUp);
      resolve(body);
    };
    // Gives nothing as long as it is not all there.
    const look = (): void => {
      const body = request.read(length) as Buffer | null;
      if (body !== null) settle(body);
    };
    const giveUp = (): void => settle(null);
    const timer = setTimeout(giveUp, PATIENCE_MS);
    request.on('readable', look).on('close', giveUp);
  });
}
