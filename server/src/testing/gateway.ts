/** A real gateway on loopback with a real upstream behind it, and clients that speak HTTP as they like. */
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { readConfig } from '../config.ts';
import { connectUrl } from '../core/connections/resource.ts';
import { openProviderDeps } from '../core/providers/deps.ts';
import { mintAccessToken } from '../core/tokens/access-token.ts';
import { openGateway } from '../gateway/gateway.ts';
import { matches } from '../gateway/routes.ts';
import type { Database } from '../platform/database.ts';
import { type Keyring, newSealingJwk, newSigningJwk, readKeyring } from '../platform/keys.ts';
import { openMetrics } from '../platform/metrics.ts';
import { openTestDatabase } from './database.ts';
import { makeClient, makeConnection, makeUser, type SignIn, signIn } from './scene.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };
export type Call = {
  method?: string;
  /** The raw target; absent: the connection's. */
  target?: string;
  headers?: Record<string, string | string[] | undefined>;
  body?: string | Buffer;
};

/** What an upstream got. */
export type Got = { method: string; url: string; headers: IncomingHttpHeaders; body: string };
export type Upstream = {
  url: string;
  got: Got[];
  /** How it answers; by default it echoes what it got. */
  answer: (req: IncomingMessage, res: ServerResponse) => void;
  /** How many connections it has seen. */
  connections: number;
  close: () => Promise<void>;
};

/** An upstream that keeps what it gets. The body is read before `answer` runs only by the default one. */
export async function openUpstream(): Promise<Upstream> {
  const upstream: Upstream = { url: '', got: [], connections: 0, answer: echo, close: async () => {} };
  async function echo(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of req) body += chunk;
    const got = { method: req.method as string, url: req.url as string, headers: req.headers, body };
    upstream.got.push(got);
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(got));
  }
  const server = createServer((req, res) => upstream.answer(req, res));
  server.on('connection', () => upstream.connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  upstream.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return upstream;
}

export const newKeyring = async (): Promise<Keyring> =>
  readKeyring(JSON.stringify({ keys: [newSealingJwk(), await newSigningJwk('ES256')] }));

/** A gateway over `database`. `environment` is added to its settings. */
export async function startGateway(database: Database, environment: Record<string, string> = {}, keyring?: Keyring) {
  const keys = keyring ?? (await newKeyring());
  const server = createServer({ requestTimeout: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as AddressInfo).port;
  const config = readConfig({
    GRANTWAY_URL: `http://127.0.0.1:${port}`,
    GRANTWAY_ALLOW_UPSTREAMS: 'localhost,127.0.0.0/8',
    GRANTWAY_DATA: 'unused',
    ...environment,
  });
  const { log } = database;
  const clock = () => new Date();
  const { url: base, allowUpstreams } = config;
  const providers = openProviderDeps({ database, keyring: keys, log, clock, base, ownDocument: false, allowUpstreams });
  const gateway = openGateway({ config, database, keyring: keys, log, clock, providers, metrics: openMetrics() });
  server.on('request', (req, res) => (matches(req.url ?? '') ? gateway.handle(req, res) : res.writeHead(418).end()));
  return {
    port,
    config,
    keyring: keys,
    gateway,
    close: async () => {
      gateway.endAllStreams();
      server.closeAllConnections();
      server.close();
      await gateway.close();
    },
  };
}

export type Running = Awaited<ReturnType<typeof startGateway>>;

/** What most tests of the gateway begin with: a database of their own, a gateway over it, and an upstream. `environment` is added to its settings. */
export async function openScene(environment: Record<string, string> = {}) {
  const database = await openTestDatabase();
  const running = await startGateway(database, environment);
  const upstream = await openUpstream();
  return {
    database,
    running,
    upstream,
    close: async () => {
      await running.close();
      await upstream.close();
      await database.close();
    },
  };
}

export type Scene = Awaited<ReturnType<typeof openScene>>;

/** A user who signed a client in to a connection, with a token for `running`. */
export async function makeCaller(database: Database, running: Running, remoteUrl: string, over: Partial<SignIn> = {}) {
  const user = over.user ?? (await makeUser(database));
  const client = over.client ?? (await makeClient(database));
  const connection = over.connection ?? (await makeConnection(database, { userId: user.id }));
  await database.db.connection.update({ where: { id: connection.id }, data: { remoteUrl } });
  const signedIn = await signIn(database, { user, client, connection, ...over });
  const url = connectUrl(running.config.url, signedIn.grant.connectAddress);
  const claims = { ...signedIn.grant, familyId: signedIn.familyId, scopes: signedIn.scopes, audience: url };
  const mint = async (changes: Partial<typeof claims> = {}, lifetime = 900, at = new Date()): Promise<string> =>
    (await mintAccessToken(running.keyring, running.config.url, { ...claims, ...changes }, lifetime, at)).token;
  return { user, client, connection, ...signedIn, url, path: new URL(url).pathname, mint, token: await mint() };
}

export type Caller = Awaited<ReturnType<typeof makeCaller>>;

const agent = new Agent({ keepAlive: true });

/** One request as an MCP client makes it; `open` for one whose answer is read as it comes. */
export function call(
  running: Running,
  caller: Caller,
  { method = 'POST', target, headers = {}, body }: Call = {},
): Promise<Answer> {
  const { req, answered } = open(running, caller, { method, ...(target === undefined ? {} : { target }), headers });
  req.end(body ?? (method === 'POST' ? '{"jsonrpc":"2.0","id":1,"method":"ping"}' : undefined));
  return answered.then(async (res) => {
    let text = '';
    for await (const chunk of res) text += chunk;
    return { status: res.statusCode as number, headers: res.headers, body: text };
  });
}

/** Begins a request. The caller writes and ends `req`, and reads what `answered` resolves to. */
export function open(running: Running, caller: Caller, { method = 'POST', target = caller.path, headers = {} }: Call) {
  const given = { authorization: `Bearer ${caller.token}`, accept: 'application/json, text/event-stream', ...headers };
  const sent = Object.fromEntries(
    Object.entries<string | string[] | undefined>(given).filter(([, value]) => value !== '' && value !== undefined),
  );
  if (method === 'POST' && !('content-type' in sent)) sent['content-type'] = 'application/json';
  const req = request({ host: '127.0.0.1', port: running.port, path: target, method, headers: sent, agent });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    req.once('response', resolve);
    req.once('error', reject);
  });
  answered.catch(() => {});
  return { req, answered };
}

/** Sends `text` as it is. @returns all that came back until the other side closed. */
export function sendRaw(running: Running, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(running.port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.once('close', () => resolve(received));
    socket.once('error', reject);
  });
}

/** Waits until `holds`, at most a few seconds. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
