/** Streams, upstreams that fail, and MCP sessions, with real sockets at both ends. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../platform/database.ts';
import {
  type Caller,
  call,
  makeCaller,
  open,
  openScene,
  type Running,
  type Scene,
  startGateway,
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

describe('streams', () => {
  const sse = (res: ServerResponse): ServerResponse => res.writeHead(200, { 'content-type': 'text/event-stream' });
  const next = (res: IncomingMessage): Promise<string> => once(res, 'data').then(([chunk]) => String(chunk));

  it('#185 events pass as they come, headers before the first of them', async () => {
    let out: ServerResponse | undefined;
    upstream.answer = (_, res) => {
      out = sse(res);
      out.flushHeaders();
    };
    const { req, answered } = open(running, caller, { method: 'GET' });
    req.end();
    const res = await answered;
    expect(res.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    for (const event of ['data: 1\n\n', ': keep-alive\n\n']) {
      out?.write(event);
      expect(await next(res)).toBe(event);
    }
    out?.end();
    res.resume();
    await once(res, 'end');
  });

  it('#188 when the client leaves, the upstream request ends at once: during a stream, and before the answer', async () => {
    const own = await makeCaller(database, running, upstream.url);
    for (const begins of [true, false]) {
      let gone = false;
      let arrived = false;
      upstream.answer = (_, res) => {
        arrived = true;
        res.once('close', () => {
          gone = true;
        });
        if (begins) sse(res).write('data: 1\n\n');
      };
      const { req, answered } = open(running, own, { method: 'GET' });
      req.end();
      await until(() => arrived);
      if (begins) await answered;
      req.destroy();
      await until(() => gone, 500);
    }
    // Whoever calls and does not wait has called all the same.
    const uses = () => database.db.grantUsage.findMany({ where: { grantId: own.grantId } });
    await expect.poll(async () => (await uses()).map(({ requests, errors }) => [requests, errors])).toEqual([[2, 0]]);
  });

  it('#204 a client that does not read holds the upstream back', async () => {
    let written = 0;
    upstream.answer = (_, res) => {
      res.writeHead(200, { 'content-type': 'application/octet-stream' });
      const more = (): void => {
        for (let free = true; free && !res.destroyed; ) {
          written += 65_536;
          free = res.write(Buffer.alloc(65_536));
        }
      };
      res.on('drain', more);
      more();
    };
    const { req, answered } = open(running, caller, { method: 'GET' });
    req.end();
    const res = await answered;
    res.pause();
    // It stands still once everything between them is full.
    let before = 0;
    do {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 300));
    } while (written > before && written < 32_000_000);
    expect(written).toBe(before);
    expect(written).toBeLessThan(32_000_000);
    let read = 0;
    res.on('data', (chunk: Buffer) => {
      read += chunk.length;
    });
    res.resume();
    await until(() => read > before);
    req.destroy();
  });

  it('an upstream that breaks off in the middle breaks off the answer too: a part never looks whole', async () => {
    upstream.answer = (_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' }).write('{"a":');
      setTimeout(() => res.destroy(), 20);
    };
    await expect(call(running, caller)).rejects.toThrow();
  });
});

describe('upstreams that fail', () => {
  it('#205 unreachable and resetting upstreams are 502, silent ones 504', async () => {
    await set({ remoteUrl: 'http://127.0.0.1:1/mcp' });
    expect((await call(running, caller)).status).toBe(502);
    await set({ remoteUrl: upstream.url });
    upstream.answer = (req) => void req.socket.destroy();
    expect((await call(running, caller)).status).toBe(502);
    upstream.answer = () => {};
    expect((await call(running, caller)).status).toBe(504);
  });

  it('#203 an upstream that speaks something else is told as that', async () => {
    const other = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    await set({ remoteUrl: `http://127.0.0.1:${(other.address() as AddressInfo).port}/mcp` });
    const answer = await call(running, caller);
    expect([answer.status, JSON.parse(answer.body).error.message]).toEqual([
      502,
      expect.stringContaining('answered with something that is not HTTP'),
    ]);
    other.close();
    await set({ remoteUrl: upstream.url });
  });

  it('#203 an upstream whose answer cannot be read is not told as one that was not reached', async () => {
    let says = '';
    const other = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write(says));
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    await set({ remoteUrl: `http://127.0.0.1:${(other.address() as AddressInfo).port}/mcp` });
    for (const [head, body] of [
      ['101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket', ''],
      ['200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked', '2\r\n{}\r\n0\r\n\r\n'],
      ['200 OK\r\nContent-Length: 2\r\nContent-Length: 3', '{}x'],
      [`200 OK\r\nX-Long: ${'x'.repeat(20_000)}`, ''],
    ]) {
      says = `HTTP/1.1 ${head}\r\n\r\n${body}`;
      const answer = await call(running, caller);
      expect([answer.status, JSON.parse(answer.body).error.message], head).toEqual([
        502,
        'The upstream MCP server sent an answer that cannot be passed on.',
      ]);
    }
    other.close();
    await set({ remoteUrl: upstream.url });
  });

  it('#189 a request whose connection was reset is not sent again', async () => {
    let seen = 0;
    upstream.answer = (req) => {
      seen++;
      req.socket.destroy();
    };
    expect([(await call(running, caller)).status, (await call(running, caller, { method: 'GET' })).status]).toEqual([
      502, 502,
    ]);
    expect(seen).toBe(2);
  });

  it('#205 an upstream that refuses or resets what is streamed to it is told to the client of a new sign-in, and harms nobody', async () => {
    const streamed = { headers: { 'transfer-encoding': 'chunked' }, body: 'x'.repeat(50_000) };
    upstream.answer = (_, res) => void res.writeHead(401).end();
    expect((await call(running, caller, streamed)).body).toContain('Reconnect it at');
    upstream.answer = (req) => void req.once('data', () => req.socket.resetAndDestroy());
    expect((await call(running, caller, streamed)).status).toBe(502);
    upstream.answer = echo;
    expect((await call(running, caller)).status).toBe(200);
  });

  it('#194 an address that is not opened is never connected to', async () => {
    const strict = await startGateway(
      database,
      { GRANTWAY_ALLOW_UPSTREAMS: 'localhost', GRANTWAY_URL: running.config.url },
      running.keyring,
    );
    const headers = { host: new URL(running.config.url).host };
    const { connections } = upstream;
    const port = new URL(upstream.url).port;
    for (const remoteUrl of [
      upstream.url,
      `http://[::ffff:127.0.0.1]:${port}/mcp`,
      'http://169.254.169.254/mcp',
      `http://0.0.0.0:${port}/mcp`,
    ]) {
      await set({ remoteUrl });
      const answer = await call(strict, caller, { headers });
      expect([remoteUrl, answer.status]).toEqual([remoteUrl, 502]);
      expect(answer.body).not.toContain('127.0.0.1');
    }
    expect(upstream.connections).toBe(connections);
    await set({ remoteUrl: `http://localhost:${port}/mcp` });
    expect((await call(strict, caller, { headers })).status).toBe(200);
    await set({ remoteUrl: upstream.url });
    await strict.close();
  });
});

describe('MCP sessions', () => {
  it('#190 an id is handed out bound to its instance, and is the upstream’s own again on the way back', async () => {
    answerWith(200, { 'mcp-session-id': 'upstream-session' });
    const first = await call(running, caller);
    const id = first.headers['mcp-session-id'] as string;
    expect(id).toMatch(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
    expect((await call(running, caller, { headers: { 'mcp-session-id': id } })).headers['mcp-session-id']).toBe(id);
    upstream.answer = echo;
    for (const method of ['POST', 'GET', 'DELETE']) {
      const answer = await call(running, caller, { method, headers: { 'mcp-session-id': id, 'last-event-id': '3' } });
      expect(JSON.parse(answer.body).headers).toMatchObject({
        'mcp-session-id': 'upstream-session',
        'last-event-id': '3',
      });
    }
  });

  it('#190 the id of another user, a bare or changed one, and one of 10 kB are 404', async () => {
    answerWith(200, { 'mcp-session-id': 'upstream-session' });
    const id = (await call(running, caller)).headers['mcp-session-id'] as string;
    const other = await makeCaller(database, running, upstream.url);
    upstream.answer = echo;
    const bad = [
      'upstream-session',
      'x',
      `${id}x`,
      id.slice(0, -2),
      id.replace('.', ''),
      `x${id}`,
      `${'A'.repeat(10_000)}.${id.split('.')[1]}`,
    ];
    for (const given of bad) {
      const answer = await call(running, caller, { headers: { 'mcp-session-id': given } });
      expect([answer.status, JSON.parse(answer.body).error.message]).toEqual([404, 'Session not found']);
    }
    expect((await call(running, other, { headers: { 'mcp-session-id': id, 'last-event-id': '3' } })).status).toBe(404);
    expect(upstream.got).toEqual([]);
  });
});
