import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openLimiter } from '../../platform/rate-limit.ts';
import { hashSecret, newSecret, REFRESH_TOKEN } from '../../platform/secret.ts';
import { transact } from '../../platform/transact.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { makeClient, makeConnection, makeOrganization, makeUser, type SignIn, signIn } from '../../testing/scene.ts';
import { revokeFamilies, revokeGrants } from '../grants/revoke.ts';
import { openPlainRefresh, type PlainRefresh, type RefreshPlainly } from './plain-refresh.ts';
import { refresh } from './refresh-token.ts';

const SETTINGS = { refreshIdle: 3600, replayWindow: 60, replays: 20 };
const FAILURES = { points: 3, seconds: 60 };

let database: Database;
let plainly: RefreshPlainly;
beforeAll(async () => {
  database = await openTestDatabase();
  plainly = openPlainRefresh(database, { ...SETTINGS, failures: openLimiter(database, 'failures', FAILURES) });
});
afterAll(() => database.close());

async function scene(): Promise<SignIn> {
  const user = await makeUser(database);
  return {
    user,
    connection: await makeConnection(database, { userId: user.id }),
    client: await makeClient(database),
    scopes: ['mcp:access', 'profile'],
  };
}
const asked = (how: SignIn, refreshToken: unknown, changes: Partial<PlainRefresh> = {}): PlainRefresh => ({
  refreshToken: String(refreshToken),
  clientId: how.client.clientId,
  method: 'none',
  secretHash: '',
  bucket: '198.51.100.7',
  route: '',
  scopes: [],
  ...changes,
});
const fully = (how: SignIn, refreshToken: unknown, scopes?: string[]) =>
  refresh(
    database,
    { refreshToken: String(refreshToken), oauthClientId: how.client.id, isOtherResource: () => false, scopes },
    SETTINGS,
  );
const rowsOf = (familyId: string) =>
  database.db.refreshToken.findMany({ where: { familyId }, orderBy: { generation: 'asc' } });
const routeOf = ({ user, connection }: SignIn) => `user/${user.id}/${connection.id}/${connection.resource.routeKey}`;

test('a plain refresh leaves what the full one leaves, and answers the same', async () => {
  const leaves = async (act: (how: SignIn, token: unknown) => Promise<{ refreshToken: string; grant: object }>) => {
    const how = await scene();
    const made = await signIn(database, how);
    const before = {
      grant: await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: made.grantId } }),
      family: await database.db.tokenFamily.findUniqueOrThrow({ where: { id: made.familyId } }),
      events: await database.db.auditEvent.count({ where: { grantId: made.grantId } }),
    };
    const answer = await act(how, made.refreshToken);
    const after = {
      grant: await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: made.grantId } }),
      family: await database.db.tokenFamily.findUniqueOrThrow({ where: { id: made.familyId } }),
      events: await database.db.auditEvent.count({ where: { grantId: made.grantId } }),
    };
    expect(after).toEqual(before);
    expect(await database.db.grantUsage.count({ where: { grantId: made.grantId } })).toBe(0);
    const [spent, next, ...more] = await rowsOf(made.familyId);
    if (!spent?.rotatedAt || !next) throw new Error('nothing was rotated');
    expect(more).toEqual([]);
    expect(Math.abs(spent.rotatedAt.getTime() - Date.now())).toBeLessThan(10_000);
    expect(next.tokenHash).toBe(hashSecret(answer.refreshToken));
    // What is sealed opens for whoever presents the spent token, and leads to the same successor.
    expect(await fully(how, made.refreshToken)).toMatchObject({
      ok: true,
      value: { refreshToken: answer.refreshToken, replayed: true },
    });
    const { id: spentId, tokenHash, sealedSuccessor, rotatedAt, createdAt, expiresAt, ...ofSpent } = spent;
    const { id: nextId, tokenHash: nextHash, createdAt: nextMade, expiresAt: nextEnds, ...ofNext } = next;
    return {
      ofSpent,
      ofNext: { ...ofNext, life: nextEnds.getTime() - rotatedAt.getTime() },
      answer: Object.keys(answer).filter((name) => name !== 'replayed'),
      grant: { ...answer.grant },
      expected: await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: made.grantId } }),
    };
  };
  const full = await leaves(async (how, token) => {
    const refreshed = await fully(how, token);
    if (!refreshed.ok) throw new Error(refreshed.reason);
    return refreshed.value;
  });
  const plain = await leaves(async (how, token) => {
    const refreshed = await plainly(asked(how, token));
    if (!refreshed) throw new Error('it was plain');
    return refreshed;
  });
  const withoutIds = ({ familyId, ...rest }: { familyId: string }) => rest;
  expect(withoutIds(plain.ofSpent)).toEqual(withoutIds(full.ofSpent));
  expect(withoutIds(plain.ofNext)).toEqual(withoutIds(full.ofNext));
  expect(plain.answer.sort()).toEqual(full.answer.sort());
  expect(Object.keys(plain.grant).sort()).toEqual(Object.keys(full.grant).sort());
  for (const { grant, expected } of [plain, full]) {
    const { userId, oauthClientId, instanceId, connectionId, connectResourceId, connectionVersion } = expected;
    const { executionContext, scopes, id: grantId } = expected;
    expect(grant).toMatchObject({
      ...{ grantId, userId, oauthClientId, instanceId, connectionId, connectResourceId, connectionVersion },
      ...{ executionContext, scopes, refreshes: true },
    });
  }
});

