/** Several processes as one: what one ends or counts, all know; and each may leave while the others serve. */
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { hashSecret, newSecret, REFRESH_TOKEN } from '../src/platform/secret.ts';
import { type Ground, openGround, startGateway } from './ground.ts';
import type { LoadResult } from './load-task.ts';
import { type Program, startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { callOf, clientIdOf, grow, idOf, type Layout, newKeys } from './scene.ts';

const BASE = 'http://localhost:7799';
const LAYOUT: Layout = { perUser: 20, connectionsPerUser: 1 };

let ground: Ground;
let url: string;
let keys: Awaited<ReturnType<typeof newKeys>>;
let upstream: Program;
let gateways: Program[];
const start = () =>
  startGateway(url, keys.text, { GRANTWAY_URL: BASE, GRANTWAY_DRAIN_SECONDS: '1', GRANTWAY_LOG_LEVEL: 'silent' });

beforeAll(async () => {
  ground = await openGround({ serverUrl: inject('serverUrl') });
  url = await ground.database();
  keys = await newKeys();
  upstream = await startProgram({ file: 'bench/upstream.ts' });
  await grow(url, { from: 0, to: 20, upstream: `http://127.0.0.1:${upstream.port}/mcp`, tokens: true, layout: LAYOUT });
  gateways = await Promise.all([start(), start(), start()]);
});
afterAll(async () => {
  await Promise.all([upstream, ...gateways].map((program) => program.kill()));
  await ground.close();
});

const post = async (process: number, path: string, body: URLSearchParams | string, type: string) => {
  const { port } = gateways[process % gateways.length] as Program;
  const headers = { 'content-type': type, host: new URL(BASE).host };
  return new Promise<{ status: number; body: Record<string, unknown>; retryAfter: string | undefined }>(
    (resolve, reject) => {
      const req = request({ host: '127.0.0.1', port, path, method: 'POST', headers }, async (res) => {
        let text = '';
        for await (const chunk of res) text += chunk;
        resolve({ status: res.statusCode as number, body: JSON.parse(text), retryAfter: res.headers['retry-after'] });
      });
      req.once('error', reject);
      req.end(String(body));
    },
  );
};

test('#118 thirty refreshes of one token over three processes get one successor, and nobody is locked out', async () => {
  const token = newSecret(REFRESH_TOKEN);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('UPDATE refresh_token SET token_hash = $1 WHERE id = $2', [hashSecret(token), idOf('refresh', 0)]);
  const refresh = (process: number, refreshToken: string) =>
    post(
      process,
      '/oauth/token',
      new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientIdOf(0) }),
      'application/x-www-form-urlencoded',
    );
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => refresh(n, token)));
  // A burst that one process does not share counts towards the limit on replays; that limit is not what is tried here.
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const successors = new Set(answers.map(({ body }) => body.refresh_token));
  expect(successors.size).toBe(1);
  expect((await refresh(1, [...successors][0] as string)).status).toBe(200);
  const { rows } = await client.query(
    'SELECT count(*)::int AS live FROM refresh_token WHERE family_id = $1 AND rotated_at IS NULL AND revoked_at IS NULL',
    [idOf('family', 0)],
  );
  await client.end();
  expect(rows[0].live).toBe(1);
});

test('#19 a limit is one for all processes', async () => {
  const body = JSON.stringify({ redirect_uris: ['http://localhost:7777/callback'], client_name: 'One of many' });
  const answers = await Promise.all(
    Array.from({ length: 36 }, (_, n) => post(n, '/oauth/register', body, 'application/json')),
  );
  expect(answers.filter(({ status }) => status === 201).length).toBe(30);
  expect(answers.filter(({ status, retryAfter }) => status === 429 && Number(retryAfter) > 0).length).toBe(6);
});

test('#283 a rolling restart under load fails no request', async () => {
  const balancer = await openBalancer(() => gateways);
  const load = await startProgram({ file: 'bench/load.ts' });
  const requests = await Promise.all(
    Array.from({ length: 10 }, (_, n) => callOf(n, BASE, keys.keyring, 'POST', LAYOUT)),
  );
  const task = { port: balancer.port, requests, expected: await expectedBody(upstream), concurrency: 6, seconds: 12 };
  const loaded = load.ask<LoadResult>(task);
  for (const index of gateways.keys()) {
    const next = await start();
    const last = gateways[index] as Program;
    gateways[index] = next;
    await last.stop();
  }
  const { right, wrong, firstWrong } = await loaded;
  await load.kill();
  await balancer.close();
  expect({ wrong, firstWrong }).toEqual({ wrong: 0, firstWrong: '' });
  expect(right).toBeGreaterThan(50);
  expect(balancer.served.size).toBeGreaterThan(3);
}, 90_000);

/** As a balancer does: sends each request to the next process that says it is ready, and keeps no connection that is to be closed. */
async function openBalancer(processes: () => Program[]) {
  const ready = new Set<number>();
  const served = new Set<number>();
  const agent = new Agent({ keepAlive: true });
  const look = async (): Promise<void> => {
    const known = new Set([...processes().map(({ port }) => port), ...ready]);
    for (const port of known) {
      const isReady = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
        async (answer) => {
          await answer.body?.cancel();
          return answer.ok;
        },
        () => false,
      );
      if (isReady) ready.add(port);
      else ready.delete(port);
    }
  };
  await look();
  const timer = setInterval(() => void look(), 100);
  let turn = 0;
  const server = createServer((req, res) => {
    const ports = [...ready];
    const port = ports[turn++ % ports.length] as number;
    served.add(port);
    const onward = request(
      { host: '127.0.0.1', port, method: 'POST', path: req.url as string, headers: req.headers, agent },
      (answer: IncomingMessage) => {
        const { connection, 'keep-alive': _, ...headers } = answer.headers;
        res.writeHead(answer.statusCode as number, headers);
        answer.pipe(res);
      },
    );
    onward.once('error', (error) => res.writeHead(502).end(String(error)));
    req.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    served,
    close: async () => {
      clearInterval(timer);
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
