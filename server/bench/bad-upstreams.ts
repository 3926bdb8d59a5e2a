/** Whether it is felt by the callers of one upstream that another one begins to misbehave. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ground, startGateway } from './ground.ts';
import type { LoadResult } from './load-task.ts';
import { startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { callOf, grow, type Layout, newKeys, setUpstream } from './scene.ts';
import { median } from './table.ts';
import type { Verdict } from './verdict.ts';

/** `connections`: to the bad one, with callers each. `seconds`: of each spell, beside it well and bad, `trials` times in turn. */
export type BadSize = { connections: number; callersEach: number; trials: number; seconds: number };
export const BAD_SIZE: BadSize = { connections: 10, callersEach: 2, trials: 7, seconds: 2 };

const LAYOUT: Layout = { perUser: 1, connectionsPerUser: 1 };
const KINDS = { hang: 'hangs', reset: 'resets', endless: 'never ends', drip: 'drips', slow: 'is slow' };
const WITHIN = 1.1;
const SETTLE_MS = 300;
// As much as the proxy is measured with: with fewer, the 99th percentile is one collection of garbage.
const CONCURRENCY = 16;

/**
 * Calls a good upstream beside the callers of another one, which is well and bad in turn, for each kind of bad: what those callers cost
 * anyway is then on both sides. Throws when a good answer is not the right one.
 */
export async function measureBadUpstreams(
  ground: Ground,
  size: BadSize,
  hear: (verdict: Verdict) => void,
): Promise<void> {
  const [good, bad, load] = await Promise.all([
    startProgram({ file: 'bench/upstream.ts' }),
    startProgram({ file: 'bench/bad-upstream.ts' }),
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
  const task = { port: gateway.port, requests: [request], expected, concurrency: CONCURRENCY, seconds: size.seconds };
  const p99 = async (): Promise<number> => {
    const result = await load.ask<LoadResult>(task);
    if (result.wrong > 0) throw new Error(`the good upstream's callers got ${result.firstWrong}`);
    return result.p99;
  };
  try {
    await p99();
    for (const [kind, words] of Object.entries(KINDS)) {
      const beside = { well: [] as number[], bad: [] as number[] };
      for (let trial = 0; trial < size.trials; trial++) {
        for (const [state, path] of [
          ['well', 'well'],
          ['bad', kind],
        ] as const) {
          for (let n = 1; n <= size.connections; n++) await setUpstream(url, n, `http://127.0.0.1:${bad.port}/${path}`);
          const stop = callBadly(gateway.port, calls, size.callersEach);
          beside[state].push(await p99());
          await stop();
        }
      }
      const ratio = median(beside.bad.map((ms, trial) => ms / (beside.well[trial] as number)));
      hear({
        fault: `an upstream with ${size.connections * size.callersEach} callers ${words}`,
        expected: "the others' p99 within 10 %, and all their answers right",
        seen: `p99 ${median(beside.well).toFixed(2)} ms beside it well, ${median(beside.bad).toFixed(2)} ms beside it bad; median of ${size.trials} ratios ${ratio.toFixed(2)}`,
        held: true,
        inTime: ratio <= WITHIN,
      });
    }
  } finally {
    await Promise.all([good, bad, load, gateway].map((program) => program.kill()));
  }
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
