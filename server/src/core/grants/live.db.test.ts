import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { openTestDatabase } from '../../testing/database.ts';
import {
  claimsOf,
  makeClient,
  makeConnection,
  makeOrganization,
  makeUser,
  personalScene,
  type SignIn,
  signIn,
} from '../../testing/scene.ts';
import { ANYONES, LOOK, openWatchedCheck, PERSONS } from '../../testing/watched-check.ts';
import { refresh } from '../tokens/refresh-token.ts';
import { openLiveCheck } from './live.ts';
import { revokeGrants } from './revoke.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

type Made = Awaited<ReturnType<typeof signedIn>>;

const aSignIn = async (): Promise<Made> => signedIn(await personalScene(database));

async function aMembersSignIn() {
  const user = await makeUser(database);
  const acme = await makeOrganization(database, [user]);
  const connection = await makeConnection(database, { organizationId: acme.id, assignees: [user] });
  return signedIn({ user, connection, client: await makeClient(database) });
}

const signedIn = async (how: SignIn) => ({ ...how, ...(await signIn(database, how)) });

/** What one process answers for a sign-in whose rows it remembers. */
async function askedBefore(made: Made) {
  const { check, remembered } = openWatchedCheck(database);
  const claims = claimsOf(made);
  expect(await remembered(claims)).toMatchObject({ live: true });
  return () => check(claims);
}
const unassign = ({ connection }: Made, removedAt: Date | null = new Date()) =>
  database.db.assignment.updateMany({ where: { connectionId: connection.id }, data: { removedAt } });
const revoke = ({ grantId }: Made) =>
  transact(database, (tx) => revokeGrants(tx, { grantIds: [grantId] }, 'user_revoked', { userId: null }, new Date()));

describe('#162 the live check sees every change at the next request', () => {
  test('a standing grant is live, with what the gateway needs to reach the upstream', async () => {
    const made = await aSignIn();
    expect(await openLiveCheck(database)(claimsOf(made))).toMatchObject({
      live: true,
      routeKey: made.connection.resource.routeKey,
      upstream: { remoteUrl: 'http://127.0.0.1:9/mcp', authMode: 'none' },
    });
  });

  test.each<[string, 'grant' | 'route' | 'user', (made: Made) => Promise<unknown>]>([
    ['the grant is revoked', 'grant', revoke],
    [
      'the grant expired',
      'grant',
      (made) =>
        database.db.oAuthGrant.update({ where: { id: made.grantId }, data: { expiresAt: new Date(Date.now() - 1) } }),
    ],
    [
      'the family is revoked',
      'grant',
      (made) =>
        database.db.tokenFamily.update({
          where: { id: made.familyId },
          data: { revokedAt: new Date(), revocationReason: 'x' },
        }),
    ],
    [
      'the client is deleted',
      'grant',
      (made) => database.db.oAuthClient.update({ where: { id: made.client.id }, data: { deletedAt: new Date() } }),
    ],
    [
      'the instance needs a new sign-in',
      'grant',
      (made) =>
        database.db.connectionInstance.update({
          where: { id: made.grant.instanceId },
          data: { status: 'needs_reauth' },
        }),
    ],
    [
      'the connection has a new version',
      'grant',
      (made) => database.db.connection.update({ where: { id: made.connection.id }, data: { version: 2 } }),
    ],
    [
      'the connection is disabled',
      'route',
      (made) => database.db.connection.update({ where: { id: made.connection.id }, data: { status: 'disabled' } }),
    ],
    [
      'the connection is deleted',
      'route',
      (made) => database.db.connection.update({ where: { id: made.connection.id }, data: { deletedAt: new Date() } }),
    ],
    [
      'the route is retired',
      'route',
      (made) =>
        database.db.connectResource.update({
          where: { id: made.connection.resource.id },
          data: { retiredAt: new Date() },
        }),
    ],
    [
      'the user is blocked',
      'user',
      (made) => database.db.user.update({ where: { id: made.user.id }, data: { blockedAt: new Date() } }),
    ],
  ])('%s → %s', async (_name, because, change) => {
    const made = await aSignIn();
    const ask = await askedBefore(made);
    await change(made);
    expect(await ask()).toEqual({ live: false, because });
  });

  test('#153 every binding that a token claims is compared with the rows', async () => {
    const [made, other] = [await aSignIn(), await aSignIn()];
    const claims = {
      familyId: other.familyId,
      userId: other.user.id,
      clientId: other.client.clientId,
      instanceId: other.grant.instanceId,
      connectionId: other.connection.id,
      connectResourceId: other.connection.resource.id,
      connectionVersion: 2,
      executionContext: 'organization:1',
      scopes: ['mcp:access', 'profile'],
      grantId: other.grantId,
    };
    for (const [name, value] of Object.entries(claims)) {
      const answer = await openLiveCheck(database)({ ...claimsOf(made), [name]: value });
      expect(answer, name).toEqual({ live: false, because: 'grant' });
    }
  });

  test('where its requests go is what the connection says now', async () => {
    const made = await aSignIn();
    const ask = await askedBefore(made);
    const remoteUrl = 'http://127.0.0.1:9/elsewhere';
    await database.db.connection.update({ where: { id: made.connection.id }, data: { remoteUrl } });
    expect(await ask()).toMatchObject({ live: true, upstream: { remoteUrl } });
  });
});

