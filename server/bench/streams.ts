/** Many event streams on one process: what each costs, how tool calls fare beside them, and how fast a revocation ends them. */
import { revokeGrants, type Which } from '../src/core/grants/revoke.ts';
import { type Database, openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { transact } from '../src/platform/transact.ts';
import { type Ground, startGateway } from './ground.ts';
import type { StreamResult, StreamTask } from './load-task.ts';
import { fileLimit, type Program, startProgram } from './processes.ts';
import { expectedBody, type Measured, measure } from './proxy.ts';
import { callOf, grow, idOf, type Layout, newKeys } from './scene.ts';
import { atLeast, atMost, median, percentile, rounded, type Table } from './table.ts';

/**
 * `grants` grants with `each` streams; `single` of them are revoked one by one, the others at once with their connection. `trials` of
 * `seconds` each before the streams are opened, and as many beside them.
 */
export type StreamsSize = { grants: number; single: number; each: number; trials: number; seconds: number };
export const STREAMS_SIZE: StreamsSize = { grants: 1_050, single: 50, each: 10, trials: 3, seconds: 3 };

export async function measureStreams(ground: Ground, wanted: StreamsSize = STREAMS_SIZE): Promise<Table> {
  // A stream is two sockets of the gateway.
  const files = fileLimit();
  const size = { ...wanted, grants: Math.min(wanted.grants, Math.floor((files - 200) / 2 / wanted.each)) };
  const layout: Layout = { perUser: size.grants + 1, connectionsPerUser: 1 };
  const upstream = await startProgram({ file: 'bench/upstream.ts' });
  const url = await ground.database();
  await grow(url, { from: 0, to: size.grants + 1, upstream: `http://127.0.0.1:${upstream.port}/mcp`, layout });
  const keys = await newKeys();
  const [holder, load, gateway] = await Promise.all([
    startProgram({ file: 'bench/stream-load.ts' }),
    startProgram({ file: 'bench/load.ts' }),
    startGateway(url, keys.text, { GRANTWAY_PLANES: 'gateway' }),
  ]);
  const database = await openDatabase({ url, dataDirectory: '', poolSize: 2, log: openLog('error') });
  const programs = [holder, load, gateway, upstream];
  try {
    const ask = (task: StreamTask): Promise<StreamResult> => holder.ask(task);
    const call = [await callOf(size.grants, gateway.base, keys.keyring, 'POST', layout)];
    const task = {
      port: gateway.port,
      requests: call,
      expected: await expectedBody(upstream),
      concurrency: 16,
      seconds: size.seconds,
    };
    const spells = async (): Promise<{ rate: number; p99: number }> => {
      // The first after anything that was new to the process is not what it does from then on.
      await measure(load, gateway, task);
      const all: Measured[] = [];
      for (let trial = 0; trial < size.trials; trial++) all.push(await measure(load, gateway, task));
      return { rate: median(all.map(({ right, seconds }) => right / seconds)), p99: median(all.map(({ p99 }) => p99)) };
    };
    const alone = await spells();
    const before = await gateway.usageAtRest();
    const requests = await Promise.all(
      Array.from({ length: size.grants }, (_, n) => callOf(n, gateway.base, keys.keyring, 'GET', layout)),
    );
    const { open } = await ask({ act: 'open', port: gateway.port, requests, each: size.each });
    if (open !== size.grants * size.each) throw new Error(`${open} streams are open`);
    const after = await gateway.usageAtRest();
    const beside = await spells();
    const cut = async (which: Which, of: number | null): Promise<number[]> => {
      const committedAt = await revoke(database, which);
      const { ends } = await ask({ act: 'await-end', of, patienceMs: 10_000 });
      if (ends.includes(null)) throw new Error('a stream outlived its grant by ten seconds');
      return ends.map((end) => Math.max(0, (end as number) - committedAt));
    };
    const single: number[] = [];
    for (let n = 0; n < size.single; n++) single.push(...(await cut({ grantIds: [idOf('grant', n)] }, n)));
    const together = await cut({ connectionId: idOf('connection', 0) }, null);
    const kib = rounded((after.rss - before.rss) / open / 1024, 1);
    const besides = rounded(beside.rate / alone.rate, 2);
    return {
      title: `Event streams: ${open} on one process`,
      wanted:
        '≤ 25 KiB each; tool calls beside them unharmed; one grant cut in ≤ 250 ms (p99), 10 000 of one connection in ≤ 3 s',
      how: `${size.grants} grants with ${size.each} streams each; calls: medians of ${size.trials} trials of ${size.seconds} s at concurrency 16, after one that does not count; from the commit to the client's end of the stream; a process may have ${files} files open here`,
      rows: [
        {
          streams: open,
          'KiB each (resident)': kib,
          'KiB each (heap)': rounded((after.heap - before.heap) / open / 1024, 1),
          'calls/s alone': rounded(alone.rate),
          'calls/s beside': rounded(beside.rate),
          'p99 ms alone': rounded(alone.p99, 1),
          'p99 ms beside': rounded(beside.p99, 1),
          [`cut ms p99 (${single.length} of one grant at a time)`]: percentile(single, 0.99),
          [`cut ms, last of ${together.length}`]: Math.max(...together),
        },
      ],
      targets: [
        atMost('KiB each', kib, 25),
        atLeast('tool calls beside them ÷ alone', besides, 0.9),
        atMost('cut of one grant, p99 in ms', percentile(single, 0.99), 250),
        atMost(`cut of ${together.length} of one connection, the last in ms`, Math.max(...together), 3_000),
      ],
    };
  } finally {
    await database.close();
    await Promise.all(programs.map((program: Program) => program.kill()));
  }
}

/** @returns when it was committed, in milliseconds since the epoch. */
async function revoke(database: Database, which: Which): Promise<number> {
  await transact(database, (tx) => revokeGrants(tx, which, 'user_revoked', { userId: null }, new Date()));
  return Date.now();
}
