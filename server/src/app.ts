/** The composition root: one HTTP server, the planes that this process runs, and what they share. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import { routePath } from 'hono/route';
import type { Config } from './config.ts';
import { graphqlRoutes } from './control/graphql/routes.ts';
import { openRefreshDoor } from './control/oauth/refresh-door.ts';
import { oauthRoutes } from './control/oauth/routes.ts';
import { openOAuthServer } from './control/oauth/server.ts';
import { clientDocumentRoutes } from './control/provider/client-document.ts';
import { providerRoutes } from './control/provider/routes.ts';
import { openSignIn } from './control/sign-in/routes.ts';
import { siteRoutes } from './control/site/routes.ts';
import type { EndStreams } from './core/grants/streams.ts';
import { openProviderDeps, type ProviderDeps } from './core/providers/deps.ts';
import { openGateway } from './gateway/gateway.ts';
import { matches as isForGateway } from './gateway/routes.ts';
import { openHousekeeping } from './housekeeping.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/database.ts';
import { clientAddress } from './platform/http/client-address.ts';
import { capConnections } from './platform/http/connection-cap.ts';
import { openHealth } from './platform/http/health.ts';
import { served } from './platform/http/served.ts';
import type { Keyring } from './platform/keys.ts';
import type { Log } from './platform/log.ts';
import { type Mailer, openMailer } from './platform/mail.ts';
import { type Metrics, openMetrics } from './platform/metrics.ts';
import { sameSecret } from './platform/secret.ts';

export type AppSettings = { config: Config; database: Database; keyring: Keyring; log: Log; clock: Clock };

export type App = {
  server: Server;
  /** Stops taking requests, lets those under way finish for up to `graceMs`, ends streams, and flushes. The database stays open. */
  close: (graceMs: number) => Promise<void>;
};

/** Puts an app together. Does not listen: the caller says where. */
export async function openApp(settings: AppSettings): Promise<App> {
  const { config, database, keyring, log } = settings;
  const providers = openProviders(settings);
  const metrics = openMetrics();
  const gateway = config.planes.gateway ? openGateway({ ...settings, providers, metrics }) : null;
  const mailer = config.mail && config.planes.control ? openMailer(config.mail, log) : null;
  const control = config.planes.control
    ? openControl({ ...settings, mailer, providers, metrics }, gateway?.endStreams ?? (() => 0))
    : null;
  const housekeeping = config.planes.control ? openHousekeeping({ ...settings, providers }) : null;
  const health = openHealth(database, keyring);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.url ?? '';
    // Origin-form only (RFC 9112 §3.2): `new URL` would read `//host` and `http://host` as another server's.
    if (!target.startsWith('/') || target.startsWith('//'))
      return refuse(response, 400, 'The request target must be a path.');
    const healthy = await health.answer(target.split('?', 1)[0] as string);
    if (healthy) return respond(response, healthy.status, healthy.body);
    if (target === '/metrics' && mayReadMetrics(request, config.metricsToken))
      return respond(response, 200, await metrics.read(), metrics.contentType);
    if (control) return control.handle(request, response);
    refuse(response, 404, 'There is nothing here.');
  };
  let leaving = false;
  const { headers, request: whole } = config.lifetimes;
  const times = { headersTimeout: headers * 1_000, requestTimeout: whole * 1_000 };
  const server = createServer({ ...LIMITS, ...times }, (request, response) => {
    if (leaving) response.shouldKeepAlive = false;
    // For both planes. Node reads the line of any version and answers in its own: whoever means another one means another framing.
    if (request.httpVersionMajor !== 1) return refuse(response, 505, 'This speaks HTTP/1.1.', CLOSE);
    if (isFramedUnclearly(request)) return refuse(response, 400, 'The only transfer coding here is "chunked".', CLOSE);
    if (request.rawHeaders.length > MAX_HEADERS * 2)
      return refuse(response, 431, `At most ${MAX_HEADERS} headers, please.`);
    if (isForGateway(request.url ?? '')) {
      if (gateway) return gateway.handle(request, response);
      // Not left to the other plane, which would answer a client with a page for people.
      return refuse(response, 404, 'This process does not serve MCP traffic.');
    }
    answer(request, response).catch((error: unknown) => {
      log.error({ err: error }, 'a request failed');
      if (!response.headersSent) refuse(response, 500, 'Something went wrong here. Try again.');
      else response.destroy();
    });
  });
  // Node leaves out what is above that and says nothing: one more than we take, so that we see it.
  server.maxHeadersCount = MAX_HEADERS + 1;
  // Nobody's proxy (#164). Without this the connection would be cut without a word.
  server.on('connect', (_, socket) => socket.end(NO_TUNNELS));
  capConnections(server, config.share.connectionsPerAddress, config.trustProxy);
  const unused = watchUnused(server);
  return {
    server,
    close: async (graceMs) => {
      health.leave();
      // Whoever balances sees it, and clients that keep connections are told to open others.
      leaving = true;
      await sleep(config.lifetimes.drain * 1000);
      const streamsEnd = () => {
        gateway?.endAllStreams();
        return control?.endSubscriptions();
      };
      await drain(server, unused, streamsEnd, graceMs);
      await housekeeping?.close();
      await gateway?.close();
      await mailer?.close();
    },
  };
}

