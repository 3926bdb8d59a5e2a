import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import type { TextRow } from '../../platform/statement.ts';
import { transact } from '../../platform/transact.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { refresh } from '../tokens/refresh-token.ts';
import { type GrantClaims, type LiveAnswer, openLiveCheck } from './live.ts';
import { revokeGrants } from './revoke.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

type Made = Awaited<ReturnType<typeof aSignIn>>;

async function aSignIn() {
  const user = await makeUser(database);
  const connection = await makeConnection(database, { userId: user.id });
  const client = await makeClient(database);
  return { user, connection, client, ...(await signIn(database, { user, client, connection })) };
}

const claimsOf = ({ grant, grantId, familyId }: Made): GrantClaims => ({ ...grant, grantId, familyId });
/** What one process answers for a sign-in that it was asked about a moment ago. */
async function askedBefore(made: Made) {
  const check = openLiveCheck(database);
  const claims = claimsOf(made);
  for (let time = 0; time < 3; time++) expect(await check(claims)).toMatchObject({ live: true });
  return () => check(claims);
}
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
    const user = await makeUser(database);
    const acme = await makeOrganization(database, [user]);
    const connection = await makeConnection(database, { organizationId: acme.id, assignees: [user] });
    const client = await makeClient(database);
    const made = await signIn(database, { user, client, connection });
    const ask = await askedBefore({ ...made, user, connection, client });
    await database.db.assignment.updateMany({
      where: { connectionId: connection.id },
      data: { removedAt: new Date() },
    });
    expect(await ask()).toEqual({ live: false, because: 'user' });
    await database.db.assignment.updateMany({ where: { connectionId: connection.id }, data: { removedAt: null } });
    expect(await ask()).toMatchObject({ live: true });
    await database.db.membership.updateMany({ where: { userId: user.id }, data: { removedAt: new Date() } });
    expect(await ask()).toEqual({ live: false, because: 'user' });
    const presented = { refreshToken: made.refreshToken as string, oauthClientId: client.id, scopes: undefined };
    const rotation = { refreshIdle: 3600, replayWindow: 60, replays: 20 };
    expect(await refresh(database, { ...presented, isOtherResource: () => false }, rotation)).toEqual({
      ok: false,
      reason: 'invalid_grant',
    });
  });
});

describe('what was read a moment ago', () => {
  const LOOK = 'grantway-unchanged';

  /** A check that tells the names of the statements that it sent since it was last asked for them. */
  function watched(change: (name: string, rows: TextRow[]) => TextRow[] = (_, rows) => rows) {
    const sent: string[] = [];
    const check = openLiveCheck({
      ...database,
      rows: async (name, text, values) => {
        sent.push(name);
        return change(name, await database.rows(name, text, values));
      },
    });
    return { check, sent: () => sent.splice(0) };
  }

  /** Asks until the database said that nothing was committed since: others may be at work on the same server. */
  async function untilUnchanged({ check, sent }: ReturnType<typeof watched>, claims: GrantClaims): Promise<LiveAnswer> {
    for (let time = 0; time < 2_000; time++) {
      sent();
      const answer = await check(claims);
      const names = sent();
      if (names.length === 1 && names[0] === LOOK) return answer;
    }
    throw new Error('something was committed each time');
  }

  test('is not read again while nothing is committed, and is once something was, whatever it was', async () => {
    const [made, other] = [await aSignIn(), await aSignIn()];
    const process = watched();
    expect(await untilUnchanged(process, claimsOf(made))).toMatchObject({ live: true });
    await database.db.user.update({ where: { id: other.user.id }, data: { name: 'Somebody else' } });
    process.sent();
    expect(await process.check(claimsOf(made))).toMatchObject({ live: true });
    expect(process.sent()).toContain('grantway-live-personal');
  });

  test('one statement serves those that were read and those that were not', async () => {
    const [known, fresh] = [await aSignIn(), await aSignIn()];
    const process = watched();
    const claims = claimsOf(known);
    await untilUnchanged(process, claims);
    const answers = await Promise.all([process.check(claims), process.check(claimsOf(fresh)), process.check(claims)]);
    expect(answers.map(({ live }) => live)).toEqual([true, true, true]);
    expect(process.sent()[0]).toBe('grantway-live-personal');
    await revoke(known);
    const after = await Promise.all([process.check(claims), process.check(claimsOf(fresh)), process.check(claims)]);
    expect(after.map(({ live }) => live)).toEqual([false, true, false]);
  });

  test('ends by the clock of the database, without any commit', async () => {
    const made = await aSignIn();
    await database.db.$executeRaw`
      UPDATE oauth_grant SET expires_at = clock_timestamp() + interval '700 milliseconds' WHERE id = ${made.grantId}::uuid`;
    const process = watched();
    const claims = claimsOf(made);
    expect(await untilUnchanged(process, claims)).toMatchObject({ live: true });
    const isOver = async () =>
      (
        await database.rows('', 'SELECT expires_at <= clock_timestamp() FROM oauth_grant WHERE id = $1::uuid', [
          made.grantId,
        ])
      )[0]?.[0];
    for (;;) {
      const over = await isOver();
      const answer = await process.check(claims);
      if (over === 't') expect(answer).toEqual({ live: false, because: 'grant' });
      if (over === 't') break;
    }
  });

  test('a refusal is read each time', async () => {
    const made = await aSignIn();
    const process = watched();
    await process.check(claimsOf(made));
    await revoke(made);
    for (let time = 0; time < 3; time++) expect(await process.check(claimsOf(made))).toMatchObject({ live: false });
    process.sent();
    await process.check(claimsOf(made));
    expect(process.sent()).toEqual(['grantway-live-personal']);
  });

  test('counts for nothing where another server took over, or the database cannot say what it sees', async () => {
    const made = await aSignIn();
    const restarted = watched((name, rows) =>
      name === LOOK ? rows.map(([seen, clock]) => [`${seen}, later`, clock as string]) : rows,
    );
    const standby = watched((name, rows) =>
      rows.map((row) => (name === LOOK ? [null, row[1] as string] : row.with(3, null))),
    );
    for (const { check, sent } of [restarted, standby]) {
      for (let time = 0; time < 5; time++) {
        expect(await check(claimsOf(made))).toMatchObject({ live: true });
        expect(sent()).toContain('grantway-live-personal');
      }
    }
  });

  test('many questions of one moment share a statement, and each gets its own answer', async () => {
    const [made, other] = [await aSignIn(), await aSignIn()];
    await revoke(other);
    let statements = 0;
    const check = openLiveCheck({
      ...database,
      rows: (...call) => {
        statements++;
        return database.rows(...call);
      },
    });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => check(claimsOf(index % 2 === 0 ? made : other))),
    );
    expect(statements).toBe(1);
    expect(answers.map(({ live }) => live)).toEqual(Array.from({ length: 30 }, (_, index) => index % 2 === 0));
  });
});
