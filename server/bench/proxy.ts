/** Throughput, processor time and latency of the gateway beside a bare proxy: same upstream, same load, one run, in turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ground, startGateway } from './ground.ts';
import type { LoadResult, LoadTask } from './load-task.ts';
import { type Program, startProgram } from './processes.ts';
import { CALL, callOf, grow, LAYOUT, newKeys, requestText } from './scene.ts';
import { atLeast, atMost, median, rounded, type Table, type Target } from './table.ts';

export type ProxySize = { concurrencies: number[]; trials: number; seconds: number; grants: number };
export const PROXY_SIZE: ProxySize = { concurrencies: [1, 16, 64], trials: 3, seconds: 4, grants: 1_000 };

export type Measured = LoadResult & { cpu: number; system: number };

/** One spell of load on one program, with the processor time that the program took for it. */
export async function measure(load: Program, program: Program, task: LoadTask): Promise<Measured> {
  const before = await program.usage();
  const result = await load.ask<LoadResult>(task);
  const after = await program.usage();
  // A wrong answer is cheap to give: a run that has any says nothing.
  if (result.wrong > 0)
    throw new Error(`${result.wrong} answers were not the right one, such as: ${result.firstWrong}`);
  if (result.right === 0) throw new Error('there was no answer at all');
  return {
    ...result,
    cpu: (after.cpu - before.cpu) / result.right,
    system: (after.system - before.system) / result.right,
  };
}

/** What the upstream says to a tool call, asked of it directly. */
export async function expectedBody(upstream: Program): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${upstream.port}/mcp`, { method: 'POST', body: CALL });
  return answer.text();
}

export async function measureProxy(ground: Ground, size: ProxySize = PROXY_SIZE): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'grantway-bench-'));
  const upstream = await startProgram({ file: 'bench/upstream.ts' });
  const to = `http://127.0.0.1:${upstream.port}/mcp`;
  const url = await ground.database();
  await grow(url, { from: 0, to: size.grants, upstream: to });
  const keys = await newKeys();
  const [load, bare, gateway] = await Promise.all([
    startProgram({ file: 'bench/load.ts' }),
    startProgram({ file: 'bench/bare-proxy.ts', env: { UPSTREAM: to } }),
    // Its access log is written, as it would be.
    startGateway(url, keys.text, { GRANTWAY_PLANES: 'gateway' }, join(folder, 'gateway.log')),
  ]);
  const users = Math.min(size.grants, LAYOUT.perUser);
  const expected = await expectedBody(upstream);
  const ours = await Promise.all(
    Array.from({ length: Math.min(users, 200) }, (_, n) => callOf(n, gateway.base, keys.keyring)),
  );
  const theirs = [requestText('POST', '/mcp', `127.0.0.1:${bare.port}`, 'x'.repeat(700))];
  const spell = (program: Program, requests: string[], concurrency: number, seconds: number): Promise<Measured> =>
    measure(load, program, { port: program.port, requests, expected, concurrency, seconds });
  try {
    for (const concurrency of size.concurrencies) {
      await spell(bare, theirs, concurrency, size.seconds);
      await spell(gateway, ours, concurrency, size.seconds);
    }
    const rows: Table['rows'] = [];
    const targets: Target[] = [];
    for (const concurrency of size.concurrencies) {
      const trials: { bare: Measured; ours: Measured }[] = [];
      for (let trial = 0; trial < size.trials; trial++) {
        const one = await spell(bare, theirs, concurrency, size.seconds);
        trials.push({ bare: one, ours: await spell(gateway, ours, concurrency, size.seconds) });
      }
      const of = (pick: (trial: { bare: Measured; ours: Measured }) => number): number => median(trials.map(pick));
      const rate = ({ right, seconds }: LoadResult): number => right / seconds;
      const ratio = rounded(
        of((trial) => rate(trial.ours) / rate(trial.bare)),
        2,
      );
      const share = rounded(
        of((trial) => trial.ours.cpu / trial.bare.cpu),
        2,
      );
      const added = rounded(
        of((trial) => trial.ours.p50 - trial.bare.p50),
        3,
      );
      if (concurrency === 1) targets.push(atMost('added p50 in ms at concurrency 1', added, 0.3));
      else {
        targets.push(atLeast(`throughput ÷ bare at concurrency ${concurrency}`, ratio, 0.7));
        // 55 µs where the bare proxy takes 35.
        targets.push(atMost(`processor time ÷ bare at concurrency ${concurrency}`, share, rounded(55 / 35, 2)));
      }
      rows.push({
        concurrency,
        'bare req/s': rounded(of((trial) => rate(trial.bare))),
        'Grantway req/s': rounded(of((trial) => rate(trial.ours))),
        ratio,
        'bare CPU µs': rounded(
          of((trial) => trial.bare.cpu),
          1,
        ),
        'Grantway CPU µs': rounded(
          of((trial) => trial.ours.cpu),
          1,
        ),
        'added p50 ms': added,
        'Grantway p99 ms': rounded(
          of((trial) => trial.ours.p99),
          2,
        ),
      });
    }
    return {
      title: 'Proxy: a tool call through Grantway, and through a bare Node+undici proxy',
      wanted: 'ratio ≥ 0.70 at 16 and 64; ≤ 55 µs where bare takes 35; added p50 ≤ 0.3 ms at 1',
      how: `${size.trials} alternating trials of ${size.seconds} s each, medians; ${size.grants} grants, access log written`,
      rows,
      targets,
    };
  } finally {
    await Promise.all([load, bare, gateway, upstream].map((program) => program.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}
