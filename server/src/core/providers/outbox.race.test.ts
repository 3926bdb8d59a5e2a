/** A person signs in again before the provider was told that the last sign-in ended: the new one is not ended with the old one. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { isWaiting } from '../../testing/failpoint.ts';
import { openProcesses } from '../../testing/processes.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { liveGrantOf, makeTraveller, openTravel, type Travel, type Traveller } from '../../testing/provider-scene.ts';
import { unsealBundle } from './bundle.ts';
import { revokeEnded } from './outbox.ts';
import { disconnect } from './sign-in.ts';
import { discardTokens } from './store.ts';

let database: Database;
let other: Database;
let close: () => Promise<void>;
let provider: TestProvider;
let travel: Travel;
let who: Traveller;
beforeAll(async () => {
  const opened = await openProcesses(2);
  [database, other] = opened.processes as [Database, Database];
  close = opened.close;
  provider = await openProviderServer();
  travel = await openTravel(database);
});
beforeEach(async () => {
  who = await makeTraveller(database, provider);
  await travel.signInThere(who);
  provider.revocations.length = 0;
  answer = {};
  // As many providers do (RFC 7009 §2.1): with one token, all of this person and client end.
  provider.instead = async (path) => {
    if (path === '/userinfo' && answer.account) return { status: 200, body: answer.account };
    if (path !== '/revoke') return undefined;
    await answer.before?.();
    if (answer.away) return { status: 503 };
    provider.drop();
    return undefined;
  };
});
afterEach(() => {
  provider.instead = () => undefined;
});
afterAll(async () => {
  await provider.close();
  await close();
});

let answer: { away?: boolean; account?: object; before?: () => Promise<void> };

const elsewhere = () => ({ ...travel.providers, database: other });
const signOut = () => disconnect(database, { userId: who.user.id, connectionId: who.connection.id }, new Date());
const comeBack = async (to: string) => travel.comeBack(who, await travel.visit(to));
const ended = {
  providerGrant: {
    instance: {
      get userId() {
        return who.user.id;
      },
    },
  },
};
const waiting = () => database.db.providerRevocation.findMany({ where: ended });
const tellNow = async () => {
  await database.db.providerRevocation.updateMany({ where: ended, data: { nextAttemptAt: new Date(0) } });
  await revokeEnded(elsewhere());
};
const isGood = async (): Promise<boolean> => {
  const kept = await liveGrantOf(database, who);
  if (!kept) return false;
  return provider.isLive((await unsealBundle(travel.providers.keyring, kept.id, kept.sealed)).accessToken);
};
const outcomes = async () => {
  const where = { ownerUserId: who.user.id, kind: 'provider.revoked' };
  const events = await database.db.auditEvent.findMany({ where, orderBy: { id: 'asc' } });
  return events.map(({ detail }) => (detail as { outcome: string }).outcome);
};

test('what ended is told before the person sets out again, not after', async () => {
  await signOut();
  await comeBack(await travel.setOutAlone(who));
  expect(provider.revocations).toHaveLength(2);
  expect([await isGood(), await waiting(), await outcomes()]).toEqual([true, [], ['revoked']]);
  await tellNow();
  expect([provider.revocations.length, await isGood()]).toEqual([2, true]);
});

test('what could not be told before is not told after: it is dropped, and nothing of it is kept', async () => {
  await signOut();
  answer.away = true;
  await tellNow();
  const to = await travel.setOutAlone(who);
  await comeBack(to);
  answer.away = false;
  const before = provider.revocations.length;
  await tellNow();
  expect(provider.revocations.length).toBe(before);
  expect([await isGood(), await waiting(), await outcomes()]).toEqual([true, [], ['superseded']]);
  const rows = await database.db.providerGrant.findMany({ where: { instance: { userId: who.user.id } } });
  expect(rows.filter(({ sealed }) => sealed !== '')).toHaveLength(1);
  // When the new one ends, the old one does with it.
  await signOut();
  await tellNow();
  expect(await outcomes()).toEqual(['superseded', 'revoked']);
});

test('whoever is telling it at this moment is waited for', async () => {
  await signOut();
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    answer.before = () => {
      resolve();
      return held;
    };
  });
  const telling = tellNow();
  await reached;
  const setting = travel.setOutAlone(who);
  expect(await isWaiting(setting)).toBe(true);
  release();
  await comeBack(await setting);
  await telling;
  expect([await isGood(), await waiting(), await outcomes()]).toEqual([true, [], ['revoked']]);
});

test('while the person is at the provider nothing is told there; when they do not come back, it is', async () => {
  const to = await travel.setOutAlone(who);
  // Of a refresh that was under way when the sign-in ended.
  const [instance] = await database.db.connectionInstance.findMany({ where: { userId: who.user.id } });
  const kept = await liveGrantOf(database, who);
  if (!instance || !kept) throw new Error('signed out');
  await database.db.providerGrant.update({ where: { id: kept.id }, data: { revokedAt: new Date() } });
  const tokens = { accessToken: 'late', refreshToken: null, scopes: null, expiresAt: null, issuedAt: new Date() };
  const late = { instanceId: instance.id, providerClientId: kept.providerClientId, tokens, resource: null };
  await transact(database, (tx) =>
    discardTokens(tx, travel.providers.keyring, { ...late, startedAt: new Date() }, new Date()),
  );
  await tellNow();
  expect(provider.revocations).toEqual([]);
  expect(await waiting()).toHaveLength(1);
  await database.db.pendingProviderAuthorization.updateMany({
    where: { userId: who.user.id, status: 'pending' },
    data: { expiresAt: new Date(Date.now() - 1_000) },
  });
  expect((await comeBack(to)).status).toBe(400);
  await database.db.pendingProviderAuthorization.updateMany({
    where: { userId: who.user.id, status: 'consumed' },
    data: { consumedAt: new Date(0) },
  });
  await tellNow();
  expect(provider.revocations.map((form) => form.get('token'))).toEqual(['late']);
});

test('what ended of another account there is told all the same', async () => {
  await signOut();
  answer.away = true;
  await tellNow();
  answer.account = { sub: 'u-2', email: 'grace@provider.example' };
  await comeBack(await travel.setOutAlone(who));
  answer.away = false;
  expect(await waiting()).toHaveLength(1);
  await tellNow();
  expect([await waiting(), await outcomes()]).toEqual([[], ['revoked']]);
});
