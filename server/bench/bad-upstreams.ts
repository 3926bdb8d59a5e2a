/** Whether it is felt by the callers of one upstream that another one begins to misbehave. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ground, startGateway } from './ground.ts';
import type { LoadResult } from './load-task.ts';
import { type Program, startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { callOf, grow, type Layout, newKeys, setUpstream } from './scene.ts';
import { median, percentile } from './table.ts';
import type { Verdict } from './verdict.ts';

/**
 * `connections`: to the other one, with callers each. The calls beside them are measured in `pairs` of spells of `seconds`, one while it
 * is well and one while it is bad, after so many pairs `ahead` that do not count.
 */
export type BadSize = { connections: number; callersEach: number; ahead: number; pairs: number; seconds: number };
export const BAD_SIZE: BadSize = { connections: 10, callersEach: 2, ahead: 4, pairs: 24, seconds: 0.5 };

const LAYOUT: Layout = { perUser: 1, connectionsPerUser: 1 };
// The first is measured as the others are: how far it is from 1 is what of their figures is the machine's.
const KINDS = {
  well: 'stays well',
  hang: 'hangs',
  reset: 'resets',
  endless: 'never ends',
  drip: 'drips',
  slow: 'is slow',
};
const WITHIN = 1.1;
// Of these the first half is the load's alone: what is asked is what a process that has much to do is to its callers.
const SETTLE_MS = 200;
// As much as the proxy is measured with: with fewer, the 99th percentile is one collection of garbage.
const CONCURRENCY = 16;
const RESAMPLES = 500;

/** Latencies in milliseconds, of two spells that were side by side. */
type Pair = { well: number[]; bad: number[] };

/**
 * Calls a good upstream beside the callers of another one, which is well and bad in turn, for each kind of bad: what those callers cost
 * anyway is then on both sides. What of the other one is not the gateway's stands for other machines, and runs when this one has nothing
 * else to do. Throws when a good answer is not the right one.
 */
export async function measureBadUpstreams(
  ground: Ground,
  size: BadSize,
  hear: (verdict: Verdict) => void,
): Promise<void> {
  const [good, well, bad, load] = await Promise.all([
    startProgram({ file: 'bench/upstream.ts' }),
    startProgram({ file: 'bench/bad-upstream.ts', elsewhere: true }),
    startProgram({ file: 'bench/bad-upstream.ts', elsewhere: true }),
    startProgram({ file: 'bench/load.ts' }),
  ]);
  const url = await ground.database();
  await grow(url, { from: 0, to: size.connections + 1, upstream: `http://127.0.0.1:${good.port}/mcp`, layout: LAYOUT });
  const keys = await newKeys();
  const gateway = await startGateway(url, keys.text, { GRANTWAY_PLANES: 'gateway', GRANTWAY_LOG_LEVEL: 'silent' });
  const [request, ...calls] = (await Promise.all(
    Array.from({ length: size.connections + 1 }, (_, n) => callOf(n, gateway.base, keys.keyring, 'POST', LAYOUT)),
  )) as [string, ...string[]];
  const expected = await expectedBody(good);
  const ahead = SETTLE_MS / 1_000;
  const task = {
    port: gateway.port,
    requests: [request],
    expected,
    concurrency: CONCURRENCY,
    ahead,
    seconds: ahead + size.seconds,
    tellAll: true,
  };
  const measure = async (): Promise<number[]> => {
    const { wrong, firstWrong, latencies = [] } = await load.ask<LoadResult>(task);
    if (wrong > 0) throw new Error(`the good upstream's callers got ${firstWrong}`);
    return latencies;
  };
  const others = calls.map((_, n) => n + 1);
  const beside = async ({ port }: Program, way: string): Promise<number[]> => {
    await setUpstream(url, others, `http://127.0.0.1:${port}/${way}`);
    const measured = measure();
    await sleep(SETTLE_MS / 2);
    const stop = callBadly(gateway.port, calls, size.callersEach);
    return measured.finally(stop);
  };
  /** Every second time the other way round: what the machine does meanwhile meets both. */
  const pairOf = async (kind: string, wellFirst: boolean): Promise<Pair> => {
    const first = await (wellFirst ? beside(well, 'well') : beside(bad, kind));
    const second = await (wellFirst ? beside(bad, kind) : beside(well, 'well'));
    return wellFirst ? { well: first, bad: second } : { well: second, bad: first };
  };
  try {
    await measure();
    for (const [kind, words] of Object.entries(KINDS)) {
      // What it is to meet such an upstream for the first time is paid once in the life of a process, in code compiled anew.
      for (let n = 0; n < size.ahead; n++) await pairOf(kind, n % 2 === 0);
      const pairs: Pair[] = [];
      for (let n = 0; n < size.pairs; n++) pairs.push(await pairOf(kind, n % 2 === 0));
      hear(judge(`an upstream with ${size.connections * size.callersEach} callers ${words}`, pairs));
    }
  } finally {
    await Promise.all([good, well, bad, load, gateway].map((program) => program.kill()));
  }
}

/** The 99th percentile of all requests beside the bad one for that of all beside it well, and how far it goes with other pairs. */
function judge(fault: string, pairs: readonly Pair[]): Verdict {
  const { well, bad } = together(pairs);
  const others = Array.from({ length: RESAMPLES }, () => {
    const drawn = together(pairs.map(() => pairs[Math.floor(Math.random() * pairs.length)] as Pair));
    return drawn.bad / drawn.well;
  });
  const [from, to] = [0.05, 0.95].map((share) => percentile(others, share).toFixed(2));
  const middle = median(pairs.map((pair) => percentile(pair.bad, 0.99) / percentile(pair.well, 0.99)));
  const requests = pairs.reduce((sum, pair) => sum + pair.bad.length, 0);
  return {
    fault,
    expected: `the others' answers right, and the p99 of all of them at most ${WITHIN} × that beside it well`,
    seen: `${(bad / well).toFixed(2)} × (${bad.toFixed(2)} ms for ${well.toFixed(2)} ms; 90 % of resamples ${from} to ${to}; median of ${pairs.length} pairs ${middle.toFixed(2)}; ${requests} requests)`,
    held: true,
    inTime: bad <= WITHIN * well,
  };
}

const together = (pairs: readonly Pair[]): { well: number; bad: number } => ({
  well: percentile(
    pairs.flatMap((pair) => pair.well),
    0.99,
  ),
  bad: percentile(
    pairs.flatMap((pair) => pair.bad),
    0.99,
  ),
});

/** Callers that read nothing of what comes, and call again when they are cut off. @returns what ends them. */
function callBadly(port: number, calls: readonly string[], each: number): () => Promise<void> {
  const sockets = new Set<Socket>();
  let over = false;
  const call = (text: string): void => {
    if (over) return;
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    sockets.add(socket);
    socket.pause();
    // Impatient too: it leaves, and comes again.
    const timer = setTimeout(() => socket.destroy(), 500 + 1_000 * Math.random());
    const again = (): void => {
      clearTimeout(timer);
      if (sockets.delete(socket)) setTimeout(() => call(text), 100);
    };
    socket.on('error', () => {});
    socket.on('close', again);
  };
  for (const text of calls) for (let n = 0; n < each; n++) call(text);
  return async () => {
    over = true;
    for (const socket of sockets) socket.destroy();
    // What they leave behind is not to be felt by the next spell.
    await sleep(SETTLE_MS / 2);
  };
}
