/** The live check, which remembers what it read, against transactions that were open while it read. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openProcesses } from '../../testing/processes.ts';
import { claimsOf, personalScene, signIn } from '../../testing/scene.ts';
import { openWatchedCheck, type WatchedCheck } from '../../testing/watched-check.ts';
import { type GrantClaims, openLiveCheck } from './live.ts';

let processes: Database[];
let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ processes, url, close } = await openProcesses(2));
});
afterAll(() => close());

const [BEGIN, COMMIT] = ['BEGIN', 'COMMIT'];
const END =
  "UPDATE oauth_grant SET status = 'revoked', revoked_at = now(), revocation_reason = 'user_revoked' WHERE id = $1";

async function session(): Promise<pg.Client & { [Symbol.asyncDispose]: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

type Standing = WatchedCheck & { claims: GrantClaims };

async function standing(): Promise<Standing> {
  const [database] = processes as [Database, Database];
  const made = await signIn(database, await personalScene(database));
  const claims = claimsOf(made);
  return { ...openWatchedCheck(database), claims };
}

const staysLive = async ({ remembered, claims }: Standing): Promise<void> =>
  expect(await remembered(claims)).toMatchObject({ live: true });
const isDead = async ({ check, claims }: Standing): Promise<void> =>
  expect(await check(claims)).toEqual({ live: false, because: 'grant' });

test('#323 a revocation that was open while the rows were read counts from its commit on', async () => {
  const one = await standing();
  await using revoking = await session();
  await staysLive(one);
  await revoking.query(BEGIN);
  await revoking.query(END, [one.claims.grantId]);
  await staysLive(one);
  await revoking.query(COMMIT);
  await isDead(one);
});

test('#323 one that began first and commits last is missed no more than the others', async () => {
  const [first, second] = [await standing(), await standing()];
  await using early = await session();
  await using late = await session();
  for (const [revoking, { claims }] of [
    [early, first],
    [late, second],
  ] as const) {
    await revoking.query(BEGIN);
    await revoking.query(END, [claims.grantId]);
  }
  await staysLive(first);
  await staysLive(second);
  await late.query(COMMIT);
  await isDead(second);
  await staysLive(first);
  await early.query(COMMIT);
  await isDead(first);
});

test('#323 one made in a subtransaction counts as its transaction does: not when rolled back, at once when committed', async () => {
  const one = await standing();
  await using revoking = await session();
  await revoking.query(BEGIN);
  await revoking.query('SAVEPOINT undone');
  await revoking.query(END, [one.claims.grantId]);
  await staysLive(one);
  await revoking.query('ROLLBACK TO SAVEPOINT undone');
  await staysLive(one);
  await revoking.query('SAVEPOINT done');
  await revoking.query(END, [one.claims.grantId]);
  await revoking.query('RELEASE SAVEPOINT done');
  await staysLive(one);
  await revoking.query(COMMIT);
  await isDead(one);
});

test('#322 of many grants that end one after the other, beside which all are asked about all the time, none is live once its end was acknowledged', async () => {
  const scenes = await Promise.all(Array.from({ length: 40 }, standing));
  const checks = processes.map((database) => openLiveCheck(database));
  const acknowledged = new Map<string, number>();
  const wrong: string[] = [];
  let asked = 0;
  let over = false;
  const asking = checks.flatMap((check) =>
    Array.from({ length: 8 }, async (_, offset) => {
      for (let at = offset; !over; at = (at + 1) % scenes.length) {
        const { claims } = scenes[at] as (typeof scenes)[number];
        const began = performance.now();
        const { live } = await check(claims);
        asked++;
        const end = acknowledged.get(claims.grantId);
        if (live && end !== undefined && began > end) wrong.push(claims.grantId);
      }
    }),
  );
  await using revoking = await session();
  try {
    for (const { claims } of scenes) {
      await revoking.query(END, [claims.grantId]);
      acknowledged.set(claims.grantId, performance.now());
      for (const check of checks) expect(await check(claims)).toEqual({ live: false, because: 'grant' });
      // Long enough for the others to be remembered again.
      await sleep(20);
    }
  } finally {
    over = true;
    await Promise.all(asking);
  }
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(scenes.length * 10);
});
