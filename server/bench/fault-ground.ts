/** What breaks: a PostgreSQL that can be stopped, a proxy before it, two gateways with both planes, and callers that judge what they hear. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { mintAccessToken } from '../src/core/tokens/access-token.ts';
import { hashSecret, newSecret, REFRESH_TOKEN } from '../src/platform/secret.ts';
import { type FaultProxy, openFaultProxy } from '../src/testing/fault-proxy.ts';
import { type Asked, ask, isUnavailable, type Question } from './callers.ts';
import { openGround, startGateway } from './ground.ts';
import { type Program, startProgram } from './processes.ts';
import { expectedBody } from './proxy.ts';
import { CALL, claimsOf, clientIdOf, grow, idOf, type Layout, newKeys } from './scene.ts';

const BASE = 'http://localhost:7766';
const LAYOUT: Layout = { perUser: 40, connectionsPerUser: 1 };
const GRANTS = 40;
const FORM = 'application/x-www-form-urlencoded';

export type FaultGround = {
  base: string;
  proxy: FaultProxy;
  gateways: Program[];
  /** Another gateway on the same database and keys. */
  start: (more?: Record<string, string>, flags?: string[]) => Promise<Program>;
  /** Where the keyring lies. */
  keys: string;
  databaseUrl: string;
  /** What a right call is answered with. */
  expected: string;
  upstreamUrl: string;
  /** The path and an access token of the first grant, signed by the first key; `seconds` that it lives. */
  path: string;
  mint: (seconds?: number) => Promise<string>;
  /** One MCP request of the first grant. */
  call: (program: Program, token?: string) => Promise<Asked>;
  /** Asks a process by the name that both have. */
  ask: (program: Program, question: Omit<Question, 'expected'>) => Promise<Asked>;
  /** Presents a refresh token of the `n`th grant: the one that it began with, if no other is given. */
  refresh: (program: Program, n: number, token?: string) => Promise<Asked>;
  sql: (text: string, values?: unknown[]) => Promise<pg.QueryResult>;
  close: () => Promise<void>;
};

