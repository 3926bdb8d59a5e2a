/** The whole process: what an operator reads and does. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, openApp } from './app.ts';
import { readConfig } from './config.ts';
import type { Database } from './platform/database.ts';
import { openLog } from './platform/log.ts';
import { openTestDatabase } from './testing/database.ts';
import { newKeyring } from './testing/gateway.ts';

const TOKEN = 'a-token-for-metrics-alone';
let database: Database;
let app: App;
let port: number;

beforeAll(async () => {
  database = await openTestDatabase();
  const config = readConfig({ GRANTWAY_DATA: 'unused', GRANTWAY_METRICS_TOKEN: TOKEN, GRANTWAY_DRAIN_SECONDS: '1' });
  app = await openApp({
    config,
    database,
    keyring: await newKeyring(),
    log: openLog('silent'),
    clock: () => new Date(),
  });
  app.server.listen(0, '127.0.0.1');
  await once(app.server, 'listening');
  port = (app.server.address() as AddressInfo).port;
});
afterAll(() => database.close());

const agent = new Agent({ keepAlive: true });
const get = (path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; text: string; connection: string | undefined }>((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, headers, agent }, async (res) => {
      let text = '';
      for await (const chunk of res) text += chunk;
      resolve({ status: res.statusCode as number, text, connection: res.headers.connection });
    });
    req.once('error', reject);
    req.end();
  });

it('#168 a transfer coding beside "chunked", or in HTTP/1.0, is refused by either plane, and the connection closed', async () => {
  for (const path of ['/oauth/token', '/mcp-connect/user/a/b/c']) {
    for (const line of ['HTTP/1.1\r\nTransfer-Encoding: gzip, chunked', 'HTTP/1.0\r\nTransfer-Encoding: chunked']) {
      const socket = connect(port, '127.0.0.1');
      socket.write(
        `POST ${path} ${line}\r\nHost: 127.0.0.1\r\n\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: a\r\n\r\n`,
      );
      const heard = (await text(socket)).match(/HTTP\/1\.1 \d+/g);
      expect([path, line, heard]).toEqual([path, line, ['HTTP/1.1 400']]);
    }
  }
});

it('#293 metrics are for who shows the token, and hold no id', async () => {
  const shown = { authorization: `Bearer ${TOKEN}` };
  const strangers: Record<string, string>[] = [{}, { authorization: 'Bearer wrong' }, { authorization: TOKEN }];
  for (const headers of strangers) {
    const { status, text } = await get('/metrics', headers);
    expect([status, text]).toEqual([404, expect.not.stringContaining('grantway_')]);
  }
  const { status, text } = await get('/metrics', shown);
  expect((await get('/metrics', { authorization: `bearer ${TOKEN}` })).status).toBe(200);
  expect(status).toBe(200);
  for (const name of [
    'requests_total',
    'grant_check_seconds',
    'upstream_seconds',
    'open_streams',
    'refreshes_total',
    'revocations_total',
  ])
    expect(text).toContain(`grantway_${name}`);
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
});

it('a slash behind an endpoint is no other endpoint', async () => {
  for (const path of ['/oauth/jwks.json', '/.well-known/oauth-authorization-server', '/client-metadata.json']) {
    const [plain, slashed] = await Promise.all([get(path), get(`${path}/`)]);
    expect([path, slashed]).toEqual([path, plain]);
  }
  for (const path of [
    '/token',
    '/oauth/token',
    '/register',
    '/oauth/register',
    '/oauth/revoke',
    '/oauth/introspect',
    '/graphql',
  ]) {
    const post = (to: string) => fetch(`http://127.0.0.1:${port}${to}`, { method: 'POST', body: '' });
    const [plain, slashed] = await Promise.all([post(path), post(`${path}/`)]);
    expect([path, slashed.status, await slashed.text()]).toEqual([path, plain.status, await plain.text()]);
    expect(slashed.headers.get('content-type')).toMatch(/^application\/json/);
  }
  expect((await get('/oauth/userinfo/')).status).toBe(401);
});

it('#283 a process that is told to stop is not ready first, still serves, and asks clients to connect anew', async () => {
  expect((await get('/health/ready')).status).toBe(200);
  const closed = app.close(5_000);
  const [ready, live, page] = await Promise.all([get('/health/ready'), get('/health/live'), get('/oauth/jwks.json')]);
  expect([ready.status, live.status, page.status]).toEqual([503, 200, 200]);
  expect(page.connection).toBe('close');
  await closed;
  await expect(get('/health/live')).rejects.toThrow();
});
