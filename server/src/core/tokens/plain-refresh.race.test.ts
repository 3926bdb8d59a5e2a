/** The plain refresh against whatever may happen beside it: held still between its snapshot, its locks and its commit. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openLimiter } from '../../platform/rate-limit.ts';
import { hashSecret } from '../../platform/secret.ts';
import { transact } from '../../platform/transact.ts';
import { isWaiting, type Moment, pausing } from '../../testing/failpoint.ts';
import { deadlocks, openProcesses } from '../../testing/processes.ts';
import { personalScene, type SignIn, signIn } from '../../testing/scene.ts';
import { revokeFamilies, revokeGrants } from '../grants/revoke.ts';
import { openPlainRefresh, type RefreshPlainly } from './plain-refresh.ts';
import { refresh } from './refresh-token.ts';
import { sweepTokens } from './sweep.ts';

const SETTINGS = { refreshIdle: 3600, replayWindow: 60, replays: 20 };
const INVALID = { ok: false, reason: 'invalid_grant' };
const COMMIT = (moment: Moment) => moment.phase === 'commit';
/** The first spending of a batch waits here, after the batch's snapshot and before the lock of whoever comes next in it. */
const GATE = 4_711;
const GATED = 77;

let processes: Database[];
let close: () => Promise<void>;
let one: Database;
let two: Database;
let plainly: RefreshPlainly;
beforeAll(async () => {
  ({ processes, close } = await openProcesses(3));
  [one, two] = processes as [Database, Database];
  await one.db.$executeRawUnsafe(`CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(${GATE}); RETURN NEW; END $$`);
  await one.db.$executeRawUnsafe(`CREATE TRIGGER gate BEFORE UPDATE ON refresh_token FOR EACH ROW
    WHEN (OLD.generation = ${GATED} AND current_setting('enable_seqscan') = 'off') EXECUTE FUNCTION gate()`);
  await fill((await scene()).made.grantId);
});
beforeEach(() => {
  plainly = openPlainly(one);
});
afterAll(async () => {
  expect(await deadlocks(one)).toBe(0);
  await close();
});

/** As many rows as a gateway has: among a handful the planner would take the locks all at once. */
async function fill(grantId: string): Promise<void> {
  await one.db.$executeRaw`
    INSERT INTO token_family (id, grant_id, label) SELECT gen_random_uuid(), ${grantId}::uuid, 'filled' FROM generate_series(1, 2000)`;
  await one.db.$executeRaw`
    INSERT INTO refresh_token (id, family_id, generation, token_hash, expires_at)
    SELECT gen_random_uuid(), id, 1, id::text, now() + interval '1 hour' FROM token_family WHERE label = 'filled'`;
  await one.db.$executeRaw`ANALYZE`;
}

const openPlainly = (database: Database): RefreshPlainly =>
  openPlainRefresh(database, {
    ...SETTINGS,
    failures: openLimiter(database, 'failures', { points: 120, seconds: 60 }),
  });

async function scene() {
  const how = await personalScene(one);
  const made = await signIn(one, how);
  return { how, made, token: made.refreshToken as string };
}
type Scene = Awaited<ReturnType<typeof scene>>;

const plain = ({ how }: { how: SignIn }, refreshToken: string, by = plainly) =>
  by({
    refreshToken,
    clientId: how.client.clientId,
    ...{ method: 'none', secretHash: '', bucket: '198.51.100.7', route: '', scopes: [] },
  });
const full = (database: Database, { how }: { how: SignIn }, refreshToken: string) =>
  refresh(
    database,
    { refreshToken, oauthClientId: how.client.id, isOtherResource: () => false, scopes: undefined },
    SETTINGS,
  );
const revoke = (database: Database, { made }: Scene) =>
  transact(database, (tx) =>
    revokeGrants(tx, { grantIds: [made.grantId] }, 'user_revoked', { userId: null }, new Date()),
  );
const live = ({ made }: Scene) =>
  one.db.refreshToken.count({ where: { familyId: made.familyId, rotatedAt: null, revokedAt: null } });

