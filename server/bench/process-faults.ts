/** A process that is killed, stopped, deaf to announcements, wrong about the time, or given other keys, while requests run. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openStream, statusOf, tell } from './callers.ts';
import { callBeside, type FaultGround, untilRight } from './fault-ground.ts';
import type { Program } from './processes.ts';
import { idOf } from './scene.ts';
import type { Verdict } from './verdict.ts';

const BACK_MS = 10_000;
const RECHECK_MS = 5_500;
const STOPPED_MS = 15_000;
/** Whose refreshes have tokens signed. */
const GRANT = 4;
// A key is in force so long after it was made, when both processes have read the file.
const AFTER_SECONDS = 4;
const ROTATION_MS = 5_500;
/** More, where so few tokens are issued meanwhile that none is of the new key. */
const ROTATION_MOST_MS = 30_000;

/** Revoked without an announcement, as if it had been lost: the look at every stream that follows a gap has to find it, or the re-check. */
export async function listeningCut(ground: FaultGround): Promise<Verdict> {
  const [first] = ground.gateways as [Program];
  const stream = await openStream(first.port, ground.path, new URL(ground.base).host, await ground.mint());
  // What such a connection was asked last: to listen or, at the start, whether it is its own.
  const { rowCount: cut } = await ground.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND (query LIKE 'LISTEN%' OR query = 'SELECT pg_backend_pid() AS pid')`,
  );
  const family = [idOf('family', 0)];
  await ground.sql(
    "UPDATE token_family SET revoked_at = now(), revocation_reason = 'user_revoked' WHERE id = $1",
    family,
  );
  const from = performance.now();
  const ended = await Promise.race([stream.ended.then(() => true), sleep(4 * RECHECK_MS, false)]);
  const ms = performance.now() - from;
  await ground.sql('UPDATE token_family SET revoked_at = NULL, revocation_reason = NULL WHERE id = $1', family);
  stream.leave();
  return {
    fault: 'notifications are cut, then a sign-in ends unannounced',
    expected: 'its stream ends within 5 s',
    seen: `${cut} connections cut; after ${Math.round(ms)} ms`,
    // Each process hears of ends on one; another is there where a page is open.
    held: ended && Number(cut) >= ground.gateways.length,
    inTime: ms < RECHECK_MS,
  };
}

/** A balancer would go to the other: callers of the one that lives must not notice. */
export async function processKilled(ground: FaultGround): Promise<Verdict> {
  const [first, second] = ground.gateways as [Program, Program];
  const { asked } = await callBeside(
    ground,
    () => second.kill().then(() => sleep(1_000)),
    BACK_MS,
    () => [first],
  );
  const from = performance.now();
  const again = await ground.start();
  ground.gateways[1] = again;
  await untilRight(() => ground.call(again));
  const ms = performance.now() - from;
  return {
    fault: 'kill -9 of one process under load',
    expected: 'the other answers all; the killed one is back within 10 s',
    seen: `${tell(asked)}; back after ${Math.round(ms)} ms`,
    held: asked.every(({ right }) => right),
    inTime: ms < BACK_MS,
  };
}

/** Callers that go where readiness leads them, as a balancer does. */
export async function processStopped(ground: FaultGround): Promise<Verdict> {
  const [first, second] = ground.gateways as [Program, Program];
  let ready: Program[] = [first, second];
  const looking = setInterval(async () => {
    if ((await statusOf(second, '/health/ready').catch(() => 0)) !== 200) ready = [first];
  }, 100);
  let ms = 0;
  const { asked } = await callBeside(
    ground,
    async () => {
      const from = performance.now();
      await second.stop();
      ms = performance.now() - from;
    },
    BACK_MS,
    () => ready,
  );
  clearInterval(looking);
  ground.gateways[1] = await ground.start();
  return {
    fault: 'SIGTERM of one process under load',
    expected: 'every request is answered rightly; the process leaves within 15 s',
    seen: `${tell(asked)}; it left after ${Math.round(ms)} ms`,
    held: asked.every(({ right }) => right),
    inTime: ms < STOPPED_MS,
  };
}

/** What others issued is taken there, and what it issues is taken by others. */
export async function clockOff(ground: FaultGround, shiftMs: number, grant: number): Promise<Verdict> {
  const shifted = join(import.meta.dirname, 'shifted-clock.ts');
  const skewed = await ground.start({ CLOCK_SHIFT_MS: String(shiftMs) }, ['--import', shifted]);
  const there = await ground.call(skewed, await ground.mint(60));
  const issued = await ground.refresh(skewed, grant);
  const here = await ground.call(
    ground.gateways[0] as Program,
    issued.status === 200 ? JSON.parse(issued.text).access_token : undefined,
  );
  await skewed.kill();
  return {
    fault: `a process whose clock is off by ${shiftMs / 1_000} s`,
    expected: 'takes tokens of the others, and they take those that it issues',
    seen: [there.status, issued.status, here.status].join(', '),
    held: there.right && issued.status === 200 && here.right,
    inTime: true,
  };
}

/** The operator's own command; tokens of every key must be taken at every process all the time, those just issued included. */
export async function keysRotated(ground: FaultGround, rotations: number): Promise<Verdict> {
  const [first, second] = ground.gateways as [Program, Program];
  const kids = new Set<string>();
  const uses: boolean[] = [];
  let token: string | undefined;
  const { asked } = await callBeside(
    ground,
    async () => {
      for (let turn = 0; turn < rotations; turn++) {
        await rotate(ground);
        const from = performance.now();
        const isOver = (): boolean =>
          performance.now() - from > (kids.size > turn + 1 ? ROTATION_MS : ROTATION_MOST_MS);
        for (; !isOver(); await sleep(50)) {
          const refreshed = await ground.refresh(turn % 2 ? first : second, GRANT, token);
          if (refreshed.status !== 200) throw new Error(`no token was issued: ${refreshed.status} ${refreshed.text}`);
          const issued = JSON.parse(refreshed.text);
          token = issued.refresh_token;
          kids.add(JSON.parse(Buffer.from(issued.access_token.split('.')[0], 'base64url').toString()).kid);
          for (const program of [first, second]) uses.push((await ground.call(program, issued.access_token)).right);
        }
      }
    },
    BACK_MS,
  );
  return {
    fault: `the signing key is rotated under load, ${rotations} ×`,
    expected: 'no token is refused anywhere, and each key has signed',
    seen: `${tell(asked)}; ${uses.filter((right) => right).length} of ${uses.length} uses of new tokens right; ${kids.size} keys`,
    held: asked.every(({ right }) => right) && uses.every((right) => right) && kids.size === rotations + 1,
    inTime: true,
  };
}

async function rotate({ keys, databaseUrl }: FaultGround): Promise<void> {
  const command = join(import.meta.dirname, '../commands/keys.ts');
  const env = { PATH: process.env.PATH, GRANTWAY_KEYS: keys, DATABASE_URL: databaseUrl };
  const flags = ['rotate', '--only', 'signing', '--after', String(AFTER_SECONDS)];
  await promisify(execFile)(process.execPath, [command, ...flags], { env });
}
