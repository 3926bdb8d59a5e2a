/** Whether upstreams that misbehave are felt by the callers of one that does not. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ground, startGateway } from './ground.ts';
import type { LoadResult } from './load-task.ts';
import { startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { callOf, grow, type Layout, newKeys, setUpstream } from './scene.ts';
import { median } from './table.ts';
import type { Verdict } from './verdict.ts';

/** `upstreams`: bad ones at once, all of one kind. `seconds`: of each spell, alone and beside, `trials` times in turn. */
export type BadSize = { upstreams: number; callersEach: number; trials: number; seconds: number };
export const BAD_SIZE: BadSize = { upstreams: 10, callersEach: 5, trials: 5, seconds: 2 };

const LAYOUT: Layout = { perUser: 1, connectionsPerUser: 1 };
const KINDS = { hang: 'hang', reset: 'reset', endless: 'never end', drip: 'drip', slow: 'are slow' };
const WITHIN = 1.1;
const SETTLE_MS = 300;
// Fewer than keep the machine busy: else whatever costs anything at all is felt.
const CONCURRENCY = 3;

/** Calls one good upstream, alone and beside callers of bad ones, for each kind of bad. Throws when a good answer is not the right one. */
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
  await grow(url, { from: 0, to: size.upstreams + 1, upstream: `http://127.0.0.1:${good.port}/mcp`, layout: LAYOUT });
  const keys = await newKeys();
  const gateway = await startGateway(url, keys.text, { GRANTWAY_PLANES: 'gateway', GRANTWAY_LOG_LEVEL: 'silent' });
  const [request, ...calls] = (await Promise.all(
    Array.from({ length: size.upstreams + 1 }, (_, n) => callOf(n, gateway.base, keys.keyring, 'POST', LAYOUT)),
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
      for (let n = 1; n <= size.upstreams; n++) await setUpstream(url, n, `http://127.0.0.1:${bad.port}/${kind}`);
      const [alone, beside]: [number[], number[]] = [[], []];
      for (let trial = 0; trial < size.trials; trial++) {
        alone.push(await p99());
        const stop = callBadly(gateway.port, calls, size.callersEach);
        beside.push(await p99());
        await stop();
      }
      const ratio = median(beside.map((ms, trial) => ms / (alone[trial] as number)));
      hear({
        fault: `${size.upstreams} upstreams ${words}`,
        expected: "the others' p99 within 10 %, and all their answers right",
        seen: `p99 ${median(alone).toFixed(2)} ms alone, ${median(beside).toFixed(2)} ms beside; median of ${size.trials} ratios ${ratio.toFixed(2)}`,
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
