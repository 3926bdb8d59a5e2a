/** PostgreSQL stopped, silent, slow, locked, with no connection left, and restarted in the middle of commits. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '@grantway/prisma/postgres-server';
import pg from 'pg';
import { type Asked, areInTime, isTransient, isUnavailable, statusOf, tell } from './callers.ts';
import { callBeside, type FaultGround, type Told } from './fault-ground.ts';
import { countLost, openJourneys } from './journeys.ts';
import type { Program } from './processes.ts';
import { idOf } from './scene.ts';
import type { Verdict } from './verdict.ts';

const WELL_MS = { restarted: 30_000, otherwise: 10_000 };
const SLOW_MS = 500;
/** More than a statement may wait. */
const WAITS_MS = 4_600;
const WORKERS = 4;

const told = ({ asked, recoveredMs }: Told): string => `${tell(asked)}; well after ${Math.round(recoveredMs)} ms`;
const seconds = (milliseconds: number): string => `${milliseconds / 1_000} s`;

/** The database answers nobody for a while; so say both planes, and nothing is consumed. */
export async function databaseAway(
  ground: FaultGround,
  fault: string,
  set: (away: boolean) => void | Promise<void>,
  lastsMs: number,
  wellMs = WELL_MS.otherwise,
): Promise<Verdict> {
  const [first] = ground.gateways as [Program];
  let meanwhile: { ready: number; live: number; refreshed: Asked } | null = null;
  const beside = await callBeside(
    ground,
    async () => {
      await set(true);
      await sleep(200);
      const refreshing = ground.refresh(first, 1);
      const [ready, live] = [await statusOf(first, '/health/ready'), await statusOf(first, '/health/live')];
      meanwhile = { ready, live, refreshed: await refreshing };
      await sleep(lastsMs);
      await set(false);
    },
    wellMs,
  );
  const { ready, live, refreshed } = meanwhile as unknown as { ready: number; live: number; refreshed: Asked };
  const again = await ground.refresh(first, 1);
  return {
    fault,
    expected: `503 with Retry-After in 5 s, refresh too; not ready, alive; refresh token works after; well in ${seconds(wellMs)}`,
    seen: `${told(beside)}; refresh ${refreshed.status} after ${Math.round(refreshed.ms)} ms, then ${again.status}; ready ${ready}, live ${live}`,
    held:
      isTransient(beside.asked) &&
      beside.asked.some(({ right }) => !right) &&
      ready === 503 &&
      live === 200 &&
      isUnavailable(refreshed) &&
      again.status === 200,
    inTime: areInTime([...beside.asked, refreshed]) && beside.recoveredMs < wellMs,
  };
}

export async function databaseSlow(ground: FaultGround, lastsMs: number): Promise<Verdict> {
  const [first] = ground.gateways as [Program];
  let refreshed: Asked | null = null;
  const beside = await callBeside(
    ground,
    async () => {
      ground.proxy.setSlow(SLOW_MS);
      refreshed = await ground.refresh(first, 2);
      await sleep(lastsMs);
      ground.proxy.setSlow(0);
    },
    WELL_MS.otherwise,
  );
  const { status } = refreshed as unknown as Asked;
  const again = await ground.refresh(first, 2);
  return {
    fault: `every answer of the database comes ${SLOW_MS} ms late`,
    expected: 'right answers, or 503 with Retry-After in 5 s; refresh token works after; well in 10 s',
    seen: `${told(beside)}; refresh ${status}, then ${again.status}`,
    held: isTransient(beside.asked) && [200, 503].includes(status) && again.status === 200,
    inTime: areInTime(beside.asked) && beside.recoveredMs < WELL_MS.otherwise,
  };
}

/** Runs `work` while a session of ours holds what `statement` takes. */
async function holding(ground: FaultGround, statement: string, work: () => Promise<void>): Promise<void> {
  const holder = new pg.Client({ connectionString: ground.databaseUrl });
  await holder.connect();
  try {
    await holder.query('BEGIN');
    await holder.query(statement);
    await work();
    await holder.query('ROLLBACK');
  } finally {
    await holder.end();
  }
}

