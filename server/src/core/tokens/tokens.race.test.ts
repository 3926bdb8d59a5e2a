/** Exchange and refresh against revocation and against themselves: each interleaving held still with two connections. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { hashSecret } from '../../platform/secret.ts';
import { transact } from '../../platform/transact.ts';
import { Unavailable } from '../../platform/transient.ts';
import { isWaiting, type Moment, pausing, withFailpoints } from '../../testing/failpoint.ts';
import { deadlocks, openProcesses } from '../../testing/processes.ts';
import { ask, claimsOf, consent, personalScene, redeem, type SignIn, signIn } from '../../testing/scene.ts';
import { openLiveCheck } from '../grants/live.ts';
import { revokeGrants } from '../grants/revoke.ts';
import { refresh } from './refresh-token.ts';

let processes: Database[];
let close: () => Promise<void>;
let one: Database;
let two: Database;
beforeAll(async () => {
  ({ processes, close } = await openProcesses(3));
  [one, two] = processes as [Database, Database];
});
afterAll(async () => {
  expect(await deadlocks(one)).toBe(0);
  await close();
});

const INVALID = { ok: false, reason: 'invalid_grant' };
const ROTATION = { refreshIdle: 3600, replayWindow: 60, replays: 20 };
const COMMIT = (moment: Moment) => moment.phase === 'commit';

const scene = (): Promise<SignIn> => personalScene(one);
async function withCode() {
  const how = await scene();
  const { handle, verifier } = await ask(one, how);
  const code = await consent(one, handle, how.user);
  if (!code.ok) throw new Error(code.reason.kind);
  return { how, code: code.value, verifier };
}
const revoke = (database: Database, how: SignIn) =>
  transact(database, (tx) =>
    revokeGrants(tx, { oauthClientId: how.client.id }, 'user_revoked', { userId: how.user.id }, new Date()),
  );
const rotate = (database: Database, token: string | null, how: SignIn) =>
  refresh(
    database,
    { refreshToken: token as string, oauthClientId: how.client.id, isOtherResource: () => false, scopes: undefined },
    ROTATION,
  );
const liveTokens = (how: SignIn) =>
  one.db.refreshToken.count({
    where: { family: { grant: { oauthClientId: how.client.id } }, rotatedAt: null, revokedAt: null },
  });

test('#296 the exchange is first: what it inserted just before dies with the grant', async () => {
  const { how, code, verifier } = await withCode();
  const exchange = pausing(one, COMMIT);
  const exchanging = redeem(exchange.database, how, code, verifier);
  await exchange.reached;
  const revoking = revoke(two, how);
  expect(await isWaiting(revoking)).toBe(true);
  exchange.resume();
  const made = await exchanging;
  expect(made).toMatchObject({ ok: true });
  expect((await revoking).receipt).toMatchObject({ grants: 1, families: 1, refreshTokens: 1 });
  expect(await liveTokens(how)).toBe(0);
  if (made.ok) expect(await rotate(two, made.value.refreshToken, how)).toEqual(INVALID);
});

test('#298 the revocation is first: an exchange that waited for its lock reads what is true now', async () => {
  const { how, code, verifier } = await withCode();
  const revocation = pausing(one, COMMIT);
  const revoking = revoke(revocation.database, how);
  await revocation.reached;
  const exchanging = redeem(two, how, code, verifier);
  expect(await isWaiting(exchanging)).toBe(true);
  revocation.resume();
  expect((await revoking).receipt).toMatchObject({ grants: 1, authorizationCodes: 1 });
  expect(await exchanging).toEqual(INVALID);
  expect(await liveTokens(how)).toBe(0);
});

test('#298 the code is found, then all is revoked, then the exchange takes its lock', async () => {
  const { how, code, verifier } = await withCode();
  const exchange = pausing(one, (moment) => moment.phase === 'after' && moment.number === 1);
  const exchanging = redeem(exchange.database, how, code, verifier);
  await exchange.reached;
  await revoke(two, how);
  exchange.resume();
  expect(await exchanging).toEqual(INVALID);
});

test('#299 a code whose time passes while the exchange waits for the lock is refused', async () => {
  const { how, code, verifier } = await withCode();
  await one.db.authorizationCode.updateMany({
    where: { codeHash: hashSecret(code) },
    data: { expiresAt: new Date(Date.now() + 700) },
  });
  const holder = pausing(one, COMMIT);
  const holding = transact(
    holder.database,
    (tx) => tx.$queryRaw`SELECT id FROM oauth_grant WHERE oauth_client_id = ${how.client.id}::uuid FOR UPDATE`,
  );
  await holder.reached;
  const exchanging = redeem(two, how, code, verifier);
  expect(await isWaiting(exchanging, 900)).toBe(true);
  holder.resume();
  await holding;
  expect(await exchanging).toEqual(INVALID);
});

test('#301 field note C29: a hundred exchanges of one code on three processes: one gets tokens, the others are refused, and the winner keeps its own', async () => {
  for (let round = 0; round < 3; round++) {
    const { how, code, verifier } = await withCode();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => redeem(processes[index % 3] as Database, how, code, verifier)),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect(answers.filter((answer) => !answer.ok)).toEqual(Array.from({ length: 99 }, () => INVALID));
    expect(await liveTokens(how)).toBe(1);
    const winner = answers.find((answer) => answer.ok);
    if (winner?.ok) expect(await rotate(one, winner.value.refreshToken, how)).toMatchObject({ ok: true });
  }
});

test('#302 an exchange that fails before its commit leaves the code to the next one', async () => {
  const { how, code, verifier } = await withCode();
  const failing = withFailpoints(one, async (moment) => {
    if (moment.phase === 'commit') throw new Error('on purpose');
  });
  await expect(redeem(failing, how, code, verifier)).rejects.toThrow('on purpose');
  expect(await redeem(two, how, code, verifier)).toMatchObject({ ok: true });
});

test('#305 a refresh that looked its token up before a revocation is refused after it', async () => {
  const how = await scene();
  const made = await signIn(one, how);
  const refreshing = pausing(one, (moment) => moment.phase === 'after' && moment.number === 1);
  const answer = rotate(refreshing.database, made.refreshToken, how);
  await refreshing.reached;
  await revoke(two, how);
  refreshing.resume();
  expect(await answer).toEqual(INVALID);
});

test('#305 a refresh that is first hands out tokens that the waiting revocation ends', async () => {
  const how = await scene();
  const made = await signIn(one, how);
  const refreshing = pausing(one, COMMIT);
  const answer = rotate(refreshing.database, made.refreshToken, how);
  await refreshing.reached;
  const revoking = revoke(two, how);
  expect(await isWaiting(revoking)).toBe(true);
  refreshing.resume();
  expect(await answer).toMatchObject({ ok: true });
  expect((await revoking).receipt).toMatchObject({ families: 1, refreshTokens: 1 });
  expect(await liveTokens(how)).toBe(0);
});

test.each(['reuse', 'refresh'])(
  '#306 the head is refreshed while an old token is reused, %s first: the family is dead, told once',
  async (first) => {
    const how = await scene();
    const made = await signIn(one, how);
    const second = await rotate(one, made.refreshToken, how);
    if (!second.ok) throw new Error();
    await one.db.refreshToken.update({
      where: { tokenHash: hashSecret(made.refreshToken as string) },
      data: { rotatedAt: new Date(Date.now() - 3_600_000) },
    });
    const [leading, following] =
      first === 'reuse'
        ? [made.refreshToken, second.value.refreshToken]
        : [second.value.refreshToken, made.refreshToken];
    const leader = pausing(one, COMMIT);
    const led = rotate(leader.database, leading, how);
    await leader.reached;
    const followed = rotate(two, following, how);
    expect(await isWaiting(followed)).toBe(true);
    leader.resume();
    expect(await Promise.all([led, followed])).toEqual(
      first === 'reuse' ? [INVALID, INVALID] : [expect.objectContaining({ ok: true }), INVALID],
    );
    expect(await liveTokens(how)).toBe(0);
    expect(await one.db.auditEvent.count({ where: { kind: 'refresh.reused', grantId: made.grantId } })).toBe(1);
    expect(await one.db.auditEvent.count({ where: { kind: 'family.revoked', grantId: made.grantId } })).toBe(1);
  },
);

test('#118 field note A6: twenty processes refresh one token at once: all get the same successor, the family has one head', async () => {
  const how = await scene();
  const made = await signIn(one, how);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => rotate(processes[index % 3] as Database, made.refreshToken, how)),
  );
  const successors = answers.map((answer) => (answer.ok ? answer.value.refreshToken : answer.reason));
  expect(new Set(successors).size).toBe(1);
  expect(successors[0]).toMatch(/^gwr_/);
  expect(await liveTokens(how)).toBe(1);
});

test('#322 #323 a live check that begins after a revocation was acknowledged never says live, in any process', async () => {
  const checks = processes.map((database) => openLiveCheck(database));
  for (let round = 0; round < 20; round++) {
    const how = await scene();
    const made = await signIn(one, how);
    const claims = claimsOf(made);
    let acknowledged = Number.POSITIVE_INFINITY;
    const wrong: number[] = [];
    let stop = false;
    const asking = checks.map(async (check) => {
      while (!stop) {
        const began = performance.now();
        if ((await check(claims)).live && began > acknowledged) wrong.push(began - acknowledged);
      }
    });
    await revoke(two, how);
    acknowledged = performance.now();
    const answers = await Promise.all(checks.map((check) => check(claims)));
    stop = true;
    await Promise.all(asking);
    expect(answers).toEqual(checks.map(() => ({ live: false, because: 'grant' })));
    expect(wrong).toEqual([]);
  }
});

test('#324 a live check waits for no lock, and holds none', async () => {
  const how = await scene();
  const made = await signIn(one, how);
  const holder = pausing(one, COMMIT);
  const revoking = revoke(holder.database, how);
  await holder.reached;
  const claims = claimsOf(made);
  expect(await openLiveCheck(two)(claims)).toMatchObject({ live: true });
  holder.resume();
  await revoking;
  expect(await openLiveCheck(two)(claims)).toEqual({ live: false, because: 'grant' });
});

test('#333 a lock that is not had in time is "unavailable", and changes nothing', async () => {
  const how = await scene();
  const made = await signIn(one, how);
  const holder = pausing(one, COMMIT);
  const holding = transact(
    holder.database,
    (tx) => tx.$queryRaw`SELECT id FROM oauth_grant WHERE id = ${made.grantId}::uuid FOR UPDATE`,
  );
  await holder.reached;
  await expect(rotate(two, made.refreshToken, how)).rejects.toThrow(Unavailable);
  holder.resume();
  await holding;
  expect(await rotate(two, made.refreshToken, how)).toMatchObject({ ok: true });
});

test('a redemption reads the code after the lock: the statement that locks is not the one that reads', async () => {
  const { how, code, verifier } = await withCode();
  const seen: string[] = [];
  const watching = withFailpoints(one, (moment) => {
    if (moment.phase === 'before') seen.push(moment.text);
  });
  await redeem(watching, how, code, verifier);
  const locked = seen.findIndex((text) => /oauth_grant[\s\S]*FOR UPDATE/.test(text));
  expect(locked).toBe(1);
  expect(seen.slice(locked + 1)).toContain('authorizationCode.findUniqueOrThrow');
  expect(seen.filter((text) => /FOR UPDATE[\s\S]*JOIN|JOIN[\s\S]*FOR UPDATE/.test(text))).toEqual([]);
});
