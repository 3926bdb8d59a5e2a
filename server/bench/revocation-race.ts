/** Revocation as a figure: grants end under load, and whatever begins after the acknowledgement, at any process, must be refused. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { revokeGrants } from '../src/core/grants/revoke.ts';
import { mintAccessToken } from '../src/core/tokens/access-token.ts';
import { openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { transact } from '../src/platform/transact.ts';
import { type Ground, startGateway } from './ground.ts';
import type { LoadResult, LoadTask } from './load-task.ts';
import { type Program, startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { CALL, callOf, claimsOf, grow, idOf, type Layout, newKeys } from './scene.ts';
import { atLeast, atMost, percentile, rounded, type Table } from './table.ts';

/**
 * `after`: requests with each revoked token, beginning with the acknowledgement, spread over all processes. `pauseMs`: between the
 * requests of a living grant beside.
 */
export type RaceSize = { processes: number; revokes: number; after: number; atOnce: number; pauseMs?: number };
export const RACE_SIZE: RaceSize = { processes: 3, revokes: 2_000, after: 51, atOnce: 6 };

export type Race = { table: Table; tried: number; violations: number; streamsCut: number };

/** Grants that live on, for the load beside. */
const LIVING = 50;
const LOAD_CONCURRENCY = 4;