/** What a request may take beside the settings; an answer may take for ever, because a stream is one. */
const LIMITS = {
  maxHeaderSize: 16_384,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  // A client whose machine went to sleep says nothing; TCP finds out.
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
};
const MAX_HEADERS = 100;
const NO_TUNNELS = 'HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

type Control = {
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  endSubscriptions: () => Promise<void>;
};

const openProviders = ({ config, ...settings }: AppSettings): ProviderDeps =>
  openProviderDeps({
    ...settings,
    base: config.url,
    ownDocument: config.ownDocument,
    allowUpstreams: config.allowUpstreams,
  });

type ControlSettings = AppSettings & { mailer: Mailer | null; providers: ProviderDeps; metrics: Metrics };

function openControl(settings: ControlSettings, endStreams: EndStreams): Control {
  const { config, log } = settings;
  const addressOf = (context: Context): string =>
    clientAddress(getConnInfo(context).remote.address, context.req.header('x-forwarded-for'), config.trustProxy);
  const signIn = openSignIn({ ...settings, addressOf });
  const shared = { ...settings, addressOf, endStreams, viewerOf: signIn.viewerOf };
  const graphql = graphqlRoutes(shared);
  const oauth = openOAuthServer(shared);
  // Not strict: whoever writes a slash behind an endpoint means the endpoint.
  const app = new Hono({ strict: false });
  app.use(served(log));
  // Sign-in answers for the rest of `/api`.
  const doors = [
    oauthRoutes(oauth),
    providerRoutes(shared),
    clientDocumentRoutes(shared),
    graphql.routes,
    signIn.routes,
    siteRoutes({ config }),
  ];
  for (const routes of doors) app.route('/', routes);
  app.onError((error, context) => {
    // The route as it was mounted: a path may hold what only its caller may know.
    log.error({ err: error, route: routePath(context) }, 'a request failed');
    return context.json({ error: 'server_error', error_description: 'Something went wrong here. Try again.' }, 500);
  });
  const listen = getRequestListener(app.fetch, { overrideGlobalObjects: false }) as Control['handle'];
  const refreshes = openRefreshDoor(oauth);
  const handle: Control['handle'] = async (request, response) => {
    if (!(await refreshes(request, response))) await listen(request, response);
  };
  return { handle, endSubscriptions: graphql.close };
}

/** The connections that have not carried a request yet: browsers open some ahead, and Node does not count them as idle. */
function watchUnused(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  return unused;
}

async function drain(
  server: Server,
  unused: ReadonlySet<Socket>,
  endStreams: () => Promise<void> | undefined,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
  // Streams have no end of their own: their clients are told to come again, and other processes take them.
  await endStreams();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  await closed;
  clearTimeout(timer);
  clearInterval(idle);
}

/**
 * Node reads `gzip, chunked` and would hand on what is still packed as if it were not, and takes a coding from HTTP/1.0, which has none:
 * others on the way may frame both differently (RFC 9112 §6.1, #168).
 */
function isFramedUnclearly({ headers, httpVersionMinor }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding !== undefined && (httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked');
}

/** Figures of how much goes on here are not for everyone (#293): only a bearer of the operator's own token reads them. */
const mayReadMetrics = ({ headers }: IncomingMessage, token: string | undefined): boolean =>
  token !== undefined && sameSecret((headers.authorization ?? '').replace(/^bearer /i, 'Bearer '), `Bearer ${token}`);

function respond(response: ServerResponse, status: number, body: string, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function refuse(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: Record<string, string> = {},
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  respond(response, status, JSON.stringify({ error: sentence }));
}
const CLOSE = { connection: 'close' };
