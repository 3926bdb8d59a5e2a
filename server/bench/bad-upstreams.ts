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
 * `connections`: to the other one, with callers each. The calls beside them are measured in pairs of spells of `seconds`, one while it
 * is well and one while it is bad, after so many pairs `ahead` that do not count: `step` pairs, and as many again until it is sure on which
 * side of the limit the figure is, or there are `most`.
 */
export type BadSize = {
  connections: number;
  callersEach: number;
  ahead: number;
  step: number;
  most: number;
  seconds: number;
};
export const BAD_SIZE: BadSize = { connections: 10, callersEach: 2, ahead: 4, step: 24, most: 144, seconds: 0.5 };

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

/** How many requests took how long, by hundredths of a millisecond: pairs are drawn so often that to sort them each time would take minutes. */
type Spell = Uint32Array;
/** Two spells that were side by side. */
type Pair = { well: Spell; bad: Spell };
const BINS_PER_MS = 100;
const BINS = 10_000;

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
  const measure = async (): Promise<Spell> => {
    const { wrong, firstWrong, latencies = [] } = await load.ask<LoadResult>(task);
    if (wrong > 0) throw new Error(`the good upstream's callers got ${firstWrong}`);
    const spell = new Uint32Array(BINS);
    for (const ms of latencies) {
      const bin = Math.min(BINS - 1, Math.floor(ms * BINS_PER_MS));
      spell[bin] = (spell[bin] as number) + 1;
    }
    return spell;
  };
  const others = calls.map((_, n) => n + 1);
  const beside = async ({ port }: Program, way: string): Promise<Spell> => {
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
      let found: Found;
      do {
        for (let n = 0; n < size.step; n++) pairs.push(await pairOf(kind, n % 2 === 0));
        found = compare(pairs);
      } while (pairs.length < size.most && found.from <= WITHIN && found.to > WITHIN);
      hear(judge(`an upstream with ${size.connections * size.callersEach} callers ${words}`, pairs, found));
    }
  } finally {
    await Promise.all([good, well, bad, load, gateway].map((program) => program.kill()));
  }
}

/** The 99th percentiles of all requests, and where 90 % of their ratios lie when the pairs are drawn anew. */
type Found = { well: number; bad: number; from: number; to: number };

function compare(pairs: readonly Pair[]): Found {
  const ratios = Array.from({ length: RESAMPLES }, () => {
    const drawn = together(pairs.map(() => pairs[Math.floor(Math.random() * pairs.length)] as Pair));
    return drawn.bad / drawn.well;
  });
  return { ...together(pairs), from: percentile(ratios, 0.05), to: percentile(ratios, 0.95) };
}

function judge(fault: string, pairs: readonly Pair[], { well, bad, from, to }: Found): Verdict {
  const middle = median(pairs.map((pair) => p99(pair.bad) / p99(pair.well)));
  const requests = pairs.reduce((sum, pair) => sum + countOf(pair.bad), 0);
  return {
    fault,
    expected: `the others' answers right, and the p99 of all of them at most ${WITHIN} × that beside it well`,
    seen: `${(bad / well).toFixed(2)} × (${bad.toFixed(2)} ms for ${well.toFixed(2)} ms; 90 % of resamples ${from.toFixed(2)} to ${to.toFixed(2)}; median of ${pairs.length} pairs ${middle.toFixed(2)}; ${requests} requests)`,
    held: true,
    inTime: bad <= WITHIN * well,
  };
}

const together = (pairs: readonly Pair[]): { well: number; bad: number } => ({
  well: p99(sumOf(pairs.map(({ well }) => well))),
  bad: p99(sumOf(pairs.map(({ bad }) => bad))),
});

function sumOf(spells: readonly Spell[]): Spell {
  const sum = new Uint32Array(BINS);
  for (const spell of spells)
    for (let bin = 0; bin < BINS; bin++) sum[bin] = (sum[bin] as number) + (spell[bin] as number);
  return sum;
}

const countOf = (spell: Spell): number => spell.reduce((sum, count) => sum + count, 0);

/** In milliseconds. */
function p99(spell: Spell): number {
  let left = countOf(spell) * 0.99;
  let bin = 0;
  while (left >= (spell[bin] as number)) left -= spell[bin++] as number;
  return (bin + 0.5) / BINS_PER_MS;
}

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
