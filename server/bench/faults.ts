/** Real faults while requests run: what clients are told meanwhile, how long it lasts afterwards, and that nothing acknowledged is lost. */
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '@grantway/prisma/postgres-server';
import pg from 'pg';
import { mintAccessToken } from '../src/core/tokens/access-token.ts';
import { hashSecret, newSecret, REFRESH_TOKEN } from '../src/platform/secret.ts';
import { openFaultProxy } from '../src/testing/fault-proxy.ts';
import { BAD_SIZE, type BadSize, measureBadUpstreams } from './bad-upstreams.ts';
import { openStream, send, statusOf } from './callers.ts';
import { fillDisk } from './disk-full.ts';
import { openGround, startGateway } from './ground.ts';
import { type Program, startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { CALL, claimsOf, clientIdOf, grow, idOf, type Layout, newKeys } from './scene.ts';

/** How long a fault that lasts, lasts. */
/** `withDisk`: also fill one, where this user may mount a small file system. */
export type FaultsSize = { seconds: number; bad: BadSize; withDisk: boolean };
export const FAULTS_SIZE: FaultsSize = { seconds: 8, bad: BAD_SIZE, withDisk: true };

export type Verdict = { fault: string; expected: string; seen: string; held: boolean };

type Asked = { startedAt: number; ms: number; status: number; retryAfter: boolean; right: boolean };

const BASE = 'http://localhost:7766';
const LAYOUT: Layout = { perUser: 10, connectionsPerUser: 1 };
/** DESIGN and #278: so long may a caller wait for a 503. */
const PATIENCE_MS = 5_000;
const RECOVERY_MS = { database: 30_000, process: 10_000 };

/** Runs all faults, one after the other, each on a system that has just been seen to work. */
export async function runFaults({ seconds, bad, withDisk }: FaultsSize = FAULTS_SIZE): Promise<Verdict[]> {
  const server = await startServer({ durable: true });
  const ground = await openGround({ serverUrl: server.url });
  const url = await ground.database();
  const proxy = await openFaultProxy(url);
  const keys = await newKeys();
  const upstream = await startProgram({ file: 'bench/upstream.ts' });
  await grow(url, { from: 0, to: 10, upstream: `http://127.0.0.1:${upstream.port}/mcp`, tokens: true, layout: LAYOUT });
  const start = () => startGateway(proxy.url, keys.text, { GRANTWAY_URL: BASE, GRANTWAY_LOG_LEVEL: 'silent' });
  const gateways: Program[] = await Promise.all([start(), start()]);
  const expected = await expectedBody(upstream);
  const claims = claimsOf(0, BASE, LAYOUT);
  const { token } = await mintAccessToken(keys.keyring, BASE, claims, 3_600, new Date());
  const path = new URL(claims.audience).pathname;
  const agent = new Agent({ keepAlive: false });

  const ask = async (
    program: Program,
    target: string,
    body: string,
    headers: Record<string, string>,
  ): Promise<Asked & { text: string }> => {
    const startedAt = performance.now();
    const answer = await send(agent, program.port, target, body, { host: new URL(BASE).host, ...headers });
    const right = answer.status === 200 && answer.text === expected;
    return { startedAt, ms: performance.now() - startedAt, ...answer, right };
  };
  const call = (program: Program) =>
    ask(program, path, CALL, { authorization: `Bearer ${token}`, 'content-type': 'application/json' });
  const refreshToken = newSecret(REFRESH_TOKEN);
  const refresh = (program: Program) =>
    ask(
      program,
      '/oauth/token',
      new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: clientIdOf(0),
      }).toString(),
      { 'content-type': 'application/x-www-form-urlencoded' },
    );

  /** Callers without a pause beside `work`. @returns what they were told, and when the first right answer after `work` was begun. */
  const beside = async (
    work: () => Promise<void>,
    patience: number,
    ports = gateways,
  ): Promise<{ asked: Asked[]; recoveredMs: number }> => {
    const asked: Asked[] = [];
    let endedAt: number | null = null;
    let recovered = false;
    const callers = Array.from({ length: 4 }, async (_, index) => {
      while (!recovered) {
        const one = await call(ports[index % ports.length] as Program);
        asked.push(one);
        if (endedAt !== null && one.right && one.startedAt > endedAt) recovered = true;
        if (endedAt !== null && performance.now() - endedAt > patience) return;
        await sleep(20);
      }
    });
    await sleep(300);
    await work();
    endedAt = performance.now();
    const from = endedAt;
    await Promise.all(callers);
    const first = asked
      .filter(({ right, startedAt }) => right && startedAt > from)
      .sort((a, b) => a.startedAt - b.startedAt)[0];
    return { asked, recoveredMs: first === undefined ? Number.POSITIVE_INFINITY : first.startedAt + first.ms - from };
  };
  /** Nothing but right answers and 503 with Retry-After, each in time. */
  const isTransient = (asked: readonly Asked[]): boolean =>
    asked.every(
      ({ right, status, retryAfter, ms }) => (right || (status === 503 && retryAfter)) && ms < PATIENCE_MS + 500,
    );
  const tell = (asked: readonly Asked[], recoveredMs: number): string => {
    const statuses = new Map<number, number>();
    for (const { status } of asked) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const counts = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
    return `${counts}; longest ${Math.round(Math.max(...asked.map(({ ms }) => ms)))} ms; well again after ${Math.round(recoveredMs)} ms`;
  };
  const verdicts: Verdict[] = [];
  const judge = (fault: string, wanted: string, held: boolean, seen: string): void => {
    verdicts.push({ fault, expected: wanted, seen, held });
  };
  const first = gateways[0] as Program;
  const sql = async (text: string, values: unknown[] = []): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client.query(text, values).finally(() => client.end());
  };
  const duringAway = async (
    work: (away: boolean) => void,
  ): Promise<{ asked: Asked[]; recoveredMs: number; meanwhile: Meanwhile }> => {
    let meanwhile: Meanwhile = { ready: 0, live: 0, refresh: null };
    const told = await beside(async () => {
      work(true);
      await sleep(200);
      const refreshing = refresh(first);
      meanwhile = {
        ready: await statusOf(first, '/health/ready'),
        live: await statusOf(first, '/health/live'),
        refresh: await refreshing,
      };
      await sleep(seconds * 1_000);
      work(false);
    }, RECOVERY_MS.process);
    return { ...told, meanwhile };
  };
  const meanwhileHolds = ({ ready, live, refresh: refreshed }: Meanwhile): boolean =>
    ready === 503 &&
    live === 200 &&
    refreshed?.status === 503 &&
    refreshed.retryAfter &&
    refreshed.ms < PATIENCE_MS + 500;

  try {
    await sql('UPDATE refresh_token SET token_hash = $1 WHERE id = $2', [hashSecret(refreshToken), idOf('refresh', 0)]);
    for (const program of gateways) if (!(await call(program)).right) throw new Error('it did not work before');

    const faults: [string, (away: boolean) => void][] = [
      ['the database is stopped', proxy.setAway],
      ['the database takes everything and says nothing', proxy.setSilent],
    ];
    for (const [fault, set] of faults) {
      const { asked, recoveredMs, meanwhile } = await duringAway(set);
      const held =
        isTransient(asked) &&
        asked.some(({ right }) => !right) &&
        meanwhileHolds(meanwhile) &&
        recoveredMs < RECOVERY_MS.process;
      judge(
        fault,
        '503 with Retry-After within 5 s, at the token endpoint too; not ready, alive; well within 10 s',
        held,
        `${tell(asked, recoveredMs)}; refresh ${meanwhile.refresh?.status} after ${Math.round(meanwhile.refresh?.ms ?? 0)} ms; ready ${meanwhile.ready}, live ${meanwhile.live}`,
      );
    }
    const again = await refresh(first);
    judge(
      '… and the refresh token that was presented meanwhile',
      'works: nothing was consumed',
      again.status === 200,
      `${again.status}`,
    );

    await (async () => {
      const holder = new pg.Client({ connectionString: url });
      await holder.connect();
      const { asked, recoveredMs } = await beside(async () => {
        await holder.query('BEGIN');
        await holder.query('LOCK TABLE oauth_grant IN ACCESS EXCLUSIVE MODE');
        await sleep(seconds * 1_000);
        await holder.query('ROLLBACK');
      }, RECOVERY_MS.process);
      await holder.end();
      const held = isTransient(asked) && asked.some(({ right }) => !right) && recoveredMs < RECOVERY_MS.process;
      judge(
        'every connection waits for a lock',
        '503 with Retry-After within 5 s; well within 10 s',
        held,
        tell(asked, recoveredMs),
      );
    })();

    await (async () => {
      const acknowledged: string[] = [];
      const { asked, recoveredMs } = await beside(async () => {
        for (const n of [5, 6, 7]) {
          await sql(
            "UPDATE oauth_grant SET status = 'revoked', revoked_at = now(), revocation_reason = 'user_revoked' WHERE id = $1",
            [idOf('grant', n)],
          );
          acknowledged.push(idOf('grant', n));
        }
        await server.crashAndRestart();
      }, RECOVERY_MS.database);
      const { rows } = await sql("SELECT id FROM oauth_grant WHERE id = ANY($1::uuid[]) AND status = 'revoked'", [
        acknowledged,
      ]);
      const held = isTransient(asked) && recoveredMs < RECOVERY_MS.database && rows.length === 3;
      judge(
        'the database crashes and restarts under load',
        'right answers and 503; nothing acknowledged lost; well within 30 s',
        held,
        `${tell(asked, recoveredMs)}; ${rows.length} of 3 kept`,
      );
    })();

    await (async () => {
      const stream = await openStream(first.port, path, new URL(BASE).host, token);
      await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
      await sql("UPDATE token_family SET revoked_at = now(), revocation_reason = 'user_revoked' WHERE id = $1", [
        idOf('family', 0),
      ]);
      const from = performance.now();
      const ended = await Promise.race([stream.ended.then(() => true), sleep(8_000, false)]);
      const ms = performance.now() - from;
      await sql('UPDATE token_family SET revoked_at = NULL, revocation_reason = NULL WHERE id = $1', [
        idOf('family', 0),
      ]);
      judge(
        'notifications are cut, then a sign-in ends unannounced',
        'its stream ends within 5 s',
        ended && ms < 5_500,
        `after ${Math.round(ms)} ms`,
      );
    })();

    await (async () => {
      // A balancer would go to the other: callers of the one that lives must not notice.
      const others = await beside(
        async () => {
          await (gateways[1] as Program).kill();
          await sleep(1_000);
        },
        RECOVERY_MS.process,
        [first],
      );
      const from = performance.now();
      gateways[1] = await start();
      const back = await call(gateways[1]);
      const ms = performance.now() - from;
      const held = others.asked.every(({ right }) => right) && back.right && ms < RECOVERY_MS.process;
      judge(
        'kill -9 of one process under load',
        'the other answers all; the killed one is back within 10 s',
        held,
        `${tell(others.asked, others.recoveredMs)}; back after ${Math.round(ms)} ms`,
      );
    })();
    for (const shift of [20_000, -20_000]) {
      const skewed = await startGateway(
        proxy.url,
        keys.text,
        { GRANTWAY_URL: BASE, GRANTWAY_LOG_LEVEL: 'silent', CLOCK_SHIFT_MS: String(shift) },
        undefined,
        ['--import', join(import.meta.dirname, 'shifted-clock.ts')],
      );
      const { token: fresh } = await mintAccessToken(keys.keyring, BASE, claims, 60, new Date());
      const told = await ask(skewed, path, CALL, {
        authorization: `Bearer ${fresh}`,
        'content-type': 'application/json',
      });
      await skewed.kill();
      judge(
        `a process whose clock is off by ${shift / 1_000} s`,
        'takes tokens of the others',
        told.right,
        `${told.status}`,
      );
    }
    verdicts.push(await measureBadUpstreams(ground, bad));
    const disk = withDisk ? await fillDisk() : null;
    if (disk) verdicts.push(disk);
    return verdicts;
  } finally {
    agent.destroy();
    await Promise.all([upstream, ...gateways].map((program) => program.kill()));
    await proxy.close();
    await ground.close();
    await server.stop();
  }
}

type Meanwhile = { ready: number; live: number; refresh: (Asked & { text: string }) | null };
