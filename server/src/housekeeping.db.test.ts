import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetEvents } from './core/audit/retention.ts';
import { sweepRequests } from './core/authorizations/sweep.ts';
import { reapClients } from './core/clients/reap.ts';
import { expireGrants } from './core/grants/expire.ts';
import { refresh } from './core/tokens/refresh-token.ts';
import { listRotated, sweepTokens } from './core/tokens/sweep.ts';
import type { Database } from './platform/database.ts';
import { hashSecret } from './platform/secret.ts';
import { openTestDatabase } from './testing/database.ts';
import { violations } from './testing/invariants.ts';
import { ask, consent, makeClient, makeConnection, makeUser, redeem, signIn } from './testing/scene.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(async () => {
  // A swept code no longer tells which family it gave.
  expect((await violations(database)).filter((found) => !found.startsWith('I3: a family without'))).toEqual([]);
  await database.close();
});

const DAY = 86_400;
const later = (seconds: number) => new Date(Date.now() + seconds * 1000);
async function scene() {
  const user = await makeUser(database);
  return { user, connection: await makeConnection(database, { userId: user.id }), client: await makeClient(database) };
}
const grant = (id: string) => database.db.oAuthGrant.findUniqueOrThrow({ where: { id } });

test('a grant ends when its chosen time is over, and an unused one at the idle limit; others stay', async () => {
  const how = await scene();
  const hour = await signIn(database, { ...how, expiresIn: 3600 });
  const unlimited = await signIn(database, { ...how, client: await makeClient(database) });
  const used = await signIn(database, { ...how, client: await makeClient(database) });
  await database.db.oAuthGrant.update({ where: { id: used.grantId }, data: { lastUsedAt: later(89 * DAY) } });

  expect(await expireGrants(database, later(3000), 90 * DAY)).toBe(0);
  expect(await expireGrants(database, later(3601), 90 * DAY)).toBe(1);
  expect(await grant(hour.grantId)).toMatchObject({ status: 'revoked', revocationReason: 'expired', revokedBy: null });
  expect(await expireGrants(database, later(90 * DAY + 60), 90 * DAY)).toBe(1);
  expect(await grant(unlimited.grantId)).toMatchObject({ status: 'revoked', revocationReason: 'idle' });
  expect(await grant(used.grantId)).toMatchObject({ status: 'active' });
});

test('a grant that is approved anew after a long rest is not idle', async () => {
  const how = await scene();
  const { grantId } = await signIn(database, how);
  const long = new Date(Date.now() - 89.9 * DAY * 1000);
  await database.db.oAuthGrant.update({ where: { id: grantId }, data: { lastUsedAt: long, approvedAt: long } });
  await signIn(database, how);
  await expireGrants(database, later(DAY), 90 * DAY);
  expect(await grant(grantId)).toMatchObject({ status: 'active' });
});

