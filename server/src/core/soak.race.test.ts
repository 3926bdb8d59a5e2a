/** The short soak of the suite; `npm run soak` is the long one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../platform/database.ts';
import { openProcesses } from '../testing/processes.ts';
import { soak } from '../testing/soak.ts';

let processes: Database[];
let close: () => Promise<void>;
beforeAll(async () => {
  ({ processes, close } = await openProcesses(3));
});
afterAll(() => close());

test('#290 #300 I1 to I9: sixteen actors on three processes break no invariant and meet no deadlock', {
  timeout: 120_000,
}, async () => {
  const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 1e9));
  const report = await soak(processes, seed, 12);
  const told = JSON.stringify(report, null, 2);
  expect(report.violations, told).toEqual([]);
  expect(report.deadlocks, told).toBe(0);
  expect(report.unavailable, told).toBe(0);
  // A soak in which nothing happened would prove nothing.
  for (const name of ['approve', 'exchange', 'refresh', 'ask', 'revokeGrant', 'revokeFamily'])
    expect(report.operations[name]?.done, name).toBeGreaterThan(0);
});
