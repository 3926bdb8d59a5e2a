import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeAdmin, makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
type Role = 'owner' | 'admin' | 'member' | 'removed' | 'outsider';
let people: Record<Role, Person>;
let target: Person;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  const make = (name: string) => makeUser(database, name);
  people = {
    owner: await make('Olga'),
    admin: await make('Alma'),
    member: await make('Mia'),
    removed: await make('Rex'),
    outsider: await make('Eve'),
  };
  target = await make('Tom');
});
afterAll(() => database.close());

/** An organization with somebody in each role, a member to act on, and one thing of each kind. */
async function openScene() {
  const { db } = database;
  const acme = await makeOrganization(database, [people.member, target]);
  const join = (person: Person, role: 'owner' | 'admin' | 'member', removedAt: Date | null = null) =>
    db.membership.create({ data: { organizationId: acme.id, userId: person.id, role, removedAt } });
  const owners = await join(people.owner, 'owner');
  await join(people.admin, 'admin');
  await join(people.removed, 'owner', new Date());
  const connection = await makeConnection(database, { organizationId: acme.id, assignees: [target] });
  const client = await makeClient(database);
  const { grantId } = await signIn(database, { user: target, client, connection });
  const targets = await db.membership.findFirstOrThrow({ where: { organizationId: acme.id, userId: target.id } });
  const invitation = await db.invitation.create({
    data: {
      organizationId: acme.id,
      email: `${uuidv7()}@example.com`,
      tokenHash: uuidv7(),
      invitedById: people.owner.id,
      expiresAt: new Date(Date.now() + 60_000),
    },
  });
  return {
    ORGANIZATION: encodeGlobalId('Organization', acme.id),
    OWNER: encodeGlobalId('Member', owners.id),
    TARGET: encodeGlobalId('Member', targets.id),
    CONNECTION: encodeGlobalId('McpConnection', connection.id),
    INVITATION: encodeGlobalId('Invitation', invitation.id),
    GRANT: encodeGlobalId('OrganizationGrant', grantId),
    ACME: acme.id,
  };
}

// What each gets: P its payload, NA "your role does not let you", NF "there is no such thing", V "not like this", F FORBIDDEN.
type Got = 'P' | 'NA' | 'NF' | 'V' | 'F';
const MATRIX: [mutation: string, input: string, owner: Got, admin: Got, member: Got, others: Got][] = [
  ['organizationRename', 'organizationId: "ORGANIZATION", name: "New"', 'P', 'P', 'NA', 'NF'],
  ['organizationDelete', 'organizationId: "ORGANIZATION"', 'P', 'NA', 'NA', 'NF'],
  // The last owner cannot.
  ['organizationLeave', 'organizationId: "ORGANIZATION"', 'V', 'P', 'P', 'NF'],
  ['memberInvite', 'organizationId: "ORGANIZATION", email: "n@example.com", role: MEMBER', 'P', 'P', 'NA', 'NF'],
  ['memberInvite', 'organizationId: "ORGANIZATION", email: "n@example.com", role: ADMIN', 'P', 'P', 'NA', 'NF'],
  ['memberInvite', 'organizationId: "ORGANIZATION", email: "n@example.com", role: OWNER', 'P', 'NA', 'NA', 'NF'],
  ['invitationRevoke', 'invitationId: "INVITATION"', 'P', 'P', 'NF', 'NF'],
  ['memberSetRole', 'memberId: "TARGET", role: ADMIN', 'P', 'P', 'NA', 'NF'],
  ['memberSetRole', 'memberId: "TARGET", role: OWNER', 'P', 'NA', 'NA', 'NF'],
  ['memberSetRole', 'memberId: "OWNER", role: MEMBER', 'V', 'NA', 'NA', 'NF'],
  ['memberRemove', 'memberId: "TARGET"', 'P', 'P', 'NA', 'NF'],
  ['memberRemove', 'memberId: "OWNER"', 'V', 'NA', 'NA', 'NF'],
  [
    'connectionCreate',
    'organizationId: "ORGANIZATION", name: "x", remoteUrl: "http://upstream.test/mcp", authMode: NONE',
    'P',
    'P',
    'V',
    'F',
  ],
  ['connectionUpdate', 'connectionId: "CONNECTION", name: "New"', 'P', 'P', 'NF', 'NF'],
  ['connectionEnable', 'connectionId: "CONNECTION"', 'P', 'P', 'NF', 'NF'],
  ['connectionDisable', 'connectionId: "CONNECTION"', 'P', 'P', 'NF', 'NF'],
  ['connectionDelete', 'connectionId: "CONNECTION"', 'P', 'P', 'NF', 'NF'],
  ['connectionRotateRoute', 'connectionId: "CONNECTION"', 'P', 'P', 'NF', 'NF'],
  ['connectionAssign', 'connectionId: "CONNECTION", memberId: "OWNER"', 'P', 'P', 'NF', 'NF'],
  ['connectionUnassign', 'connectionId: "CONNECTION", memberId: "TARGET"', 'P', 'P', 'NF', 'NF'],
  ['organizationGrantRevoke', 'organizationGrantId: "GRANT"', 'P', 'P', 'NF', 'NF'],
  ['apiKeyCreate', 'organizationId: "ORGANIZATION", name: "CI", scopes: [GRANTS_READ]', 'P', 'P', 'P', 'F'],
];