/** Opens it, and sees that it works. `serverUrl`: a PostgreSQL that is there already. */
export async function openFaultGround(serverUrl?: string): Promise<FaultGround> {
  // What was begun ends also when the rest could not be had.
  await using begun = new AsyncDisposableStack();
  const ground = await openGround({ serverUrl });
  begun.defer(ground.close);
  const databaseUrl = await ground.database();
  const proxy = await openFaultProxy(databaseUrl);
  begun.defer(proxy.close);
  const { text, keyring } = await newKeys();
  const folder = mkdtempSync(join(tmpdir(), 'grantway-faults-'));
  begun.defer(() => rmSync(folder, { recursive: true }));
  const keys = join(folder, 'keys.json');
  writeFileSync(keys, text, { mode: 0o600 });
  const upstream = await startProgram({ file: 'bench/upstream.ts' });
  begun.defer(upstream.kill);
  const upstreamUrl = `http://127.0.0.1:${upstream.port}/mcp`;
  await grow(databaseUrl, { from: 0, to: GRANTS, upstream: upstreamUrl, tokens: true, layout: LAYOUT });
  const startOnce: FaultGround['start'] = (more = {}, flags = []) =>
    startGateway(
      proxy.url,
      keys,
      {
        GRANTWAY_URL: BASE,
        GRANTWAY_LOG_LEVEL: 'silent',
        GRANTWAY_DRAIN_SECONDS: '1',
        GRANTWAY_SIGN_UP: 'open',
        GRANTWAY_TRUST_PROXY: '127.0.0.0/8',
        GRANTWAY_REGISTRATIONS_PER_MINUTE: '10000',
        GRANTWAY_SIGN_INS_PER_MINUTE: '10000',
        ...more,
      },
      undefined,
      flags,
    );
  // As a supervisor does: a machine that is busy with other things may keep the database from answering in time.
  const start: FaultGround['start'] = (...how) => startOnce(...how).catch(() => startOnce(...how));
  const gateways: Program[] = [];
  begun.defer(async () => {
    await Promise.all(gateways.map((program) => program.kill()));
  });
  await Promise.all([0, 1].map(async () => gateways.push(await start())));
  const expected = await expectedBody(upstream);
  const claims = claimsOf(0, BASE, LAYOUT);
  const path = new URL(claims.audience).pathname;
  const mint = async (seconds = 3_600) => (await mintAccessToken(keyring, BASE, claims, seconds, new Date())).token;
  const usual = await mint();
  const agent = new Agent({ keepAlive: false });
  begun.defer(() => agent.destroy());
  const host = { host: new URL(BASE).host };
  const askAt: FaultGround['ask'] = (program, { headers, ...question }) =>
    ask(agent, program.port, { ...question, headers: { ...host, ...headers }, expected });
  const call: FaultGround['call'] = (program, token = usual) =>
    askAt(program, {
      path,
      body: CALL,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
  const refresh: FaultGround['refresh'] = (program, n, token = tokens[n] as string) => {
    const form = { grant_type: 'refresh_token', refresh_token: token, client_id: clientIdOf(n) };
    return askAt(program, {
      path: '/oauth/token',
      body: new URLSearchParams(form).toString(),
      headers: { 'content-type': FORM },
    });
  };
  const sql: FaultGround['sql'] = async (statement, values = []) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return client.query(statement, values).finally(() => client.end());
  };
  const tokens = Array.from({ length: GRANTS }, () => newSecret(REFRESH_TOKEN));
  await sql(
    'UPDATE refresh_token SET token_hash = k.hash FROM unnest($1::uuid[], $2::text[]) AS k(id, hash) WHERE refresh_token.id = k.id',
    [tokens.map((_, n) => idOf('refresh', n)), tokens.map(hashSecret)],
  );
  for (const program of gateways) await untilRight(() => call(program));
  const owned = begun.move();
  return {
    base: BASE,
    proxy,
    gateways,
    start,
    keys,
    databaseUrl,
    expected,
    upstreamUrl,
    path,
    mint,
    call,
    ask: askAt,
    refresh,
    sql,
    close: () => owned.disposeAsync(),
  };
}

const PATIENCE_MS = 30_000;

/** Calls until the answer is right, half a minute at most: while the machine is busy with other things, one may be told to come again. */
export async function untilRight(call: () => Promise<Asked>): Promise<void> {
  for (const from = performance.now(); ; await sleep(100)) {
    const answer = await call();
    if (answer.right) return;
    if (!isUnavailable(answer) || performance.now() - from > PATIENCE_MS)
      throw new Error(`it did not work before: ${answer.status} ${answer.text}`);
  }
}

export type Told = {
  asked: Asked[] /** From the end of the fault to the end of the first right answer that began after it. */;
  recoveredMs: number;
};

/** Callers of `at` without a pause, beside `work` and until one of them is served rightly again, for `patienceMs` at most. */
export async function callBeside(
  ground: FaultGround,
  work: () => Promise<void>,
  patienceMs: number,
  at: () => Program[] = () => ground.gateways,
): Promise<Told> {
  const asked: Asked[] = [];
  let endedAt = Number.POSITIVE_INFINITY;
  let recovered = false;
  const callers = Array.from({ length: 4 }, async (_, index) => {
    while (!recovered && performance.now() - endedAt < patienceMs) {
      const programs = at();
      const one = await ground.call(programs[index % programs.length] as Program);
      asked.push(one);
      if (one.right && one.startedAt > endedAt) recovered = true;
      await sleep(20);
    }
  });
  await sleep(300);
  await work();
  endedAt = performance.now();
  await Promise.all(callers);
  const after = asked.filter(({ right, startedAt }) => right && startedAt > endedAt);
  return { asked, recoveredMs: Math.min(...after.map(({ startedAt, ms }) => startedAt + ms)) - endedAt };
}