test('with a resource, with fewer scopes, with a secret, and for an organization it is as plain', async () => {
  const how = await scene();
  const first = await signIn(database, how);
  const narrow = await plainly(asked(how, first.refreshToken, { route: routeOf(how), scopes: ['profile'] }));
  expect(narrow).toMatchObject({ scopes: ['profile'], grant: { scopes: ['mcp:access', 'profile'] } });
  // Fewer for this once: the grant has what it had.
  expect(await plainly(asked(how, narrow?.refreshToken))).toMatchObject({ scopes: ['mcp:access', 'profile'] });

  const secretHash = hashSecret('s3cret');
  const secretly = await scene();
  await database.db.oAuthClient.update({
    where: { id: secretly.client.id },
    data: { tokenEndpointAuthMethod: 'client_secret_basic', secretHash },
  });
  const confidential = await signIn(database, secretly);
  const right = { method: 'client_secret_basic', secretHash };
  for (const wrong of [{}, { ...right, method: 'client_secret_post' }, { ...right, secretHash: hashSecret('other') }])
    expect(await plainly(asked(secretly, confidential.refreshToken, wrong))).toBeNull();
  expect(await plainly(asked(secretly, confidential.refreshToken, right))).not.toBeNull();

  const user = await makeUser(database);
  const organization = await makeOrganization(database, [user]);
  const connection = await makeConnection(database, { organizationId: organization.id, assignees: [user] });
  const theirs = { user, connection, client: await makeClient(database) };
  const member = await signIn(database, theirs);
  const route = `org/${organization.id}/${connection.id}/${connection.resource.routeKey}`;
  expect(await plainly(asked(theirs, member.refreshToken, { route: route.replace('org', 'user') }))).toBeNull();
  expect(await plainly(asked(theirs, member.refreshToken, { route }))).toMatchObject({
    grant: { ownerOrganizationId: organization.id, executionContext: `organization:${organization.id}` },
  });
});

type Made = Awaited<ReturnType<typeof signIn>>;
const past = () => new Date(Date.now() - 1);
const end = (made: Made) =>
  transact(database, (tx) =>
    revokeGrants(tx, { grantIds: [made.grantId] }, 'user_revoked', { userId: null }, new Date()),
  );
