/** What travels between client and upstream, and what never does. */
import { once } from 'node:events';
import { createServer as createTcp } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionPage } from '../core/connections/resource.ts';
import { storeStaticHeaders } from '../core/connections/secrets.ts';
import type { Database } from '../platform/database.ts';
import { transact } from '../platform/transact.ts';
import {
  type Caller,
  call,
  makeCaller,
  open,
  openScene,
  type Running,
  type Scene,
  type Upstream,
  until,
} from '../testing/gateway.ts';

let scene: Scene;
let database: Database;
let running: Running;
let upstream: Upstream;
let caller: Caller;
let echo: Upstream['answer'];

beforeAll(async () => {
  scene = await openScene({ GRANTWAY_UPSTREAM_HEADERS_SECONDS: '1' });
  ({ database, running, upstream } = scene);
  echo = upstream.answer;
  caller = await makeCaller(database, running, upstream.url);
});
afterAll(() => scene.close());
beforeEach(() => {
  upstream.got.length = 0;
  upstream.answer = echo;
});

const answerWith = (status: number, headers: Record<string, string | string[]>, body = '{}') => {
  upstream.answer = (req, res) => {
    req.resume();
    res.writeHead(status, headers).end(body);
  };
};
const set = (data: object) => database.db.connection.update({ where: { id: caller.connection.id }, data });
const seal = (headers: { name: string; value: string }[]) =>
  transact(database, (tx) => storeStaticHeaders(tx, running.keyring, caller.connection.id, headers));

describe('towards the upstream', () => {
  it('#172 only listed headers pass: no credential of the client, no cookie, no forwarding header', async () => {
    const refused = {
      cookie: 'a=b',
      dpop: 'x',
      'x-api-key': 'x',
      'x-auth-token': 'x',
      'x-token-id': 'x',
      'proxy-authorization': 'x',
      forwarded: 'for=1',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil',
      'x-real-ip': '1.2.3.4',
      'x-custom': 'x',
      origin: running.config.url,
      referer: 'http://x',
      baggage: 'user=1',
      te: 'trailers',
      mcp_session_id: 'x',
      via: 'x',
      'x-http-method-override': 'DELETE',
    };
    const passed = {
      accept: 'application/json, text/event-stream',
      'accept-language': 'en',
      'accept-encoding': 'gzip',
      'content-type': 'application/json',
      'user-agent': 'test/1',
      'mcp-protocol-version': '2025-06-18',
      'mcp-method': 'tools/call',
      'mcp-name': 'echo',
      'mcp-param-x': 'y',
      'last-event-id': '7',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=b',
    };
    const answer = await call(running, caller, { headers: { ...refused, ...passed } });
    const { host, connection, 'content-length': length, ...headers } = JSON.parse(answer.body).headers;
    expect(headers).toEqual(passed);
    expect([host, connection, length]).toEqual([new URL(upstream.url).host, 'keep-alive', '40']);
    expect(JSON.stringify(answer)).not.toContain(caller.token);
  });

  it('a header that the upstream nominated for this hop does not pass either', async () => {
    upstream.answer = (req, res) => {
      req.resume();
      const headers = { connection: 'keep-alive, Mcp-Extra, Content-Language', 'mcp-extra': 'x', 'mcp-other': 'y' };
      res.writeHead(200, { ...headers, 'content-language': 'en', 'content-type': 'application/json' }).end('{}');
    };
    const { headers } = await call(running, caller);
    expect([headers['mcp-extra'], headers['content-language'], headers['mcp-other']]).toEqual([
      undefined,
      undefined,
      'y',
    ]);
  });

  it('a header that the client nominated for this hop does not pass (RFC 9110 §7.6.1)', async () => {
    const answer = await call(running, caller, {
      headers: { connection: 'keep-alive, mcp-name', 'mcp-name': 'x', 'mcp-method': 'y' },
    });
    expect(JSON.parse(answer.body).headers).toMatchObject({ 'mcp-method': 'y' });
    expect(JSON.parse(answer.body).headers['mcp-name']).toBeUndefined();
  });

  it('#176 a single-valued header sent twice is refused', async () => {
    expect((await call(running, caller, { headers: { 'mcp-method': ['a', 'b'] } })).status).toBe(400);
    expect(upstream.got).toEqual([]);
  });

  it("the connection's own headers replace the client's, and a replaced secret is used at once", async () => {
    await set({
      authMode: 'static_headers',
      auxiliaryHeaders: [
        { name: 'X-Team', value: 'a' },
        { name: 'User-Agent', value: 'ours' },
      ],
    });
    await seal([
      { name: 'Authorization', value: 'Bearer upstream-1' },
      { name: 'Mcp-Name', value: 'ours' },
    ]);
    const first = JSON.parse(
      (await call(running, caller, { headers: { 'user-agent': 'theirs', 'mcp-name': 'theirs' } })).body,
    ).headers;
    expect(first).toMatchObject({
      authorization: 'Bearer upstream-1',
      'x-team': 'a',
      'user-agent': 'ours',
      'mcp-name': 'ours',
    });
    await seal([{ name: 'Authorization', value: 'Bearer upstream-2' }]);
    expect(JSON.parse((await call(running, caller)).body).headers.authorization).toBe('Bearer upstream-2');
    await set({ authMode: 'none', auxiliaryHeaders: [] });
    expect(JSON.parse((await call(running, caller)).body).headers.authorization).toBeUndefined();
  });

  it('#270 a secret that does not open is a 500 that reaches no upstream and says nothing of it', async () => {
    await set({ authMode: 'static_headers' });
    const where = { connectionId: caller.connection.id };
    await database.db.connectionSecret.updateMany({ where, data: { sealed: 'x.y.z', version: 99 } });
    const answer = await call(running, caller);
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('x.y.z');
    expect(upstream.got).toEqual([]);
    await set({ authMode: 'none' });
  });

  it('a large body and a chunked one are streamed as they come, and arrive whole', async () => {
    const large = Buffer.alloc(3_000_000, 'a');
    const whole = await call(running, caller, { body: large, headers: { 'content-length': String(large.length) } });
    expect(JSON.parse(whole.body).body.length).toBe(large.length);
    expect(JSON.parse(whole.body).headers['content-length']).toBe(String(large.length));

    let seen = '';
    upstream.answer = async (req, res) => {
      for await (const chunk of req) seen += chunk;
      res.end('done');
    };
    const { req, answered } = open(running, caller, { headers: { 'transfer-encoding': 'chunked' } });
    req.write('first');
    await until(() => seen === 'first');
    req.end('last');
    (await answered).resume();
    expect(seen).toBe('firstlast');
  });

  it('an upstream that answers before it has read the upload does not spoil the connection', async () => {
    upstream.answer = (_, res) => void res.writeHead(413, { 'content-type': 'application/json' }).end('{}');
    for (let round = 0; round < 3; round++) {
      const { req, answered } = open(running, caller, { headers: { 'transfer-encoding': 'chunked' } });
      req.on('error', () => {});
      req.write('x'.repeat(1000));
      const res = await answered;
      expect(res.statusCode).toBe(413);
      res.resume();
      await once(res, 'end');
      req.destroy();
    }
    upstream.answer = echo;
    expect((await call(running, caller)).status).toBe(200);
  });

  it('the query of the connection wins over the same name from the client', async () => {
    await set({ remoteUrl: `${upstream.url}?key=ours` });
    const answer = await call(running, caller, { target: `${caller.path}?a=1&key=theirs&%6Bey=theirs` });
    expect(JSON.parse(answer.body).url).toBe('/mcp?key=ours&a=1');
    await set({ remoteUrl: upstream.url });
  });
});

