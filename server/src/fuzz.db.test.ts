/** A hundred thousand inputs to the authorization server, discovery and the gateway's front: none is a 500, none a hang (`npm run fuzz` sends more). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from './platform/database.ts';
import { openTestDatabase } from './testing/database.ts';
import { fuzz } from './testing/fuzz/run.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('#13 #64 #146 no input of any parameter is a 500 or a hang', { timeout: 600_000 }, async () => {
  // The embedded database has one connection, and the code above it is the same: it gets the least.
  const inputs = database.kind === 'postgres' ? 100_000 : 1;
  const report = await fuzz(database, { inputs, seed: 20_261_124 });
  const counted = Object.entries(report.endpoints).map(([endpoint, { inputs: sent, statuses }]) => [
    endpoint,
    { inputs: sent, statuses: JSON.stringify(statuses) },
  ]);
  console.table(Object.fromEntries(counted));
  expect(report.failures).toEqual([]);
  expect(report.inputs).toBeGreaterThanOrEqual(inputs);
  // What is nearly right has to be right now and then, or only the first check of each endpoint was tried.
  for (const endpoint of ['POST token (refresh)', 'POST introspect', 'userinfo', 'POST register', 'mcp-connect']) {
    const { statuses } = report.endpoints[endpoint] as { statuses: Record<string, number> };
    expect((statuses[200] ?? 0) + (statuses[201] ?? 0), endpoint).toBeGreaterThan(0);
  }
});