test('several processes that expire at once end each grant once', async () => {
  const how = await scene();
  const made = await Promise.all(
    Array.from({ length: 8 }, async () =>
      signIn(database, { ...how, client: await makeClient(database), expiresIn: 60 }),
    ),
  );
  const counts = await Promise.all([1, 2, 3].map(() => expireGrants(database, later(120), 900 * DAY)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(8);
  const ids = made.map(({ grantId }) => grantId);
  expect(await database.db.auditEvent.count({ where: { kind: 'grant.revoked', grantId: { in: ids } } })).toBe(8);
});

test('a sealed successor goes after the window, the hash stays: reuse is still detected', async () => {
  const how = await scene();
  const { refreshToken, familyId } = await signIn(database, how);
  const rotate = (token: string) =>
    refresh(
      database,
      { refreshToken: token, oauthClientId: how.client.id, isOtherResource: () => false, scopes: undefined },
      { refreshIdle: DAY, replayWindow: 60, replays: 20 },
    );
  await rotate(refreshToken as string);
  const row = () =>
    database.db.refreshToken.findUniqueOrThrow({ where: { tokenHash: hashSecret(refreshToken as string) } });
  await sweepTokens(database, later(100), 60);
  expect((await row()).sealedSuccessor).not.toBeNull();
  const listed = async () => (await database.db.$queryRaw<unknown[]>`SELECT FROM rotated_token`).length;
  expect(await listed()).toBe(1);
  // As an older version leaves it, that knows of no list.
  await database.db.$executeRaw`DELETE FROM rotated_token`;
  await sweepTokens(database, later(130), 60);
  expect((await row()).sealedSuccessor).not.toBeNull();
  expect([await listRotated(database), await listRotated(database)]).toEqual([1, 0]);
  await sweepTokens(database, later(130), 60);
  expect((await row()).sealedSuccessor).toBeNull();
  expect(await listed()).toBe(0);
  expect(await rotate(refreshToken as string)).toEqual({ ok: false, reason: 'invalid_grant' });
  expect(await database.db.tokenFamily.findUniqueOrThrow({ where: { id: familyId } })).toMatchObject({
    revocationReason: 'refresh_reused',
  });
});

test('field note A10: what is swept is dead; a live family keeps its token however old its access token is', async () => {
  const how = await scene();
  const made = await signIn(database, how);
  await sweepTokens(database, later(20 * DAY), 60);
  expect(await database.db.refreshToken.count({ where: { familyId: made.familyId } })).toBe(1);
});

test('undecided requests are closed, week-old ones forgotten, but not while their code is remembered', async () => {
  const how = await scene();
  const open = await ask(database, how);
  const decided = await ask(database, how);
  const code = await consent(database, decided.handle, how.user);
  if (!code.ok) throw new Error();
  const statusOf = async (handle: string) =>
    (await database.db.authorizationRequest.findUnique({ where: { handle } }))?.status;
  await sweepRequests(database, later(301));
  expect(await statusOf(open.handle)).toBe('expired');
  await sweepRequests(database, later(8 * DAY));
  expect([await statusOf(open.handle), await statusOf(decided.handle)]).toEqual([undefined, 'approved']);
});

test('field note D32: never-authorized clients are forgotten by age, and no others', async () => {
  const how = await scene();
  await signIn(database, how);
  const unused = await makeClient(database);
  const waiting = await makeClient(database);
  const { handle } = await ask(database, { ...how, client: waiting });
  const manual = await database.db.oAuthClient.update({
    where: { id: (await makeClient(database)).id },
    data: { kind: 'manual' },
  });
  const exists = (id: string) => database.db.oAuthClient.count({ where: { id } });

  await reapClients(database, new Date(), 30 * DAY);
  expect(await exists(unused.id)).toBe(1);
  // The request that waits is still open at this moment, although the client is old.
  await database.db.authorizationRequest.update({ where: { handle }, data: { expiresAt: later(40 * DAY) } });
  await reapClients(database, later(31 * DAY), 30 * DAY);
  const left = await Promise.all([unused, waiting, manual, how.client].map(({ id }) => exists(id)));
  expect(left).toEqual([0, 1, 1, 1]);
});

test('a client that is authorized while it is being reaped stays', async () => {
  const how = await scene();
  const { handle, verifier } = await ask(database, how);
  const [code] = await Promise.all([consent(database, handle, how.user), reapClients(database, later(200), 100)]);
  // Either order is right; a grant whose client is gone is not.
  if (code.ok) expect(await redeem(database, how, code.value, verifier)).toMatchObject({ ok: true });
  expect(await database.db.oAuthClient.count({ where: { id: how.client.id } })).toBe(1);
});

test('events older than the retention go, newer ones stay', async () => {
  await database.db.auditEvent.createMany({
    data: [
      { kind: 'user.created', occurredAt: later(-400 * DAY) },
      { kind: 'user.created', occurredAt: later(-300 * DAY) },
    ],
  });
  expect(await forgetEvents(database, new Date(), 365)).toBe(1);
  expect(await database.db.auditEvent.count({ where: { kind: 'user.created' } })).toBe(1);
});
