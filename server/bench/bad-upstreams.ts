/** Whether upstreams that misbehave are felt by the callers of one that does not. */
import { connect, type Socket } from 'node:net';
import type { Verdict } from './faults.ts';
import { type Ground, startGateway } from './ground.ts';
import type { LoadResult } from './load-task.ts';
import { startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { callOf, grow, type Layout, newKeys, setUpstream } from './scene.ts';
import { median } from './table.ts';

export type BadSize = { upstreams: number; callersEach: number; trials: number; seconds: number };
export const BAD_SIZE: BadSize = { upstreams: 10, callersEach: 5, trials: 3, seconds: 3 };

const LAYOUT: Layout = { perUser: 1, connectionsPerUser: 1 };
const WAYS = ['hang', 'reset', 'endless', 'drip'];
const WITHIN = 1.1;

/** Calls one good upstream, alone and beside callers of `upstreams` bad ones, in turn. Throws when a good answer is not the right one. */
export async function measureBadUpstreams(ground: Ground, size: BadSize = BAD_SIZE): Promise<Verdict> {
  const [good, bad, load] = await Promise.all([
    startProgram({ file: 'bench/upstream.ts' }),
    startProgram({ file: 'bench/bad-upstream.ts' }),
    startProgram({ file: 'bench/load.ts' }),
  ]);
  const url = await ground.database();
  await grow(url, { from: 0, to: size.upstreams + 1, upstream: `http://127.0.0.1:${good.port}/mcp`, layout: LAYOUT });
  for (let n = 1; n <= size.upstreams; n++)
    await setUpstream(url, n, `http://127.0.0.1:${bad.port}/${WAYS[n % WAYS.length]}`);
  const keys = await newKeys();
  const gateway = await startGateway(url, keys.text, { GRANTWAY_PLANES: 'gateway', GRANTWAY_LOG_LEVEL: 'silent' });
  const requests = [await callOf(0, gateway.base, keys.keyring, 'POST', LAYOUT)];
  const task = {
    port: gateway.port,
    requests,
    expected: await expectedBody(good),
    concurrency: 8,
    seconds: size.seconds,
  };
  const spell = async (): Promise<LoadResult> => {
    const result = await load.ask<LoadResult>(task);
    if (result.wrong > 0) throw new Error(`the good upstream's callers got ${result.firstWrong}`);
    return result;
  };
  const calls = await Promise.all(
    Array.from({ length: size.upstreams }, (_, n) => callOf(n + 1, gateway.base, keys.keyring, 'POST', LAYOUT)),
  );
  try {
    await spell();
    const [alone, beside]: [number[], number[]] = [[], []];
    for (let trial = 0; trial < size.trials; trial++) {
      alone.push((await spell()).p99);
      const stop = callBadly(gateway.port, calls, size.callersEach);
      beside.push((await spell()).p99);
      stop();
    }
    const ratio = median(beside) / median(alone);
    return {
      fault: `${size.upstreams} upstreams that hang, reset, never end or drip`,
      expected: "the others' p99 within 10 %",
      seen: `p99 ${median(alone).toFixed(2)} ms alone, ${median(beside).toFixed(2)} ms beside: × ${ratio.toFixed(2)}`,
      held: ratio <= WITHIN,
    };
  } finally {
    await Promise.all([good, bad, load, gateway].map((program) => program.kill()));
  }
}

/** Callers that read nothing of what comes, and call again when they are cut off. @returns what ends them. */
function callBadly(port: number, calls: readonly string[], each: number): () => void {
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
  return () => {
    over = true;
    for (const socket of sockets) socket.destroy();
  };
}
