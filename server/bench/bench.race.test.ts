/** The measurements themselves, small: that they measure what they say, on the real programs. No figure is judged here. */
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { measureGrants } from './grants.ts';
import { type Ground, openGround } from './ground.ts';
import { startProgram } from './processes.ts';
import { expectedBody, measure, measureProxy } from './proxy.ts';
import { measureRevocation } from './revocation.ts';
import { raceRevocations } from './revocation-race.ts';
import { requestText } from './scene.ts';
import { measureStreams } from './streams.ts';
import type { Table } from './table.ts';
import { measureTokens } from './tokens.ts';

// They start programs, which takes long where the machine is busy with other things.
vi.setConfig({ testTimeout: 120_000 });

let ground: Ground;

beforeAll(async () => {
  ground = await openGround({ serverUrl: inject('serverUrl') });
});
afterAll(() => ground.close());

/** Of so few even a figure below zero is one: what a stream costs is less than what a process gives back meanwhile. */
const expectFigures = ({ rows, targets }: Table): void => {
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(Object.values(row).every((value) => Number.isFinite(value))).toBe(true);
  expect(targets.length).toBeGreaterThan(0);
  for (const { text } of targets) expect(text).toMatch(/: -?\d+(\.\d+)?, at (most|least) \d/);
};

test('the gateway is measured beside a bare proxy', async () => {
  expectFigures(await measureProxy(ground, { concurrencies: [1, 4], trials: 1, seconds: 0.1, grants: 20 }));
});

test('a run with an answer that is not the right one is refused', async () => {
  const [load, upstream] = await Promise.all([
    startProgram({ file: 'bench/load.ts' }),
    startProgram({ file: 'bench/upstream.ts' }),
  ]);
  const task = {
    port: upstream.port,
    requests: [requestText('POST', '/mcp', 'localhost', 'token')],
    concurrency: 2,
    seconds: 0.2,
  };
  await expect(measure(load, upstream, { ...task, expected: '{"another":"answer"}' })).rejects.toThrow(
    'not the right one',
  );
  const right = await measure(load, upstream, { ...task, expected: await expectedBody(upstream) });
  expect(right.right).toBeGreaterThan(0);
  await Promise.all([load.kill(), upstream.kill()]);
});

test('few and many grants, and the page of someone with many', async () => {
  expectFigures(await measureGrants(ground, { few: 20, many: 400, trials: 1, warmUp: 0.1, seconds: 0.1 }));
});

test('event streams are opened, and every one of them ends with its grant', async () => {
  expectFigures(await measureStreams(ground, { grants: 12, single: 2, each: 5, trials: 1, seconds: 0.1 }));
});

test('refreshes are measured beside oidc-provider', async () => {
  expectFigures(await measureTokens(ground, { chains: [1, 3], trials: 1, seconds: 0.1, warmUp: 0.1 }));
});

test('a revocation of more grants than an ordinary transaction has time for ends them all', async () => {
  expectFigures(await measureRevocation(ground, { grants: [20, 2_500], trials: 1 }));
});

test('#323 nothing that begins after the acknowledgement of a revoke gets through at any of three processes', async () => {
  const { tried, violations, streamsCut } = await raceRevocations(ground, {
    processes: 3,
    revokes: 12,
    after: 12,
    atOnce: 4,
    pauseMs: 5,
  });
  expect({ tried, violations, streamsCut }).toEqual({ tried: 144, violations: 0, streamsCut: 36 });
});
