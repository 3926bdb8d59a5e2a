/** Approval and activation against whatever ends a grant, and against each other. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { isWaiting, type Moment, pausing } from '../../testing/failpoint.ts';
import { deadlocks, openProcesses } from '../../testing/processes.ts';
import {
  ask,
  CALLBACK,
  consent,
  makeAdmin,
  makeClient,
  makeConnection,
  makeOrganization,
  makeUser,
  personalScene,
  redeem,
  type SignIn,
  show,
  signIn,
} from '../../testing/scene.ts';
import { unassign } from '../connections/assign.ts';
import { blockUsers } from '../people/block.ts';
import { eraseUser } from '../people/erase.ts';
import { removeMember } from '../people/membership.ts';
import { deleteOrganization } from '../people/organization.ts';
import { activateGrant } from './activate.ts';
import { revokeGrants } from './revoke.ts';

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

const COMMIT = (moment: Moment) => moment.phase === 'commit';
const NOBODY = { userId: null };
const grantsOf = (how: SignIn) =>
  one.db.oAuthGrant.findMany({ where: { oauthClientId: how.client.id }, orderBy: { id: 'asc' } });

async function organizationScene() {
  const [user, owner] = [await makeUser(one), await makeAdmin(one)];
  const acme = await makeOrganization(one, [user]);
  await one.db.membership.create({ data: { organizationId: acme.id, userId: owner.id, role: 'owner' } });
  const connection = await makeConnection(one, { organizationId: acme.id, assignees: [user] });
  return { user, owner, acme, connection, client: await makeClient(one) };
}
type Scene = Awaited<ReturnType<typeof organizationScene>>;
const now = () => new Date();

// #76 #101 #321: each takes away what a grant depends on. First one, then the other, is held at its commit.
const TAKING: [string, (database: Database, scene: Scene) => Promise<unknown>][] = [
  [
    'the user is blocked',
    (database, { user, owner }) =>
      blockUsers(database, { userIds: [user.id], reason: 'x', actorUserId: owner.id }, now()),
  ],
  [
    'the user is erased',
    (database, { user, owner }) => eraseUser(database, { userId: user.id, actorUserId: owner.id }, now()),
  ],
  [
    'the member is removed',
    (database, { user, owner, acme }) =>
      removeMember(database, { organizationId: acme.id, userId: user.id, actorUserId: owner.id }, now()),
  ],
  [
    'the organization is deleted',
    (database, { owner, acme }) =>
      deleteOrganization(database, { organizationId: acme.id, actorUserId: owner.id }, now()),
  ],
  [
    'the assignment is removed',
    (database, { user, owner, connection }) =>
      unassign(database, { connectionId: connection.id, userId: user.id, actorUserId: owner.id }, now()),
  ],
];

for (const [name, take] of TAKING) {
  test(`#321 ${name} while an approval commits: the grant that it made ends`, async () => {
    const scene = await organizationScene();
    const { handle } = await ask(one, scene);
    const approval = pausing(one, COMMIT);
    const approving = consent(approval.database, handle, scene.user);
    await approval.reached;
    const taking = take(two, scene);
    expect(await isWaiting(taking)).toBe(true);
    approval.resume();
    expect(await approving).toMatchObject({ ok: true });
    await taking;
    expect(await grantsOf(scene)).toMatchObject([{ status: 'revoked' }]);
  });

  test(`#321 ${name} first: the approval that waited is refused and leaves nothing`, async () => {
    const scene = await organizationScene();
    const { handle } = await ask(one, scene);
    const taking = pausing(one, COMMIT);
    const taken = take(taking.database, scene);
    await taking.reached;
    const approving = consent(two, handle, scene.user);
    expect(await isWaiting(approving)).toBe(true);
    taking.resume();
    await taken;
    expect(await approving).toMatchObject({ ok: false });
    expect(await grantsOf(scene)).toEqual([]);
    expect(await one.db.authorizationCode.count({ where: { request: { handle } } })).toBe(0);
  });
}

test('#80 one request approved by many at once gives one grant and one code; the others hear that it is decided', async () => {
  const how = await personalScene(one);
  const { handle } = await ask(one, how);
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => consent(processes[index % 3] as Database, handle, how.user)),
  );
  expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
  for (const answer of answers) if (!answer.ok) expect(answer.reason).toEqual({ kind: 'closed', status: 'approved' });
  expect(await grantsOf(how)).toHaveLength(1);
  expect(await one.db.authorizationCode.count({ where: { request: { handle } } })).toBe(1);
});

test('#316 many consents for the same binding at once: one active grant, and every code is good', async () => {
  const how = await personalScene(one);
  const asked = await Promise.all(Array.from({ length: 9 }, () => ask(one, how)));
  const codes = await Promise.all(
    asked.map(({ handle }, index) => consent(processes[index % 3] as Database, handle, how.user)),
  );
  expect(codes.every((code) => code.ok)).toBe(true);
  expect((await grantsOf(how)).map(({ status }) => status)).toEqual(['active']);
  const made = await Promise.all(
    codes.map((code, index) => (code.ok ? redeem(two, how, code.value, asked[index]?.verifier as string) : null)),
  );
  expect(made.every((redeemed) => redeemed?.ok)).toBe(true);
});

test('#316 consents with different scopes at once: one active grant, the others superseded, none lost', async () => {
  const how = await personalScene(one);
  const asked = await Promise.all(
    [['mcp:access'], ['mcp:access', 'profile']].map((scopes) => ask(one, { ...how, scopes })),
  );
  const codes = await Promise.all(
    asked.map(({ handle }, index) => consent(processes[index] as Database, handle, how.user)),
  );
  expect(codes.every((code) => code.ok)).toBe(true);
  expect((await grantsOf(how)).map(({ status, revocationReason }) => [status, revocationReason]).sort()).toEqual([
    ['active', null],
    ['revoked', 'superseded'],
  ]);
});

async function pendingGrant(how: SignIn) {
  const made = await signIn(one, how);
  const { id: _id, ...former } = await one.db.oAuthGrant.findUniqueOrThrow({ where: { id: made.grantId } });
  const pending = await one.db.oAuthGrant.create({
    data: { ...former, scopes: ['mcp:access', 'profile'], status: 'pending', activatedAt: null },
  });
  return { made, pending };
}
const activate = (database: Database, grantId: string) =>
  transact(database, (tx) => activateGrant(tx, { grantId, actor: NOBODY }, now()));
const revoke = (database: Database, grantId: string) =>
  transact(database, (tx) => revokeGrants(tx, { grantIds: [grantId] }, 'user_revoked', NOBODY, now()));

test('a pending grant does not disturb the active one of its binding, until it is activated', async () => {
  const how = await personalScene(one);
  const { made, pending } = await pendingGrant(how);
  expect((await one.db.oAuthGrant.findUniqueOrThrow({ where: { id: made.grantId } })).status).toBe('active');
  expect(await activate(one, pending.id)).toBe(pending.id);
  expect(await grantsOf(how)).toMatchObject([
    { status: 'revoked', revocationReason: 'superseded' },
    { status: 'active' },
  ]);
});

test('#315 revoked is final: an activation that comes after changes nothing, and the former grant stays', async () => {
  const how = await personalScene(one);
  const { made, pending } = await pendingGrant(how);
  const revocation = pausing(one, COMMIT);
  const revoking = revoke(revocation.database, pending.id);
  await revocation.reached;
  const activating = activate(two, pending.id);
  expect(await isWaiting(activating)).toBe(true);
  revocation.resume();
  await revoking;
  expect(await activating).toBeNull();
  expect((await one.db.oAuthGrant.findUniqueOrThrow({ where: { id: made.grantId } })).status).toBe('active');
});

test('#315 the activation is first: the revocation that waited ends the active grant', async () => {
  const how = await personalScene(one);
  const { pending } = await pendingGrant(how);
  const activation = pausing(one, COMMIT);
  const activating = activate(activation.database, pending.id);
  await activation.reached;
  const revoking = revoke(two, pending.id);
  expect(await isWaiting(revoking)).toBe(true);
  activation.resume();
  expect(await activating).toBe(pending.id);
  expect((await revoking).receipt.grants).toBe(1);
  expect((await grantsOf(how)).map(({ status }) => status)).toEqual(['revoked', 'revoked']);
});

test('#329 several causes at once end a grant once, with one record', async () => {
  for (let round = 0; round < 10; round++) {
    const how = await personalScene(one);
    const { grantId } = await signIn(one, how);
    const causes = [
      { grantIds: [grantId] },
      { oauthClientId: how.client.id },
      { userIds: [how.user.id] },
      { connectionId: how.connection.id },
    ];
    const ended = await Promise.all(
      causes.map((which, index) =>
        transact(processes[index % 3] as Database, (tx) => revokeGrants(tx, which, 'user_revoked', NOBODY, now())),
      ),
    );
    expect(ended.flatMap(({ grantIds }) => grantIds)).toEqual([grantId]);
    expect(await one.db.auditEvent.count({ where: { grantId, kind: 'grant.revoked' } })).toBe(1);
  }
});

test('#300 overlapping revocations in any order do not deadlock', async () => {
  const user = await makeUser(one);
  const connections = await Promise.all(Array.from({ length: 5 }, () => makeConnection(one, { userId: user.id })));
  const clients = await Promise.all(Array.from({ length: 5 }, () => makeClient(one)));
  for (const client of clients) for (const connection of connections) await signIn(one, { user, client, connection });
  const which = [
    ...clients.map(({ id }) => ({ oauthClientId: id })),
    ...connections.map(({ id }) => ({ connectionId: id })),
    { userIds: [user.id] },
  ];
  await Promise.all(
    which.map((matching, index) =>
      transact(processes[index % 3] as Database, (tx) => revokeGrants(tx, matching, 'user_revoked', NOBODY, now())),
    ),
  );
  expect(await one.db.oAuthGrant.count({ where: { userId: user.id, status: 'active' } })).toBe(0);
  expect(await deadlocks(one)).toBe(0);
});

test('#330 a client that changes between what was shown and the approval is shown again', async () => {
  const how = await personalScene(one);
  const { handle } = await ask(one, how);
  await one.db.oAuthClient.update({ where: { id: how.client.id }, data: { name: 'Google' } });
  for (let click = 0; click < 2; click++) {
    expect(await consent(two, handle, how.user)).toEqual({ ok: false, reason: { kind: 'client_changed' } });
  }
  expect(await grantsOf(how)).toEqual([]);
  expect((await show(one, handle))?.client.name).toBe('Google');
  expect(await consent(two, handle, how.user)).toMatchObject({ ok: true });
});

test('field note 12: the same binding again adds a family, a changed one supersedes, another redirect URI stands beside', async () => {
  const how = {
    ...(await personalScene(one)),
    client: await makeClient(one, { redirectUris: [CALLBACK, `${CALLBACK}/other`] }),
  };
  const [first, second] = [await signIn(one, how), await signIn(one, how)];
  expect(second.grantId).toBe(first.grantId);
  const wider = await signIn(one, { ...how, scopes: ['mcp:access', 'profile'] });
  expect(wider.grantId).not.toBe(first.grantId);
  const beside = await signIn(one, { ...how, redirectUri: `${CALLBACK}/other` });
  expect((await grantsOf(how)).map(({ id, status }) => [id, status])).toEqual([
    [first.grantId, 'revoked'],
    [wider.grantId, 'active'],
    [beside.grantId, 'active'],
  ]);
});

test('an expired grant is not reused by a later consent', async () => {
  const how = await personalScene(one);
  const first = await signIn(one, { ...how, expiresIn: 60 });
  await one.db.oAuthGrant.update({ where: { id: first.grantId }, data: { expiresAt: new Date(Date.now() - 1) } });
  const second = await signIn(one, how);
  expect(second.grantId).not.toBe(first.grantId);
  expect(second.grant.grantId).toBe(second.grantId);
});

test('#328 an organization of thousands of grants is deleted while consents go on: none is left, and none deadlocks', async () => {
  const scene = await organizationScene();
  const { grant } = await signIn(one, scene);
  const clients = Array.from({ length: 2_000 }, () => ({ id: randomUUID(), clientId: randomUUID() }));
  const face = { kind: 'dynamic' as const, tokenEndpointAuthMethod: 'none' };
  await one.db.oAuthClient.createMany({ data: clients.map((client) => ({ ...client, ...face })) });
  await one.db.oAuthGrant.createMany({
    data: clients.map(({ id }) => ({
      oauthClientId: id,
      userId: scene.user.id,
      connectionId: scene.connection.id,
      connectResourceId: scene.connection.resource.id,
      instanceId: grant.instanceId,
      redirectUri: CALLBACK,
      scopes: ['mcp:access'],
      executionContext: grant.executionContext,
      connectionVersion: 1,
      status: 'active' as const,
      approvedAt: now(),
      activatedAt: now(),
    })),
  });
  const asked = await Promise.all(
    Array.from({ length: 12 }, async () => ask(one, { ...scene, client: await makeClient(one) })),
  );
  const [deleted] = await Promise.all([
    deleteOrganization(one, { organizationId: scene.acme.id, actorUserId: scene.owner.id }, now()),
    ...asked.map(({ handle }, index) => consent(processes[index % 3] as Database, handle, scene.user)),
  ]);
  expect(deleted.ok && deleted.value.receipt.grants).toBeGreaterThanOrEqual(2_001);
  expect(await one.db.oAuthGrant.count({ where: { connectionId: scene.connection.id, status: 'active' } })).toBe(0);
});
