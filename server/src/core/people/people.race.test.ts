/** Acts on people that meet: whoever comes second sees what the first one left. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { isWaiting, type Moment, pausing } from '../../testing/failpoint.ts';
import { deadlocks, openProcesses } from '../../testing/processes.ts';
import { makeAdmin, makeOrganization, makeUser } from '../../testing/scene.ts';
import { authenticateApiKey, createApiKey } from './api-key.ts';
import { blockUsers, unblockUser } from './block.ts';
import { eraseUser } from './erase.ts';
import { acceptInvitation, invite, revokeInvitation } from './invite.ts';
import { removeMember, setMemberRole } from './membership.ts';
import { makeResetLink, resetPassword } from './password.ts';

let one: Database;
let two: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openProcesses(2);
  [one, two] = opened.processes as [Database, Database];
  close = opened.close;
});
afterAll(async () => {
  expect(await deadlocks(one)).toBe(0);
  await close();
});

const COMMIT = (moment: Moment) => moment.phase === 'commit';
const now = () => new Date();

/** Runs the first up to its commit, then the second, which has to wait; then lets both end. */
async function meet<A, B>(first: (database: Database) => Promise<A>, second: (database: Database) => Promise<B>) {
  const held = pausing(one, COMMIT);
  const earlier = first(held.database);
  await held.reached;
  const later = second(two);
  expect(await isWaiting(later)).toBe(true);
  held.resume();
  return [await earlier, await later] as const;
}

async function acme(owners: { id: string }[], members: { id: string }[] = []) {
  const organization = await makeOrganization(one, members);
  for (const { id } of owners)
    await one.db.membership.create({ data: { organizationId: organization.id, userId: id, role: 'owner' } });
  return organization.id;
}

test('two admins who block each other at once: one stays', async () => {
  const [left, right] = [await makeAdmin(one), await makeAdmin(one)];
  const block = (actor: { id: string }, target: { id: string }) => (database: Database) =>
    blockUsers(database, { userIds: [target.id], reason: 'x', actorUserId: actor.id }, now());
  const [first, second] = await meet(block(left, right), block(right, left));
  expect(first.ok).toBe(true);
  expect(second).toEqual({ ok: false, reason: 'not_allowed' });
  expect(await one.db.user.count({ where: { id: { in: [left.id, right.id] }, blockedAt: null } })).toBe(1);
});

test('two owners who demote each other at once: one stays an owner', async () => {
  const [left, right] = [await makeUser(one), await makeUser(one)];
  const organizationId = await acme([left, right]);
  const demote = (actor: { id: string }, target: { id: string }) => (database: Database) =>
    setMemberRole(database, { organizationId, userId: target.id, role: 'member', actorUserId: actor.id }, now());
  const [first, second] = await meet(demote(left, right), demote(right, left));
  expect(first.ok).toBe(true);
  expect(second).toEqual({ ok: false, reason: 'not_allowed' });
  expect(await one.db.membership.count({ where: { organizationId, role: 'owner' } })).toBe(1);
});

test('an admin who is removed while they remove somebody: the later one is refused', async () => {
  const [owner, admin, member] = [await makeUser(one), await makeUser(one), await makeUser(one)];
  const organizationId = await acme([owner], [admin, member]);
  await one.db.membership.updateMany({ where: { organizationId, userId: admin.id }, data: { role: 'admin' } });
  const remove = (actor: { id: string }, target: { id: string }) => (database: Database) =>
    removeMember(database, { organizationId, userId: target.id, actorUserId: actor.id }, now());
  const [, second] = await meet(remove(owner, admin), remove(admin, member));
  expect(second).toEqual({ ok: false, reason: 'not_found' });
});

async function invitation() {
  const [owner, guest] = [await makeUser(one), await makeUser(one)];
  const organizationId = await acme([owner]);
  const wish = { organizationId, email: guest.email, role: 'member' as const, actorUserId: owner.id };
  const invited = await invite(one, wish, now());
  if (!invited.ok) throw new Error('the invitation was refused');
  return { owner, guest, organizationId, ...invited.value };
}

