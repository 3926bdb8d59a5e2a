/** A database that goes away at the worst moment: what was answered is there, what was not may be tried again. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../platform/database.ts';
import { openLog } from '../platform/log.ts';
import { transact } from '../platform/transact.ts';
import { isTransient, Unavailable } from '../platform/transient.ts';
import { type FaultProxy, openFaultProxy } from '../testing/fault-proxy.ts';
import { violations } from '../testing/invariants.ts';
import { openProcesses } from '../testing/processes.ts';
import { ask, claimsOf, consent, personalScene, redeem, type SignIn, signIn } from '../testing/scene.ts';
import { openLiveCheck } from './grants/live.ts';
import { revokeGrants } from './grants/revoke.ts';
import { refresh } from './tokens/refresh-token.ts';

let steady: Database;
let shaky: Database;
let proxy: FaultProxy;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openProcesses(1);
  steady = opened.processes[0] as Database;
  close = opened.close;
  proxy = await openFaultProxy(opened.url);
  shaky = await openDatabase({ url: proxy.url, dataDirectory: '', poolSize: 4, log: openLog('silent') });
});
afterAll(async () => {
  await shaky.close();
  await proxy.close();
  await close();
});

let how: SignIn;
beforeEach(async () => {
  how = await personalScene(steady);
});

const rotate = (database: Database, token: string | null) =>
  refresh(
    database,
    { refreshToken: token as string, oauthClientId: how.client.id, isOtherResource: () => false, scopes: undefined },
    { refreshIdle: 3600, replayWindow: 60, replays: 20 },
  );
const revoke = (database: Database, grantId: string) =>
  transact(database, (tx) => revokeGrants(tx, { grantIds: [grantId] }, 'user_revoked', { userId: null }, new Date()));

for (const delivered of [false, true]) {
  const when = delivered ? 'after the database heard COMMIT' : 'before the database heard COMMIT';

  test(`#335 the connection dies ${when} of a refresh: "unavailable", and the same token works again`, async () => {
    const made = await signIn(steady, how);
    proxy.cutAt('COMMIT', delivered);
    await expect(rotate(shaky, made.refreshToken)).rejects.toThrow(Unavailable);
    expect(await rotate(shaky, made.refreshToken)).toMatchObject({ ok: true });
    expect(await violations(steady)).toEqual([]);
  });

  test(`#335 the connection dies ${when} of an exchange: "unavailable", and never two sign-ins`, async () => {
    const { handle, verifier } = await ask(steady, how);
    const code = await consent(steady, handle, how.user);
    if (!code.ok) throw new Error(code.reason.kind);
    proxy.cutAt('COMMIT', delivered);
    await expect(redeem(shaky, how, code.value, verifier)).rejects.toThrow(Unavailable);
    await redeem(shaky, how, code.value, verifier);
    expect(await steady.db.tokenFamily.count({ where: { grant: { oauthClientId: how.client.id } } })).toBe(1);
    expect(await violations(steady)).toEqual([]);
  });

  test(`#335 the connection dies ${when} of a revocation: "unavailable", and trying again ends it`, async () => {
    const made = await signIn(steady, how);
    proxy.cutAt('COMMIT', delivered);
    await expect(revoke(shaky, made.grantId)).rejects.toThrow(Unavailable);
    await revoke(shaky, made.grantId);
    expect(await steady.db.oAuthGrant.findUniqueOrThrow({ where: { id: made.grantId } })).toMatchObject({
      status: 'revoked',
    });
    expect(await violations(steady)).toEqual([]);
  });
}

test('#124 #278 while the database is away every act is "unavailable", and all work again when it is back', async () => {
  const made = await signIn(steady, how);
  const claims = claimsOf(made);
  const check = openLiveCheck(shaky);
  expect(await check(claims)).toMatchObject({ live: true });
  proxy.setAway(true);
  await expect(rotate(shaky, made.refreshToken)).rejects.toThrow(Unavailable);
  await expect(revoke(shaky, made.grantId)).rejects.toThrow(Unavailable);
  const failure = await check(claims).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  expect(isTransient(failure)).toBe(true);
  proxy.setAway(false);
  expect(await check(claims)).toMatchObject({ live: true });
  expect(await rotate(shaky, made.refreshToken)).toMatchObject({ ok: true });
});

test('#280 what was waited for a connection of the pool is not waited once more for a lock', async () => {
  const lockTimeout = () =>
    transact(shaky, async (tx) => {
      const [row] = await tx.$queryRaw<{ ms: number }[]>`
        SELECT setting::int AS ms FROM pg_settings WHERE name = 'lock_timeout'`;
      return row?.ms;
    });
  expect(await lockTimeout()).toBe(4_000);
  const busy = Array.from({ length: 4 }, () => transact(shaky, (tx) => tx.$executeRaw`SELECT pg_sleep(0.7)`));
  expect(await lockTimeout()).toBeLessThanOrEqual(3_500);
  await Promise.all(busy);
  expect(await lockTimeout()).toBe(4_000);
});

test('announcements that are missed while the listening connection is cut are made good by a sweep', async () => {
  const heard: string[] = [];
  let gap: () => void;
  const gapped = new Promise<void>((resolve) => {
    gap = resolve;
  });
  const stop = await shaky.listen(
    'a_channel',
    (payload) => heard.push(payload),
    () => gap(),
  );
  await steady.db.$executeRaw`SELECT pg_notify('a_channel', 'one')`;
  await expect.poll(() => heard).toEqual(['one']);
  proxy.setAway(true);
  await steady.db.$executeRaw`SELECT pg_notify('a_channel', 'missed')`;
  proxy.setAway(false);
  await gapped;
  await steady.db.$executeRaw`SELECT pg_notify('a_channel', 'two')`;
  await expect.poll(() => heard).toEqual(['one', 'two']);
  await stop();
});