/** Runs `act` while a lock that somebody would want is held; what it returns is still waiting then. */
async function holding<T>(statement: string, act: () => Promise<T>): Promise<T> {
  const holder = pausing(two, COMMIT);
  const held = transact(holder.database, (tx) => tx.$executeRawUnsafe(statement));
  await holder.reached;
  try {
    return await act();
  } finally {
    holder.resume();
    await held;
  }
}
/** Refreshes both in one batch; what `act` does to one of them happens after the batch's snapshot and before it locks that one. */
async function between<T>(scenes: readonly [Scene, Scene], act: (it: Scene) => Promise<T>) {
  const familyId = { in: scenes.map(({ made }) => made.familyId) };
  await one.db.refreshToken.updateMany({ where: { familyId }, data: { generation: GATED } });
  let answers: Promise<Awaited<ReturnType<RefreshPlainly>>[]> | undefined;
  const { late, acted } = await holding(`SELECT pg_advisory_xact_lock(${GATE})`, async () => {
    answers = Promise.all(scenes.map((it) => plain(it, it.token)));
    await waitingFor('advisory');
    // Which of them comes first is the planner's to say.
    const [free] = await two.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM oauth_grant WHERE id = ANY(${scenes.map(({ made }) => made.grantId)}::uuid[]) FOR UPDATE SKIP LOCKED`;
    const late = scenes.find(({ made }) => made.grantId === free?.id) as Scene;
    return { late, acted: await act(late) };
  });
  const early = scenes.find((it) => it !== late) as Scene;
  const answered = new Map((await answers)?.map((answer, index) => [scenes[index], answer]));
  return { late, acted, early, answers: [early, late].map((it) => answered.get(it)?.familyId) };
}
/** Until the plain refresh waits for a lock of this kind. */
async function waitingFor(kind: string): Promise<number> {
  for (;;) {
    const [row] = await two.db.$queryRaw<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = ${kind} AND query LIKE '%WITH held AS%'
        AND datname = current_database()`;
    if (row) return row.pid;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('#305 a grant that is being revoked is not waited for, and the full way refuses once it is', async () => {
  const it = await scene();
  const revocation = pausing(two, COMMIT);
  const revoking = revoke(revocation.database, it);
  await revocation.reached;
  expect(await plain(it, it.token)).toBeNull();
  const refreshing = full(one, it, it.token);
  expect(await isWaiting(refreshing)).toBe(true);
  revocation.resume();
  expect((await revoking).receipt).toMatchObject({ grants: 1, refreshTokens: 1 });
  expect(await refreshing).toEqual(INVALID);
  expect(await live(it)).toBe(0);
});

test('#305 a plain refresh that is first makes the revocation wait, which then ends what it gave', async () => {
  const it = await scene();
  const { answer, revoking } = await holding(
    `SELECT id FROM token_family WHERE id = '${it.made.familyId}' FOR UPDATE`,
    async () => {
      // Its successor waits for the family's row, with the grant locked.
      const answer = plain(it, it.token);
      await waitingFor('transactionid');
      const revoking = revoke(two, it);
      expect(await isWaiting(revoking)).toBe(true);
      return { answer, revoking };
    },
  );
  const refreshed = await answer;
  expect(refreshed).not.toBeNull();
  expect((await revoking).receipt).toMatchObject({ grants: 1, families: 1, refreshTokens: 1 });
  expect(await live(it)).toBe(0);
  expect(await full(one, it, refreshed?.refreshToken as string)).toEqual(INVALID);
});

test('#298 what ends between the snapshot of a batch and the lock is seen, and its neighbour is not disturbed', async () => {
  const ends: Record<string, (it: Scene) => Promise<unknown>> = {
    grant: (it) => revoke(two, it),
    family: (it) =>
      transact(two, (tx) =>
        revokeFamilies(
          tx,
          { grantId: it.made.grantId, familyIds: [it.made.familyId] },
          'user_revoked',
          { userId: null },
          new Date(),
        ),
      ),
    token: (it) => full(two, it, it.token),
    'the time of the grant': (it) =>
      two.db.oAuthGrant.update({ where: { id: it.made.grantId }, data: { expiresAt: new Date(Date.now() - 1) } }),
  };
  for (const [what, end] of Object.entries(ends)) {
    const { late, early, acted, answers } = await between([await scene(), await scene()], end);
    expect([what, answers]).toEqual([what, [early.made.familyId, undefined]]);
    // The one that was spent meanwhile has the one successor that it was given, and gives it again.
    const again = await full(one, late, late.token);
    if (what === 'token') expect(again).toMatchObject({ value: { refreshToken: (acted as Given).value.refreshToken } });
    else expect(again).toEqual(INVALID);
  }
});
type Given = { value: { refreshToken: string } };

test('#282 #302 a refresh whose connection is killed before the commit has changed nothing, nor have its neighbours', async () => {
  const [first, second] = [await scene(), await scene()];
  const answers = await holding(
    `SELECT id FROM token_family WHERE id = '${second.made.familyId}' FOR UPDATE`,
    async () => {
      const answers = Promise.allSettled([plain(first, first.token), plain(second, second.token)]);
      await two.db.$queryRaw`SELECT pg_terminate_backend(${await waitingFor('transactionid')}::int)`;
      return answers;
    },
  );
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  for (const it of [first, second]) {
    const [token, ...more] = await one.db.refreshToken.findMany({ where: { familyId: it.made.familyId } });
    expect([token?.rotatedAt, more]).toEqual([null, []]);
    expect(await full(one, it, it.token)).toMatchObject({ ok: true, value: { replayed: false } });
  }
});

test('an answer that is lost after the commit: the full way finds the token used, and gives the one successor', async () => {
  const it = await scene();
  const deaf = openPlainly({
    ...one,
    rows: async (...statement) => {
      await one.rows(...statement);
      throw new Error('the connection was lost');
    },
  });
  await expect(plain(it, it.token, deaf)).rejects.toThrow('lost');
  const again = await full(two, it, it.token);
  expect(again).toMatchObject({ ok: true, value: { replayed: true } });
  if (again.ok) {
    const head = await one.db.refreshToken.findUniqueOrThrow({
      where: { tokenHash: hashSecret(again.value.refreshToken) },
    });
    expect([head.generation, await live(it)]).toEqual([2, 1]);
  }
});

test('#118 many presentations of few tokens over three processes, plain and full: each has one successor, and all get it', async () => {
  const ways = processes.map(openPlainly);
  const scenes = await Promise.all(Array.from({ length: 4 }, scene));
  const given = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const it = scenes[index % 4] as Scene;
      const plainAnswer = index % 7 === 0 ? null : await plain(it, it.token, ways[index % 3]);
      if (plainAnswer) return plainAnswer.refreshToken;
      const answer = await full(processes[index % 3] as Database, it, it.token);
      return answer.ok ? answer.value.refreshToken : answer.reason;
    }),
  );
  for (const [index, it] of scenes.entries()) {
    expect(new Set(given.filter((_, at) => at % 4 === index)).size).toBe(1);
    expect(await live(it)).toBe(1);
  }
});

test('a token that is held while the sweep comes is not waited for, and found by the next', async () => {
  const it = await scene();
  expect(await plain(it, it.token)).not.toBeNull();
  const tokenHash = hashSecret(it.token);
  const sealed = async () => (await one.db.refreshToken.findUniqueOrThrow({ where: { tokenHash } })).sealedSuccessor;
  const sweep = () => sweepTokens(one, new Date(Date.now() + 3 * SETTINGS.replayWindow * 1_000), SETTINGS.replayWindow);
  await holding(`SELECT 1 FROM refresh_token WHERE token_hash = '${tokenHash}' FOR UPDATE`, sweep);
  expect(await sealed()).not.toBeNull();
  await sweep();
  expect(await sealed()).toBeNull();
  expect(await one.db.$queryRaw`SELECT refresh_token_id FROM rotated_token`).toEqual([]);
});