const SHORT: Record<string, Got> = { NotAllowedError: 'NA', NotFoundError: 'NF', ValidationError: 'V' };

async function attempt(scene: Record<string, string>, who: Role, mutation: string, input: string): Promise<Got> {
  const filled = input.replace(/"([A-Z]+)"/g, (_all, name: string) => `"${scene[name]}"`);
  const query = `mutation { it: ${mutation}(input: { ${filled} }) { __typename } }`;
  const { data, errors } = await world.ask(people[who], query);
  if (errors[0]?.extensions.code === 'FORBIDDEN') return 'F';
  return SHORT[data.it.__typename] ?? 'P';
}

describe('#242 #261 each role and each act in an organization', () => {
  test.each(MATRIX)(
    '%s(%s): owner %s, admin %s, member %s, everyone else %s',
    async (mutation, input, owner, admin, member, others) => {
      const scene = await openScene();
      // Whoever is refused changes nothing, so they share the scene.
      for (const who of ['outsider', 'removed'] as const)
        expect(await attempt(scene, who, mutation, input), who).toBe(others);
      expect(await attempt(scene, 'member', mutation, input), 'member').toBe(member);
      const forAdmin = admin === 'P' ? await openScene() : scene;
      expect(await attempt(forAdmin, 'admin', mutation, input), 'admin').toBe(admin);
      const forOwner = admin === 'P' ? await openScene() : scene;
      expect(await attempt(forOwner, 'owner', mutation, input), 'owner').toBe(owner);
    },
  );

  test('the role is read at each act: an admin who was made a member a moment ago is one', async () => {
    const scene = await openScene();
    expect(await attempt(scene, 'admin', 'organizationRename', 'organizationId: "ORGANIZATION", name: "A"')).toBe('P');
    await database.db.membership.updateMany({
      where: { organizationId: scene.ACME, userId: people.admin.id },
      data: { role: 'member' },
    });
    expect(await attempt(scene, 'admin', 'organizationRename', 'organizationId: "ORGANIZATION", name: "B"')).toBe('NA');
  });

  test('#263 in an organization that was deleted nobody finds anything', async () => {
    const scene = await openScene();
    expect(await attempt(scene, 'owner', 'organizationDelete', 'organizationId: "ORGANIZATION"')).toBe('P');
    for (const [mutation, input, , , , others] of MATRIX) {
      for (const who of ['owner', 'admin', 'member'] as const)
        expect(await attempt(scene, who, mutation, input), `${mutation} as ${who}`).toBe(others);
    }
  });

  test('what is read hangs on the role as well', async () => {
    const scene = await openScene();
    const query = `query($id: ID!) { node(id: $id) { ... on Organization {
      viewerRole members { user { name } } invitations { email } grants { edges { node { user { name } } } } apiKeys { name } } } }`;
    const seen = async (who: Role) => (await world.ask(people[who], query, { id: scene.ORGANIZATION })).data.node;
    for (const who of ['owner', 'admin'] as const) {
      const node = await seen(who);
      expect(node.viewerRole).toBe(who.toUpperCase());
      expect([node.members.length, node.invitations.length, node.grants.edges.length], who).toEqual([4, 1, 1]);
    }
    const member = await seen('member');
    expect([member.members.length, member.invitations, member.grants.edges]).toEqual([4, [], []]);
    for (const who of ['removed', 'outsider'] as const) expect(await seen(who)).toBeNull();
  });
});

describe('#261 the gateway’s administration', () => {
  const ACTS = [
    ['userBlock', 'userIds: ["USER"], reason: "x"'],
    ['userBlock', 'emailDomain: "example.com", reason: "x"'],
    ['userUnblock', 'userId: "USER"'],
    ['userSetRole', 'userId: "USER", role: ADMIN'],
    ['userErase', 'userId: "USER"'],
  ] as const;

  test('is its admins’ alone, who do nothing of it to themselves', async () => {
    const [root, victim] = [await makeAdmin(database), await makeUser(database, 'Vic')];
    const act = async (person: Person, user: { id: string }, [mutation, input]: (typeof ACTS)[number]) => {
      const filled = input.replace('USER', encodeGlobalId('User', user.id)).replace('example.com', 'nowhere.example');
      const { data, errors } = await world.ask(
        person,
        `mutation { it: ${mutation}(input: { ${filled} }) { __typename } }`,
      );
      return errors[0]?.extensions.code ?? data.it.__typename;
    };
    for (const way of ACTS) expect(await act(people.owner, victim, way), way[0]).toBe('FORBIDDEN');
    expect((await world.ask(people.owner, '{ viewer { people { totalCount } } }')).errors[0]?.extensions.code).toBe(
      'FORBIDDEN',
    );
    expect(await act(root, root, ACTS[0])).toBe('ValidationError');
    expect(await act(root, root, ACTS[3])).toBe('ValidationError');
    expect(await act(root, root, ACTS[4])).toBe('ValidationError');
    for (const way of ACTS) expect(await act(root, victim, way), way[0]).toMatch(/Payload$/);
    expect(await act(root, { id: uuidv7() }, ACTS[0])).toBe('NotFoundError');
  });
});