export async function raceRevocations(ground: Ground, size: RaceSize = RACE_SIZE): Promise<Race> {
  const grants = size.revokes + LIVING;
  const layout: Layout = { perUser: grants, connectionsPerUser: 1 };
  const upstream = await startProgram({ file: 'bench/upstream.ts' });
  const url = await ground.database();
  await grow(url, { from: 0, to: grants, upstream: `http://127.0.0.1:${upstream.port}/mcp`, layout });
  const keys = await newKeys();
  // One name for all, as behind a balancer: a token is for the name, not for the process.
  const base = 'http://localhost:7788';
  const settings = { GRANTWAY_PLANES: 'gateway', GRANTWAY_URL: base };
  const open = async (): Promise<Program> => startGateway(url, keys.text, { ...settings });
  const gateways = await Promise.all(Array.from({ length: size.processes }, open));
  const loads = await Promise.all(gateways.map(() => startProgram({ file: 'bench/load.ts' })));
  const database = await openDatabase({ url, dataDirectory: '', poolSize: size.atOnce + 2, log: openLog('error') });
  const agent = new Agent({ keepAlive: true });
  const expected = await expectedBody(upstream);
  const living = await Promise.all(
    Array.from({ length: LIVING }, (_, n) => callOf(size.revokes + n, base, keys.keyring, 'POST', layout)),
  );
  // Rounds of load until the last revocation: a spell has its end set at its beginning.
  let racing = true;
  const beside = loads.map(async (load, index) => {
    const port = (gateways[index] as Program).port;
    const rounds: LoadResult[] = [];
    while (racing) {
      const task: LoadTask = { port, requests: living, expected, concurrency: LOAD_CONCURRENCY, seconds: 1 };
      if (size.pauseMs) task.pauseMs = size.pauseMs;
      rounds.push(await load.ask<LoadResult>(task));
    }
    return rounds;
  });

  let [tried, violations, streamsCut] = [0, 0, 0];
  const [revokeMs, cutMs]: [number[], number[]] = [[], []];
  const raceOne = async (n: number): Promise<void> => {
    const { token } = await mintAccessToken(keys.keyring, base, claimsOf(n, base, layout), 3_600, new Date());
    const path = new URL(claimsOf(n, base, layout).audience).pathname;
    const ask = (method: 'POST' | 'GET', process: number): Promise<IncomingMessage> =>
      send(agent, (gateways[process % gateways.length] as Program).port, method, path, base, token);
    // It must work before, at every process, or a refusal afterwards would say nothing.
    for (const process of gateways.keys()) {
      const answer = await ask('POST', process);
      if ((await textOf(answer)) !== expected) throw new Error(`grant ${n} did not work before: ${answer.statusCode}`);
    }
    const streams = await Promise.all(gateways.map((_, process) => ask('GET', process)));
    const ended = streams.map((stream) => {
      if (stream.statusCode !== 200) throw new Error(`no stream: ${stream.statusCode}`);
      return once(stream.resume(), 'close').then(() => performance.now());
    });
    // Under way while it happens: these may be either.
    const during = Array.from({ length: 3 }, (_, process) => ask('POST', process).then(textOf, () => ''));
    const from = performance.now();
    await transact(database, (tx) =>
      revokeGrants(tx, { grantIds: [idOf('grant', n)] }, 'user_revoked', { userId: idOf('user', 0) }, new Date()),
    );
    const acknowledged = performance.now();
    revokeMs.push(acknowledged - from);
    const after = await Promise.all(
      Array.from({ length: size.after }, async (_, process) => {
        const answer = await ask('POST', process);
        const text = await textOf(answer);
        return { status: answer.statusCode as number, leaked: text.includes('"result"') };
      }),
    );
    tried += after.length;
    violations += after.filter(({ status, leaked }) => (status >= 200 && status < 300) || leaked).length;
    const strange = after.find(({ status }) => status !== 401);
    if (strange && strange.status >= 300) throw new Error(`a revoked grant was answered ${strange.status}`);
    for (const at of await Promise.all(ended)) cutMs.push(Math.max(0, at - acknowledged));
    streamsCut += streams.length;
    await Promise.all(during);
  };
  try {
    let next = 0;
    const racers = Array.from({ length: size.atOnce }, async () => {
      while (next < size.revokes) await raceOne(next++);
    });
    await Promise.all(racers);
    racing = false;
    const rounds = (await Promise.all(beside)).flat();
    const wrong = rounds.reduce((sum, round) => sum + round.wrong, 0);
    if (wrong > 0)
      throw new Error(
        `${wrong} requests of living grants were answered wrongly: ${rounds.find((round) => round.wrong)?.firstWrong}`,
      );
    const table: Table = {
      title: `Revocation under load: ${size.processes} gateway processes on one PostgreSQL`,
      wanted: 'violations 0 of ≥ 100 000 requests that began after the acknowledgement; every stream cut',
      how: `${size.revokes} revokes, ${size.atOnce} at once; each grant worked and had a stream at every process before; ${rounds.reduce((sum, round) => sum + round.right, 0)} requests of living grants beside`,
      rows: [
        {
          'requests after a revoke': tried,
          violations,
          'revoke ms p50': rounded(percentile(revokeMs, 0.5), 1),
          p99: rounded(percentile(revokeMs, 0.99), 1),
          max: rounded(Math.max(...revokeMs), 1),
          'streams cut': streamsCut,
          'cut ms p50': rounded(percentile(cutMs, 0.5), 1),
          'cut p99': rounded(percentile(cutMs, 0.99), 1),
          'cut max': rounded(Math.max(...cutMs), 1),
        },
      ],
      targets: [atLeast('requests after a revoke', tried, 100_000), atMost('violations', violations, 0)],
    };
    return { table, tried, violations, streamsCut };
  } finally {
    racing = false;
    agent.destroy();
    await database.close();
    await Promise.all([upstream, ...gateways, ...loads].map((program) => program.kill()));
  }
}

function send(
  agent: Agent,
  port: number,
  method: 'POST' | 'GET',
  path: string,
  base: string,
  token: string,
): Promise<IncomingMessage> {
  const headers = {
    host: new URL(base).host,
    authorization: `Bearer ${token}`,
    accept: 'application/json, text/event-stream',
    ...(method === 'POST' ? { 'content-type': 'application/json', 'content-length': CALL.length } : {}),
  };
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, method, path, agent, headers }, resolve);
    req.once('error', reject);
    req.end(method === 'POST' ? CALL : undefined);
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += chunk;
  return text;
}