const OTHER_REQUESTS: Record<string, (how: SignIn) => Partial<PlainRefresh>> = {
  'another client': () => ({ clientId: 'client-of-somebody-else' }),
  'an unknown token': () => ({ refreshToken: newSecret(REFRESH_TOKEN) }),
  'no token at all': () => ({ refreshToken: 'x' }),
  'another route': (how) => ({ route: routeOf(how).slice(0, -1) }),
  'more scope': () => ({ scopes: ['mcp:access', 'email'] }),
  'a secret that the client has not': () => ({ method: 'client_secret_post', secretHash: hashSecret('s') }),
};
const OTHER_ROWS: Record<string, (how: SignIn, made: Made) => Promise<unknown>> = {
  'a token used before': (how, made) => fully(how, made.refreshToken),
  'a token past its time': (_how, made) =>
    database.db.refreshToken.updateMany({ where: { familyId: made.familyId }, data: { expiresAt: past() } }),
  'an ended sign-in': (_how, made) =>
    transact(database, (tx) =>
      revokeFamilies(
        tx,
        { grantId: made.grantId, familyIds: [made.familyId] },
        'user_revoked',
        { userId: null },
        new Date(),
      ),
    ),
  'an ended grant': (_how, made) => end(made),
  'a grant past its time': (_how, made) =>
    database.db.oAuthGrant.update({ where: { id: made.grantId }, data: { expiresAt: past() } }),
  'a client that may not refresh': (how) =>
    database.db.oAuthClient.update({ where: { id: how.client.id }, data: { grantTypes: ['authorization_code'] } }),
  'a client that an administrator blocked': (how) =>
    database.db.oAuthClient.update({ where: { id: how.client.id }, data: { blockedAt: new Date() } }),
  'a connection of another version': (how) =>
    database.db.connection.update({ where: { id: how.connection.id }, data: { version: { increment: 1 } } }),
  'a connection that is off': (how) =>
    database.db.connection.update({ where: { id: how.connection.id }, data: { status: 'disabled' } }),
  'a route that was rotated away': (how) =>
    database.db.connectResource.update({ where: { id: how.connection.resource.id }, data: { retiredAt: new Date() } }),
  'an upstream that wants to be signed in to': (_how, made) =>
    database.db.connectionInstance.update({
      where: { id: made.grant.instanceId },
      data: { status: 'needs_reauth' },
    }),
  'a client that failed too often from there': async (how) => {
    const limiter = openLimiter(database, 'failures', FAILURES);
    for (let count = 0; count < FAILURES.points; count++) await limiter.take(`${how.client.id}/198.51.100.7`);
  },
};

describe('whatever is not plain changes nothing and is left to the full way', () => {
  const leaves = async (how: SignIn, made: Made, changes: Partial<PlainRefresh> = {}): Promise<void> => {
    const before = await rowsOf(made.familyId);
    expect(await plainly(asked(how, made.refreshToken, changes))).toBeNull();
    expect(await rowsOf(made.familyId)).toEqual(before);
    expect(await database.db.grantUsage.count({ where: { grantId: made.grantId } })).toBe(0);
  };
  test.each(Object.entries(OTHER_REQUESTS))('%s', async (_name, change) => {
    const how = await scene();
    await leaves(how, await signIn(database, how), change(how));
  });
  test.each(Object.entries(OTHER_ROWS))('%s', async (_name, spoil) => {
    const how = await scene();
    const made = await signIn(database, how);
    await spoil(how, made);
    await leaves(how, made);
  });
});

test('one that is not plain disturbs none of those that go with it, and each gets its own', async () => {
  const hows = await Promise.all(Array.from({ length: 6 }, scene));
  const made: Made[] = [];
  for (const how of hows) made.push(await signIn(database, how));
  await end(made[1] as Made);
  await fully(hows[3] as SignIn, made[3]?.refreshToken);
  const answers = await Promise.all(
    hows.map((how, index) => plainly(asked(how, made[index]?.refreshToken, index === 5 ? { route: '"},{\\' } : {}))),
  );
  expect(answers.map((answer) => answer?.familyId ?? null)).toEqual(
    made.map(({ familyId }, index) => ([1, 3, 5].includes(index) ? null : familyId)),
  );
  for (const [index, answer] of answers.entries()) {
    if (answer === null) continue;
    const [, next] = await rowsOf((made[index] as Made).familyId);
    expect(next?.tokenHash).toBe(hashSecret(answer.refreshToken));
  }
});

test('#118 one token twice in one batch: one is the refresh, the other a replay that gets the same successor', async () => {
  const how = await scene();
  const made = await signIn(database, how);
  const answers = await Promise.all([1, 2, 3].map(() => plainly(asked(how, made.refreshToken))));
  const [first, ...others] = answers.filter((answer) => answer !== null);
  expect(others).toEqual([]);
  expect(await fully(how, made.refreshToken)).toMatchObject({ value: { refreshToken: first?.refreshToken } });
});

test('two sign-ins of one grant go together', async () => {
  const how = await scene();
  const [one, two] = [await signIn(database, how), await signIn(database, how)];
  expect(two.grantId).toBe(one.grantId);
  const answers = await Promise.all([one, two].map(({ refreshToken }) => plainly(asked(how, refreshToken))));
  expect(answers.map((answer) => answer?.familyId)).toEqual([one.familyId, two.familyId]);
});
