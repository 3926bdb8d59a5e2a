/** Who runs an organization when others go: somebody who can sign in, and nobody through an invitation that should have ended. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { makeAdmin, makeOrganization, makeUser } from '../../testing/scene.ts';
import type { Role } from './authority.ts';
import { blockUsers, unblockUser } from './block.ts';
import { eraseUser } from './erase.ts';
import { acceptInvitation, invite } from './invite.ts';
import { removeMember, setMemberRole } from './membership.ts';

let database: Database;
let admin: { id: string };
beforeAll(async () => {
  database = await openTestDatabase();
  admin = await makeAdmin(database);
});
afterAll(() => database.close());

const now = () => new Date();

/** An organization, and its people in the order in which they joined. */
async function acme(...roles: Role[]) {
  const { id: organizationId } = await makeOrganization(database);
  const people: { id: string; email: string }[] = [];
  for (const role of roles) {
    const user = await makeUser(database);
    await database.db.membership.create({ data: { organizationId, userId: user.id, role } });
    people.push(user);
  }
  const leave = (who: { id: string } | undefined) =>
    removeMember(database, { organizationId, userId: who?.id ?? '', actorUserId: who?.id ?? '' }, now());
  const give = (who: { id: string } | undefined, role: Role, by = who) =>
    setMemberRole(database, { organizationId, userId: who?.id ?? '', role, actorUserId: by?.id ?? '' }, now());
  const roleOf = async (who: { id: string } | undefined) =>
    (await database.db.membership.findFirst({ where: { organizationId, userId: who?.id ?? '', removedAt: null } }))
      ?.role;
  return { organizationId, people, leave, give, roleOf };
}
const block = (...who: ({ id: string } | undefined)[]) =>
  blockUsers(database, { userIds: who.map((one) => one?.id ?? ''), reason: 'x', actorUserId: admin.id }, now());

describe('the only other owner is blocked', () => {
  test('an owner can neither leave nor give it up, and can when the other is let in again', async () => {
    const { people, leave, give } = await acme('owner', 'owner', 'member');
    const [first, second] = people;
    await block(second);
    expect(await leave(first)).toEqual({ ok: false, reason: 'last_owner' });
    expect(await give(first, 'member')).toEqual({ ok: false, reason: 'last_owner' });
    await unblockUser(database, { userId: second?.id ?? '', actorUserId: admin.id }, now());
    expect((await give(first, 'member')).ok).toBe(true);
  });

  test('the one who can act may still take the other’s place from them', async () => {
    const { people, give, roleOf } = await acme('owner', 'owner');
    const [first, second] = people;
    await block(second);
    expect((await give(second, 'member', first)).ok).toBe(true);
    expect([await roleOf(first), await roleOf(second)]).toEqual(['owner', 'member']);
  });
});

describe('an owner is erased', () => {
  const erase = (who: { id: string } | undefined) =>
    eraseUser(database, { userId: who?.id ?? '', actorUserId: admin.id }, now());

  test('somebody who can sign in is next, before an owner and an admin who are blocked', async () => {
    const { people, roleOf } = await acme('owner', 'owner', 'admin', 'member');
    const [gone, blockedOwner, blockedAdmin, heir] = people;
    await block(blockedOwner, blockedAdmin);
    await erase(gone);
    expect([await roleOf(blockedOwner), await roleOf(blockedAdmin), await roleOf(heir)]).toEqual([
      'owner',
      'admin',
      'owner',
    ]);
  });

  test('where all others are blocked it stays, and waits for the one who has run it longest', async () => {
    const { people, organizationId, roleOf } = await acme('owner', 'admin', 'member');
    const [gone, heir, member] = people;
    await block(heir, member);
    await erase(gone);
    expect([await roleOf(heir), await roleOf(member)]).toEqual(['owner', 'member']);
    expect(await database.db.organization.findUnique({ where: { id: organizationId } })).toMatchObject({
      deletedAt: null,
    });
  });
});

describe('#259 the invitations of somebody who gets another role', () => {
  test.each<[Role, Role, Role, boolean]>([
    ['owner', 'admin', 'owner', false],
    ['owner', 'admin', 'admin', true],
    ['owner', 'member', 'admin', false],
    ['admin', 'member', 'member', false],
    ['admin', 'owner', 'member', true],
  ])('%s to %s and back: the one to a new %s is good: %s', async (from, to, invited, good) => {
    const { people, organizationId, give } = await acme('owner', from);
    const [owner, sender] = people;
    const guest = await makeUser(database);
    const sent = await invite(
      database,
      { organizationId, email: guest.email, role: invited, actorUserId: sender?.id ?? '' },
      now(),
    );
    if (!sent.ok) throw new Error(JSON.stringify(sent.reason));
    expect((await give(sender, to, owner)).ok).toBe(true);
    expect((await give(sender, from, owner)).ok).toBe(true);
    const accepted = await acceptInvitation(database, { token: sent.value.token, userId: guest.id }, now());
    expect(accepted.ok).toBe(good);
  });
});