describe('towards the client', () => {
  it('#199 only listed headers pass; #202 what a browser could run is sandboxed', async () => {
    answerWith(200, {
      'content-type': 'text/html',
      'content-language': 'en',
      'mcp-protocol-version': '2025-06-18',
      'set-cookie': ['__Host-session=x'],
      'clear-site-data': '"*"',
      'strict-transport-security': 'max-age=1',
      'service-worker-allowed': '/',
      'access-control-allow-origin': '*',
      'content-security-policy': "script-src 'unsafe-inline'",
      link: '<x>',
      refresh: '0',
      location: 'https://evil',
      'www-authenticate': 'Bearer',
      server: 'secret/1',
      'x-internal': 'x',
      'cache-control': 'public, max-age=60',
    });
    const { headers } = await call(running, caller);
    const { date, connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, ...rest } = headers;
    void [date, connection, keepAlive, encoding];
    expect(rest).toEqual({
      'content-type': 'text/html',
      'content-language': 'en',
      'mcp-protocol-version': '2025-06-18',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      vary: 'origin',
    });
  });

  it('field note E45: their 401, 403 and 407 are a 502 that says where to reconnect', async () => {
    for (const status of [401, 403, 407]) {
      answerWith(status, { 'www-authenticate': 'Bearer resource_metadata="https://evil"' }, 'token=secret');
      const answer = await call(running, caller);
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([502, undefined]);
      expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: '2.0', id: null });
      expect(answer.body).toContain(connectionPage(running.config.url, caller.connection.id));
      expect(answer.body).not.toContain('secret');
    }
  });

  it('#195 a redirect is neither followed nor described', async () => {
    for (const status of [301, 302, 307, 308]) {
      answerWith(
        status,
        { location: 'http://169.254.169.254/', 'content-type': 'text/html' },
        '<a href="http://internal/">',
      );
      const answer = await call(running, caller);
      expect([answer.status, answer.headers.location]).toEqual([status, undefined]);
      expect(answer.body).not.toContain('internal');
    }
  });

  it('other statuses and their bodies pass; 202 and 204 without one', async () => {
    for (const [status, body] of [
      [400, '{"a":1}'],
      [404, '{}'],
      [405, ''],
      [500, 'x'],
      [503, ''],
      [202, ''],
      [204, ''],
    ] as const) {
      answerWith(status, { 'retry-after': '3' }, body);
      const answer = await call(running, caller);
      expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([status, body, '3']);
    }
  });

  it('#203 headers and statuses that cannot be passed on are a 502', async () => {
    for (const head of [
      'HTTP/1.1 999 x',
      'HTTP/1.1 200 OK\r\ncontent-type: a\xe9',
      'HTTP/1.1 200 OK\r\nmcp-session-id: a b',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked',
      'nonsense',
    ]) {
      const tcp = createTcp(
        (socket) => void socket.once('data', () => socket.end(`${head}\r\nconnection: close\r\n\r\n`, 'latin1')),
      );
      tcp.listen(0, '127.0.0.1');
      await once(tcp, 'listening');
      await set({ remoteUrl: `http://127.0.0.1:${(tcp.address() as { port: number }).port}/mcp` });
      expect([head, (await call(running, caller)).status]).toEqual([head, 502]);
      tcp.close();
    }
    await set({ remoteUrl: upstream.url });
  });

  it('#203 an answer without a body has no length, whatever the upstream says of it', async () => {
    answerWith(204, { 'content-length': '5' }, '');
    const answer = await call(running, caller);
    expect([answer.status, answer.headers['content-length']]).toEqual([204, undefined]);
  });
});
