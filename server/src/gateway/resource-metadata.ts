/** Protected resource metadata (RFC 9728): which authorization server a connect resource takes tokens from. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { strangerWaits } from './authenticate.ts';
import { type Refusal, RUNTIME_SCOPE, refusal, tooMany, unavailable, unknownRoute } from './challenge.ts';
import { preflightHeaders } from './cross-origin.ts';
import type { Plane } from './plane.ts';
import { readMetadataTarget } from './routes.ts';

const wrongMethod = refusal(405, 'method_not_allowed', 'This takes GET.', ['allow', 'GET, HEAD, OPTIONS']);

/**
 * Answers a metadata request. Public and readable by any origin; the document depends on the path alone, never on headers (#7, #8).
 * Unknown, retired and deleted routes get one 404 (#3), and so does the root form: it would name "some" connection (#4), and
 * without it clients go on to the authorization server's own metadata. The connection's name stays out: it is not the public's.
 */
export async function answerMetadata(plane: Plane, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.method === 'OPTIONS') {
    res.writeHead(204, preflightHeaders('*', req.headers['access-control-request-headers'], 'GET')).end();
  } else if (req.method === 'GET' || req.method === 'HEAD') {
    respond(res, await read(plane, req));
  } else {
    respond(res, wrongMethod);
  }
}

async function read(plane: Plane, req: IncomingMessage): Promise<Refusal> {
  const target = readMetadataTarget(req.url ?? '');
  if (target === null) return unknownRoute;
  const wait = strangerWaits({ plane, req, socket: req.socket });
  if (wait !== null) return tooMany(wait);
  try {
    if ((await plane.findRoute(target.route)) === null) return unknownRoute;
  } catch (error) {
    plane.log.warn({ err: error }, 'a route could not be read');
    return unavailable();
  }
  return {
    status: 200,
    headers: ['cache-control', 'public, max-age=60'],
    body: JSON.stringify(documentOf(plane.base, target.path)),
  };
}

const documentOf = (base: string, path: string) => ({
  // The URL that the client called, in its canonical spelling; never the upstream's own (RFC 9728 §3.3, #2).
  resource: base + path,
  authorization_servers: [base],
  scopes_supported: [RUNTIME_SCOPE],
  bearer_methods_supported: ['header'],
});

function respond(res: ServerResponse, { status, headers = [], body }: Refusal): void {
  const cache = status === 200 ? [] : ['cache-control', 'no-store'];
  const own = [
    'content-type',
    'application/json',
    'access-control-allow-origin',
    '*',
    'x-content-type-options',
    'nosniff',
  ];
  res.writeHead(status, [...own, 'content-length', String(Buffer.byteLength(body)), ...cache, ...headers]);
  // Node leaves the body out for HEAD.
  res.end(body);
}