test('#256 an invitation that is withdrawn while it is accepted: refused; and the other way round it was accepted', async () => {
  const first = await invitation();
  const accept = (scene: typeof first) => (database: Database) =>
    acceptInvitation(database, { token: scene.token, userId: scene.guest.id }, now());
  const withdraw = (scene: typeof first) => (database: Database) =>
    revokeInvitation(
      database,
      { organizationId: scene.organizationId, invitationId: scene.invitationId, actorUserId: scene.owner.id },
      now(),
    );
  expect((await meet(withdraw(first), accept(first)))[1]).toEqual({ ok: false, reason: 'not_found' });
  const second = await invitation();
  await meet(accept(second), withdraw(second));
  const joined = { organizationId: second.organizationId, userId: second.guest.id, removedAt: null };
  expect(await one.db.membership.count({ where: joined })).toBe(1);
  expect(await one.db.invitation.count({ where: { id: second.invitationId, revokedAt: { not: null } } })).toBe(0);
});

test('#256 one invitation, accepted twenty times at once, lets in once', async () => {
  const { token, guest, organizationId } = await invitation();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      acceptInvitation(index % 2 ? one : two, { token, userId: guest.id }, now()),
    ),
  );
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await one.db.membership.count({ where: { organizationId, userId: guest.id } })).toBe(1);
  expect(await one.db.auditEvent.count({ where: { kind: 'member.joined', ownerUserId: guest.id } })).toBe(1);
});

test('#253 a session that a sign-in left behind a block is not there after the block', async () => {
  const [root, user] = [await makeAdmin(one), await makeUser(one)];
  const block = { userIds: [user.id], reason: 'x', actorUserId: root.id };
  expect((await blockUsers(one, block, now())).ok).toBe(true);
  // What a sign-in writes that looked at the account before the block, and came to its end after it.
  const expiresAt = new Date(Date.now() + 60_000);
  await two.db.session.create({ data: { userId: user.id, token: user.id, expiresAt } });
  expect((await unblockUser(one, { userId: user.id, actorUserId: root.id }, now())).ok).toBe(true);
  expect(await one.db.session.count({ where: { userId: user.id } })).toBe(0);
});

test('#253 a key that is made while its maker is blocked, erased or removed does not live', async () => {
  const root = await makeAdmin(one);
  const takings = [
    (database: Database, id: string) =>
      blockUsers(database, { userIds: [id], reason: 'x', actorUserId: root.id }, now()),
    (database: Database, id: string) => eraseUser(database, { userId: id, actorUserId: root.id }, now()),
  ];
  for (const take of takings) {
    const make = (userId: string) => (database: Database) =>
      createApiKey(database, { userId, organizationId: null, name: 'CI', scopes: ['grants:read'] }, now());
    const early = await makeUser(one);
    const [made] = await meet(make(early.id), (database) => take(database, early.id));
    if (!made.ok) throw new Error('the key came first');
    expect(await authenticateApiKey(one, made.value.key, now())).toBeNull();
    const late = await makeUser(one);
    const [, refused] = await meet((database) => take(database, late.id), make(late.id));
    expect(refused).toEqual({ ok: false, reason: { kind: 'not_found' } });
  }
});

test('somebody invites and is made a plain member at once: whichever comes first, no invitation stays', async () => {
  for (const demotedFirst of [true, false]) {
    const [owner, sender] = [await makeUser(one), await makeUser(one)];
    const organizationId = await acme([owner, sender]);
    const demote = (database: Database) =>
      setMemberRole(database, { organizationId, userId: sender.id, role: 'member', actorUserId: owner.id }, now());
    const ask = (database: Database) =>
      invite(database, { organizationId, email: 'n@example.com', role: 'admin', actorUserId: sender.id }, now());
    const results = demotedFirst ? await meet(demote, ask) : await meet(ask, demote);
    expect(results.map(({ ok }) => ok)).toEqual([true, !demotedFirst]);
    expect(await one.db.invitation.count({ where: { organizationId, revokedAt: null } })).toBe(0);
  }
});

test('#253 a key that is made while its maker gets a new password by a link ends with those before it', async () => {
  const admin = await makeAdmin(one);
  const user = await makeUser(one);
  const account = { userId: user.id, accountId: user.id, providerId: 'credential', password: 'old' };
  await one.db.account.create({ data: account });
  const link = await makeResetLink(one, { userId: user.id, actorUserId: admin.id }, now());
  const make = (database: Database) =>
    createApiKey(database, { userId: user.id, organizationId: null, name: 'CI', scopes: ['grants:read'] }, now());
  const [made, reset] = await meet(make, (database) =>
    resetPassword(database, { token: link.ok && link.value, passwordHash: 'new' }, now()),
  );
  if (!made.ok) throw new Error('the key came first');
  expect(reset).toMatchObject({ userId: user.id });
  expect(await authenticateApiKey(one, made.value.key, now())).toBeNull();
});
