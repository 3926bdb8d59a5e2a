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
 * `connections`: to the bad one, with callers each. Each of the `trials` calls beside them for `spells` × `seconds` while it is well and
 * as long while it is bad, in turn.
 */
export type BadSize = { connections: number; callersEach: number; trials: number; spells: number; seconds: number };
export const BAD_SIZE: BadSize = { connections: 10, callersEach: 2, trials: 7, spells: 3, seconds: 0.5 };

const LAYOUT: Layout = { perUser: 1, connectionsPerUser: 1 };
const KINDS = { hang: 'hangs', reset: 'resets', endless: 'never ends', drip: 'drips', slow: 'is slow' };
const WITHIN = 1.1;
const SETTLE_MS = 100;
// As much as the proxy is measured with: with fewer, the 99th percentile is one collection of garbage.
const CONCURRENCY = 16;

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
  const { seconds } = size;
  const task = { port: gateway.port, requests: [request], expected, concurrency: CONCURRENCY, seconds, tellAll: true };
  const measure = async (): Promise<number[]> => {
    const { wrong, firstWrong, latencies = [] } = await load.ask<LoadResult>(task);
    if (wrong > 0) throw new Error(`the good upstream's callers got ${firstWrong}`);
    return latencies;
  };
  const others = calls.map((_, n) => n + 1);
  const beside = async ({ port }: Program, way: string): Promise<number[]> => {
    await setUpstream(url, others, `http://127.0.0.1:${port}/${way}`);
    const stop = callBadly(gateway.port, calls, size.callersEach);
    await sleep(SETTLE_MS);
    const latencies = await measure();
    await stop();
    return latencies;
  };
  try {
    await measure();
    for (const [kind, words] of Object.entries(KINDS)) {
      const trials: { well: number; bad: number }[] = [];
      let fewest = Number.POSITIVE_INFINITY;
      for (let trial = 0; trial < size.trials; trial++) {
        const all = { well: [] as number[], bad: [] as number[] };
        // One after the other, and every second time the other way round: what the machine does meanwhile meets both.
        for (let spell = 0; spell < size.spells; spell++) {
          const wellFirst = (trial + spell) % 2 === 0;
          for (const isWell of [wellFirst, !wellFirst])
            (isWell ? all.well : all.bad).push(...(await beside(isWell ? well : bad, isWell ? 'well' : kind)));
        }
        trials.push({ well: percentile(all.well, 0.99), bad: percentile(all.bad, 0.99) });
        fewest = Math.min(fewest, all.well.length, all.bad.length);
      }
      hear(judge(`an upstream with ${size.connections * size.callersEach} callers ${words}`, trials, fewest));
    }
  } finally {
    await Promise.all([good, well, bad, load, gateway].map((program) => program.kill()));
  }
}

/** `trials`: the 99th percentiles of each, in milliseconds; `fewest`: requests behind each of them. */
function judge(fault: string, trials: readonly { well: number; bad: number }[], fewest: number): Verdict {
  const well = median(trials.map((trial) => trial.well));
  const bad = median(trials.map((trial) => trial.bad));
  const each = trials.map((trial) => (trial.bad / trial.well).toFixed(2)).sort();
  return {
    fault,
    expected: `the others' answers right, and their p99, median of ${trials.length} trials, at most ${WITHIN} × that beside it well`,
    seen: `${(bad / well).toFixed(2)} × (${bad.toFixed(2)} ms for ${well.toFixed(2)} ms; single trials ${each.join(' ')}; ≥ ${fewest} requests each)`,
    held: true,
    inTime: bad <= WITHIN * well,
  };
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
    await sleep(SETTLE_MS);
  };
}