export async function tableLocked(ground: FaultGround, lastsMs: number): Promise<Verdict> {
  const lock = 'LOCK TABLE oauth_grant IN ACCESS EXCLUSIVE MODE';
  const beside = await callBeside(
    ground,
    () =>
      holding(ground, lock, async () => {
        // Something that is committed, so that the rows have to be read.
        await ground.sql('SELECT pg_current_xact_id()');
        await sleep(Math.max(lastsMs, WAITS_MS));
      }),
    WELL_MS.otherwise,
  );
  return {
    fault: 'every check of a grant waits for a lock',
    expected: '503 with Retry-After in 5 s; well in 10 s',
    seen: told(beside),
    held: isTransient(beside.asked) && beside.asked.some(({ right }) => !right),
    inTime: areInTime(beside.asked) && beside.recoveredMs < WELL_MS.otherwise,
  };
}

/** More refreshes wait for locked rows than the pool has connections: MCP traffic has connections of its own. */
export async function poolExhausted(ground: FaultGround): Promise<Verdict> {
  const [first] = ground.gateways as [Program];
  const numbers = Array.from({ length: 30 }, (_, n) => n + 10);
  const rows = numbers.map((n) => `'${idOf('grant', n)}'`).join();
  let waiting: Asked[] = [];
  const beside = await callBeside(
    ground,
    () =>
      holding(ground, `SELECT id FROM oauth_grant WHERE id IN (${rows}) FOR UPDATE`, async () => {
        waiting = await Promise.all([...numbers, 3].map((n) => ground.refresh(first, n)));
      }),
    WELL_MS.otherwise,
  );
  const again = await Promise.all(numbers.map((n) => ground.refresh(first, n)));
  return {
    fault: 'all connections of the pool wait for locked rows',
    expected: 'calls right; refreshes 503 with Retry-After in 5 s, and none of their tokens is lost',
    seen: `${told(beside)}; refreshes ${tell(waiting)}; then ${tell(again)}`,
    held:
      beside.asked.every(({ right }) => right) &&
      waiting.every((one) => isUnavailable(one) || one.status === 200) &&
      waiting.filter(isUnavailable).length >= numbers.length &&
      again.every(({ status }) => status === 200),
    inTime: areInTime([...beside.asked, ...waiting]),
  };
}

/** The server is killed at the moment at which it has been given a COMMIT, `times` times, under approvals, exchanges, refreshes and revocations. */
export async function restartedInCommit(ground: FaultGround, server: Server, times: number): Promise<Verdict> {
  let turn = 0;
  const at = (): Program => ground.gateways[turn++ % ground.gateways.length] as Program;
  const journeys = await openJourneys(ground, at, WORKERS);
  const running = journeys.begin();
  const beside = await callBeside(
    ground,
    async () => {
      for (let n = 0; n < times; n++) {
        await sleep(1_000);
        await ground.proxy.heard('COMMIT');
        await server.down('crashed');
        await server.up();
      }
    },
    WELL_MS.restarted,
  );
  await sleep(1_000);
  await running.stop();
  const { acknowledged, answers, wrong } = journeys;
  const lost = await countLost(ground, acknowledged);
  const { codes, refreshTokens, revokedGrants, revokedTokens } = acknowledged;
  const after = await Promise.all(revokedTokens.slice(-50).map(journeys.call));
  return {
    fault: `the database crashes in the middle of a COMMIT, ${times} ×`,
    expected: '503 with Retry-After, never 401 or invalid_grant; nothing acknowledged lost; well in 30 s',
    seen: `${told(beside)}; ${codes.length} approvals, ${refreshTokens.length} exchanges and refreshes, ${revokedGrants.length} revocations acknowledged beside ${answers.filter(isUnavailable).length} × 503; lost ${lost}; wrong ${wrong.length}${wrong[0] ? ` (${wrong[0]})` : ''}`,
    held:
      isTransient(beside.asked) &&
      answers.some(isUnavailable) &&
      revokedGrants.length > 0 &&
      lost === 0 &&
      wrong.length === 0 &&
      after.every(({ status }) => status === 401),
    inTime: areInTime(beside.asked) && beside.recoveredMs < WELL_MS.restarted,
  };
}
