/** An MCP request, from the raw target to the upstream: small steps, each of which may only end it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upstream } from '../core/grants/upstream.ts';
import type { BearerClaims } from '../core/tokens/bearer-token.ts';
import { Remembered } from '../platform/remembered.ts';
import { admit, identify, unread } from './authenticate.ts';
import { type Body, MAX_BODY_BYTES, takeBody, type Upload, uploadOf } from './body.ts';
import {
  badRequest,
  bodyTooLarge,
  foreignHost,
  foreignOrigin,
  invalidToken,
  type Refusal,
  refusal,
  unknownRoute,
  unknownSession,
} from './challenge.ts';
import { preflightHeaders } from './cross-origin.ts';
import { Exchange } from './exchange.ts';
import { explain } from './explain.ts';
import { forward } from './forward.ts';
import type { Plane } from './plane.ts';
import { carriedTrace, type Header, readHeaders, upstreamHeaders } from './request-headers.ts';
import { carriesToken, readTarget, type Target } from './routes.ts';
import { RequestSpans } from './spans.ts';
import { takeCredentials } from './upstream-credentials.ts';

const METHODS = 'GET, POST, DELETE';
const wrongMethod = refusal(405, 'method_not_allowed', `This takes ${METHODS}.`, ['allow', `${METHODS}, OPTIONS`]);

/** Answers a request to `/mcp-connect…`. Never throws. */
export function handle(plane: Plane, req: IncomingMessage, res: ServerResponse): void {
  const exchange = new Exchange(plane, req, res);
  if (plane.traces) exchange.spans = new RequestSpans(req);
  const target = targetOf(req.url ?? '');
  exchange.target = target;
  const refused = checkPlace(exchange);
  if (refused) exchange.refuse(refused);
  else if (req.method === 'OPTIONS') answerOptions(exchange);
  else if (target === null) exchange.refuse(unknownRoute);
  else if (exchange.spans) exchange.spans.around(() => begin(exchange, target));
  else begin(exchange, target);
}

const targets = new Remembered<Target>(2_000);
// A connect URL is shorter; longer ones are not worth keeping.
const KEPT_LENGTH = 300;

/** `readTarget`, once for each text: clients ask for the same few again and again. */
function targetOf(text: string): Target | null {
  const known = targets.get(text);
  if (known !== undefined) return known;
  const target = readTarget(text);
  if (target !== null && target.query === '' && text.length <= KEPT_LENGTH) targets.set(text, target);
  return target;
}

function begin(exchange: Exchange, target: Target): void {
  relay(exchange, target).catch((error: unknown) => exchange.fail(explain(exchange, error)));
}

/** Before any credential is touched: the page that calls, and the name under which it found us (#179). */
function checkPlace(exchange: Exchange): Refusal | null {
  const { origin, host } = exchange.req.headers;
  if (!exchange.plane.crossOrigin.allows(origin)) return foreignOrigin;
  if (!exchange.plane.crossOrigin.isOurHost(host)) return foreignHost;
  exchange.origin = origin;
  return null;
}

/** A preflight has no credentials, so it is answered for every path alike. */
function answerOptions({ req, origin, res }: Exchange): void {
  const headers =
    origin === undefined
      ? ['allow', `${METHODS}, OPTIONS`]
      : preflightHeaders(origin, req.headers['access-control-request-headers'], METHODS);
  res.writeHead(204, headers).end();
}

function checkForm(req: IncomingMessage, target: Target): Refusal | null {
  const { method, headers } = req;
  if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') return wrongMethod;
  // An offer of HTTP/2 in clear text may be ignored (RFC 9110 §7.8), and some clients always make it. Any other is meant.
  if (headers.upgrade !== undefined && headers.upgrade.toLowerCase() !== 'h2c')
    return badRequest('This does not upgrade connections.');
  if (carriesToken(target.query))
    return badRequest('An access token belongs in the Authorization header, not in the URL.');
  if (method === 'POST') return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES ? bodyTooLarge : null;
  const empty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  return empty ? null : badRequest(`A ${method} has no body here.`);
}

async function relay(exchange: Exchange, target: Target): Promise<void> {
  const { plane, req } = exchange;
  const refused = checkForm(req, target);
  if (refused) return exchange.refuse(refused);
  const inbound = readHeaders(req);
  if (inbound.problem !== undefined) return exchange.refuse(badRequest(inbound.problem));
  const body = takeBody(req);
  // All in one function, and a promise only where something is waited for: each costs as much as a step.
  let claims: BearerClaims;
  let upstream: Upstream;
  try {
    const identified = identify(exchange, target, inbound.authorization);
    const caller = identified instanceof Promise ? await identified : identified;
    if ('status' in caller) return exchange.refuse(caller);
    const askedAt = performance.now();
    exchange.spans?.checking();
    const answer = await plane.isLive(caller);
    exchange.checkedIn = performance.now() - askedAt;
    exchange.spans?.checked(answer.live);
    const admitted = admit(exchange, target, caller, answer);
    const way = admitted instanceof Promise ? await admitted : admitted;
    if ('status' in way) return exchange.refuse(way);
    claims = caller;
    upstream = way;
  } catch (error) {
    return exchange.refuse(unread(exchange, error));
  }

  const { mcpSessionId } = inbound;
  const upstreamId = mcpSessionId === undefined ? undefined : plane.sessions.unwrap(claims.instanceId, mcpSessionId);
  if (upstreamId === null) return exchange.refuse(unknownSession);
  const to = plane.upstreamTarget(upstream.remoteUrl, target.rest, target.query);
  if (to === null) return exchange.refuse(unknownRoute);

  // The client's own name for the trace, where nothing is recorded here.
  if (exchange.spans) inbound.forwarded.push(...exchange.spans.calling(req.method ?? '', to.origin));
  else if (inbound.isTraced) inbound.forwarded.push(...carriedTrace(req));
  // Where nothing has to be fetched, nothing is waited for.
  const taken = takeCredentials(plane, upstream);
  const credentials = taken instanceof Promise ? await taken : taken;
  // The provider no longer accepts the sign-in: the client's own way back leads through it (DESIGN §5).
  if (credentials === null) return exchange.refuse(invalidToken(plane.base, target.path));
  const headersWith = (own: readonly Header[]): string[] =>
    upstreamHeaders(inbound.forwarded, upstream.auxiliaryHeaders, own, upstreamId);
  const headers = headersWith(credentials.headers);
  const read = readBody(body, req, headers);
  const bytes = read instanceof Promise ? await read : read;
  // Revoked, or left by its client, while something above was waited for.
  if (exchange.over) return;
  forward(exchange, {
    to,
    headers,
    body: bytes,
    instanceId: claims.instanceId,
    connectionId: claims.connectionId,
    recover: credentials.recover,
    headersWith,
    session: mcpSessionId !== undefined && upstreamId !== undefined ? { given: mcpSessionId, upstreamId } : undefined,
  });
}

/** The body as the dispatcher takes it; its length, where the client said one, is said again so that the upstream is framed alike. */
function readBody(
  body: Body,
  req: IncomingMessage,
  headers: string[],
): Promise<Buffer | null> | Upload | Buffer | null {
  if (body.kind === 'kept') return body.bytes();
  if (body.kind === 'none') return null;
  if (body.length !== undefined) headers.push('content-length', String(body.length));
  return uploadOf(req);
}