describe('in an organization', () => {
  test('#262 a member without membership or assignment may no longer, though the grant row stands', async () => {
    const made = await aMembersSignIn();
    const ask = await askedBefore(made);
    await unassign(made);
    expect(await ask()).toEqual({ live: false, because: 'user' });
    await unassign(made, null);
    expect(await ask()).toMatchObject({ live: true });
    await database.db.membership.updateMany({ where: { userId: made.user.id }, data: { removedAt: new Date() } });
    expect(await ask()).toEqual({ live: false, because: 'user' });
    const presented = { refreshToken: made.refreshToken as string, oauthClientId: made.client.id, scopes: undefined };
    const rotation = { refreshIdle: 3600, replayWindow: 60, replays: 20 };
    expect(await refresh(database, { ...presented, isOtherResource: () => false }, rotation)).toEqual({
      ok: false,
      reason: 'invalid_grant',
    });
  });
});

describe('what was read for an earlier question', () => {
  test('is not read again while nothing is committed, and is once something was, whatever it was', async () => {
    const [made, other] = [await aSignIn(), await aSignIn()];
    const { check, sent, remembered } = openWatchedCheck(database);
    const claims = claimsOf(made);
    expect(await remembered(claims)).toMatchObject({ live: true });
    await database.db.user.update({ where: { id: other.user.id }, data: { name: 'Somebody else' } });
    expect(await check(claims)).toMatchObject({ live: true });
    expect(sent()).toContain(PERSONS);
  });

  test('is asked about with what was not: each gets its own answer, also where another has no rows or is of an organization', async () => {
    const [known, members, fresh] = [await aSignIn(), await aMembersSignIn(), await aSignIn()];
    const { check, sent, remembered } = openWatchedCheck(database);
    const [claims, membersClaims] = [claimsOf(known), claimsOf(members)];
    const nobodys = { ...claims, grantId: randomUUID() };
    const ask = async () => {
      const batch = [nobodys, claims, claimsOf(fresh), membersClaims, claims];
      return (await Promise.all(batch.map(check))).map((answer) => answer.live || answer.because);
    };
    await remembered(membersClaims);
    await remembered(claims);
    expect(await ask()).toEqual(['grant', true, true, true, true]);
    sent();
    await unassign(members);
    expect(await ask()).toEqual(['grant', true, true, 'user', true]);
    expect(sent()).toContain(ANYONES);
    await revoke(known);
    expect(await ask()).toEqual(['grant', 'grant', true, 'user', 'grant']);
  });

  test('ends by the clock of the database, without any commit', async () => {
    const made = await aSignIn();
    const inAnHour = new Date(Date.now() + 3_600_000);
    await database.db.oAuthGrant.update({ where: { id: made.grantId }, data: { expiresAt: inAnHour } });
    let ahead = 0;
    const { check, sent, remembered } = openWatchedCheck(database, (name, rows) =>
      name === LOOK ? rows.map(([seen, clock]) => [seen as string, String(Number(clock) + ahead)]) : rows,
    );
    const claims = claimsOf(made);
    expect(await remembered(claims)).toMatchObject({ live: true });
    ahead = 7_200;
    for (let time = 0; time < 5; time++) {
      await check(claims);
      expect(sent()).toContain(PERSONS);
    }
  });

  test('a refusal is read each time', async () => {
    const made = await aSignIn();
    const { check, sent, remembered } = openWatchedCheck(database);
    const claims = claimsOf(made);
    await remembered(claims);
    await revoke(made);
    await check(claims);
    for (let time = 0; time < 5; time++) {
      sent();
      expect(await check(claims)).toEqual({ live: false, because: 'grant' });
      expect(sent()).toEqual([PERSONS]);
    }
  });

  test('#163 is no answer where the database gives none', async () => {
    let isAway = false;
    const { check, remembered } = openWatchedCheck(database, (_name, rows) => {
      if (isAway) throw new Error('away');
      return rows;
    });
    const claims = claimsOf(await aSignIn());
    await remembered(claims);
    isAway = true;
    await expect(check(claims)).rejects.toThrow('away');
    isAway = false;
    expect(await check(claims)).toMatchObject({ live: true });
  });

  test('counts for nothing where another server took over, or the database cannot say what it sees', async () => {
    const claims = claimsOf(await aSignIn());
    const restarted = openWatchedCheck(database, (name, rows) =>
      name === LOOK ? rows.map(([seen, clock]) => [`${seen}, later`, clock as string]) : rows,
    );
    const standby = openWatchedCheck(database, (name, rows) =>
      rows.map((row) => (name === LOOK ? [null, row[1] as string] : row.with(3, null))),
    );
    for (const { check, sent } of [restarted, standby]) {
      for (let time = 0; time < 5; time++) {
        expect(await check(claims)).toMatchObject({ live: true });
        expect(sent()).toContain(PERSONS);
      }
    }
  });

  test('many questions of one moment share a statement, and each gets its own answer', async () => {
    const [made, other] = [await aSignIn(), await aSignIn()];
    await revoke(other);
    const { check, sent } = openWatchedCheck(database);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => check(claimsOf(index % 2 === 0 ? made : other))),
    );
    expect(sent()).toHaveLength(1);
    expect(answers.map(({ live }) => live)).toEqual(Array.from({ length: 30 }, (_, index) => index % 2 === 0));
  });
});
