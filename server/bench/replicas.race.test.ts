/** Several processes as one: each may leave while the others serve. */
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { mintAccessToken } from '../src/core/tokens/access-token.ts';
import { openStream, send } from './callers.ts';
import { type Ground, openGround, startGateway } from './ground.ts';
import type { LoadResult } from './load-task.ts';
import { type Program, startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { CALL, callOf, claimsOf, grow, type Layout, newKeys, setUpstream } from './scene.ts';

const BASE = 'http://localhost:7799';
// The first connection answers at once, and the second after longer than a process still takes new requests.
const LAYOUT: Layout = { perUser: 20, connectionsPerUser: 2 };
const OF_FIRST = Array.from({ length: 10 }, (_, n) => 2 * n);

let ground: Ground;
let url: string;
let keys: Awaited<ReturnType<typeof newKeys>>;
let upstream: Program;
let slow: Program;
let gateways: Program[];
const start = () =>
  startGateway(url, keys.text, { GRANTWAY_URL: BASE, GRANTWAY_DRAIN_SECONDS: '1', GRANTWAY_LOG_LEVEL: 'silent' });

beforeAll(async () => {
  ground = await openGround({ serverUrl: inject('serverUrl') });
  url = await ground.database();
  keys = await newKeys();
  upstream = await startProgram({ file: 'bench/upstream.ts' });
  slow = await startProgram({ file: 'bench/bad-upstream.ts' });
  await grow(url, { from: 0, to: 20, upstream: `http://127.0.0.1:${upstream.port}/mcp`, layout: LAYOUT });
  await setUpstream(url, [1], `http://127.0.0.1:${slow.port}/slow`);
  gateways = await Promise.all([start(), start(), start()]);
});
afterAll(async () => {
  await Promise.all([upstream, slow, ...gateways].map((program) => program.kill()));
  await ground.close();
});

const tokenOf = async (n: number): Promise<string> =>
  (await mintAccessToken(keys.keyring, BASE, claimsOf(n, BASE, LAYOUT), 3_600, new Date())).token;
const json = { 'content-type': 'application/json' };

test('#283 a rolling restart under load fails no request: what is under way is finished, and streams end as a whole', async () => {
  const balancer = await openBalancer(() => gateways);
  const load = await startProgram({ file: 'bench/load.ts' });
  const requests = await Promise.all(OF_FIRST.map((n) => callOf(n, BASE, keys.keyring, 'POST', LAYOUT)));
  const task = {
    port: balancer.port,
    requests,
    expected: await expectedBody(upstream),
    concurrency: 6,
    seconds: 1,
    pauseMs: 10,
  };
  let rolling = true;
  const loaded = (async () => {
    const rounds: LoadResult[] = [];
    while (rolling) rounds.push(await load.ask<LoadResult>(task));
    return rounds;
  })();
  const { host } = new URL(BASE);
  const [path, slowPath] = [0, 1].map((n) => new URL(claimsOf(n, BASE, LAYOUT).audience).pathname) as [string, string];
  const [token, slowToken] = await Promise.all([tokenOf(0), tokenOf(1)]);
  const agent = new Agent();
  for (const index of gateways.keys()) {
    const next = await start();
    const last = gateways[index] as Program;
    const slow = send(agent, last.port, {
      path: slowPath,
      body: CALL,
      headers: { ...json, host, authorization: `Bearer ${slowToken}` },
    });
    const stream = await openStream(last.port, path, host, token);
    gateways[index] = next;
    const stopped = last.stop();
    expect(await stream.ended).toBe('whole');
    expect(await slow).toMatchObject({ status: 200, text: '{"slow":"answer"}' });
    await stopped;
    // Its client comes again, and is taken elsewhere.
    (await openStream(balancer.port, path, host, token)).leave();
  }
  rolling = false;
  const rounds = await loaded;
  await load.kill();
  agent.destroy();
  await balancer.close();
  expect(rounds.filter(({ wrong }) => wrong > 0).map(({ firstWrong }) => firstWrong)).toEqual([]);
  expect(rounds.reduce((sum, { right }) => sum + right, 0)).toBeGreaterThan(50);
  expect(balancer.served.size).toBeGreaterThan(3);
}, 120_000);

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
