/** The fuzz: so many inputs, each parameter of each endpoint with its share, and nothing may be a 500 or a hang. */
import fc from 'fast-check';
import type { Database } from '../../platform/database.ts';
import { protocolCells } from './authorization-server.ts';
import type { Cell, Outcome } from './cell.ts';
import { discoveryCells } from './discovery.ts';
import { gatewayCells } from './gateway.ts';
import { openWorld } from './world.ts';

/** An answer that takes so long is a hang. */
const DEADLINE_MS = 20_000;
const AT_ONCE = 8;
/** However small its share, a parameter is tried so often. */
const LEAST = 20;

export type EndpointCount = { inputs: number; parameters: number; statuses: Record<string, number> };
export type FuzzReport = { inputs: number; endpoints: Record<string, EndpointCount>; failures: string[] };

/** Sends at least `inputs` inputs, drawn from `seed`. Rate limits are out of the way. */
export async function fuzz(
  database: Database,
  { inputs, seed }: { inputs: number; seed: number },
): Promise<FuzzReport> {
  const gateway = await gatewayCells(database);
  const world = await openWorld(database);
  const cells = [...protocolCells(world), ...discoveryCells(world), ...gateway.cells];
  const whole = cells.reduce((sum, { weight }) => sum + weight, 0);
  const report: FuzzReport = { inputs: 0, endpoints: {}, failures: [] };
  const queue = [...cells.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, one] = next;
      const runs = Math.max(LEAST, Math.ceil((inputs * one.weight) / whole));
      await fuzzCell(one, { runs, seed: seed + index }, report);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await gateway.close();
  }
  return report;
}

async function fuzzCell(one: Cell, { runs, seed }: { runs: number; seed: number }, report: FuzzReport): Promise<void> {
  const { endpoint, parameter, input, send } = one;
  const count = report.endpoints[endpoint] ?? { inputs: 0, parameters: 0, statuses: {} };
  report.endpoints[endpoint] = count;
  count.parameters++;
  const property = fc.asyncProperty(input, async (value) => {
    const status = await inTime(send(value as never));
    report.inputs++;
    count.inputs++;
    count.statuses[status] = (count.statuses[status] ?? 0) + 1;
    // 503 is for a database that is away, which here it never is.
    if (typeof status === 'number' && status >= 500) throw new Error(`answered ${status}`);
  });
  const found = await fc.check(property, { numRuns: runs, seed, endOnFailure: false });
  if (!found.failed) return;
  const told = JSON.stringify(found.counterexample).slice(0, 500);
  report.failures.push(`${endpoint}, ${parameter} (seed ${seed}): ${String(found.errorInstance)} for ${told}`);
}

function inTime(answer: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), DEADLINE_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
