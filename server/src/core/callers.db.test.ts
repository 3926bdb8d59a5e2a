/** Everyone who ends grants, on one scene: which ones end, and which do not (DESIGN §5). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../platform/database.ts';
import { readAllowList } from '../platform/http/address-guard.ts';
import { newSealingJwk, newSigningJwk, readKeyring } from '../platform/keys.ts';
import { openTestDatabase } from '../testing/database.ts';
import { violations } from '../testing/invariants.ts';
import {
  ask,
  CALLBACK,
  consent,
  makeAdmin,
  makeClient,
  makeConnection,
  makeOrganization,
  makeUser,
  redeem,
  signIn,
} from '../testing/scene.ts';
import { blockClient } from './clients/block.ts';
import { changeClient } from './clients/change.ts';
import { denyHost } from './clients/client-host.ts';
import { deleteClient } from './clients/delete.ts';
import { readMetadata } from './clients/metadata.ts';
import { assign, unassign } from './connections/assign.ts';
import { changeConnection } from './connections/change.ts';
import type { ConnectionSettings } from './connections/create.ts';
import { deleteConnection } from './connections/delete.ts';
import { setStatus } from './connections/enable.ts';
import { rotateRoute } from './connections/rotate.ts';
import { blockUsers, unblockUser } from './people/block.ts';
import { eraseUser } from './people/erase.ts';
import { removeMember } from './people/membership.ts';
import { deleteOrganization } from './people/organization.ts';

let database: Database;
let settings: ConnectionSettings;
beforeAll(async () => {
  database = await openTestDatabase();
  const keyring = await readKeyring(JSON.stringify({ keys: [newSealingJwk(), await newSigningJwk('ES256')] }));
  settings = { keyring, allowUpstreams: readAllowList(['127.0.0.0/8']) };
});
afterAll(async () => {
  expect(await violations(database)).toEqual([]);
  await database.close();
});

const SECOND = 'https://app.example/callback';
const now = () => new Date();

async function openScene() {
  const [ada, bob, owner] = [await makeUser(database), await makeUser(database), await makeAdmin(database)];
  const acme = await makeOrganization(database, [ada, bob]);
  const beta = await makeOrganization(database, [ada]);
  for (const { id } of [acme, beta]) {
    await database.db.membership.create({ data: { organizationId: id, userId: owner.id, role: 'owner' } });
  }
  const mine = await makeConnection(database, { userId: ada.id });
  const other = await makeConnection(database, { userId: ada.id });
  const shared = await makeConnection(database, { organizationId: acme.id, assignees: [ada, bob] });
  const single = await makeConnection(database, { organizationId: acme.id, assignees: [ada] });
  await database.db.connection.update({ where: { id: single.id }, data: { sharingMode: 'single_user' } });
  const betas = await makeConnection(database, { organizationId: beta.id, assignees: [ada] });
  const cursor = await makeClient(database, { redirectUris: [CALLBACK, SECOND] });
  const claude = await makeClient(database);
  const made = {
    mine: await signIn(database, { user: ada, client: cursor, connection: mine }),
    elsewhere: await signIn(database, { user: ada, client: cursor, connection: mine, redirectUri: SECOND }),
    claude: await signIn(database, { user: ada, client: claude, connection: mine }),
    other: await signIn(database, { user: ada, client: cursor, connection: other }),
    shared: await signIn(database, { user: ada, client: cursor, connection: shared }),
    single: await signIn(database, { user: ada, client: cursor, connection: single }),
    bobs: await signIn(database, { user: bob, client: cursor, connection: shared }),
    betas: await signIn(database, { user: ada, client: cursor, connection: betas }),
  };
  return {
    ada,
    bob,
    owner,
    acme,
    connections: { mine, other, shared, single, betas },
    cursor,
    clients: { cursor, claude },
    made,
  };
}
type Scene = Awaited<ReturnType<typeof openScene>>;

async function endedIn({ made }: Scene): Promise<[string[], string[]]> {
  const ended: string[] = [];
  const reasons = new Set<string>();
  for (const [name, { grantId }] of Object.entries(made)) {
    const { status, revocationReason } = await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } });
    if (status !== 'revoked') continue;
    ended.push(name);
    reasons.add(revocationReason as string);
  }
  return [ended, [...reasons]];
}

const metadata = (members: object) => {
  const read = readMetadata({ redirect_uris: [CALLBACK, SECOND], ...members }, 'http://localhost:4000');
  if (!read.ok) throw new Error(read.reason.description);
  return read.value;
};
const OF_MINE = ['mine', 'elsewhere', 'claude'];
const OF_CURSOR = ['mine', 'elsewhere', 'other', 'shared', 'single', 'bobs', 'betas'];
const OF_ADA = ['mine', 'elsewhere', 'claude', 'other', 'shared', 'single', 'betas'];

const CALLERS: [string, (scene: Scene) => Promise<unknown>, string[], string[]][] = [
  [
    'a connection is disabled',
    ({ ada, connections }) =>
      setStatus(database, { userId: ada.id }, { connectionId: connections.mine.id, status: 'disabled' }, now()),
    OF_MINE,
    ['connection_disabled'],
  ],
  [
    'a connection is deleted',
    ({ ada, connections }) => deleteConnection(database, { userId: ada.id }, connections.mine.id, now()),
    OF_MINE,
    ['connection_deleted'],
  ],
  [
    'its remote URL changes',
    ({ ada, connections }) =>
      changeConnection(
        database,
        settings,
        { userId: ada.id },
        { connectionId: connections.mine.id, remoteUrl: 'http://127.0.0.1:8899/mcp' },
        now(),
      ),
    OF_MINE,
    ['connection_changed'],
  ],
  [
    'its sign-in mode changes',
    ({ ada, connections }) =>
      changeConnection(
        database,
        settings,
        { userId: ada.id },
        {
          connectionId: connections.mine.id,
          authMode: 'static_headers',
          staticHeaders: [{ name: 'X-Key', value: 'k' }],
        },
        now(),
      ),
    OF_MINE,
    ['connection_changed'],
  ],
  [
    'its name changes',
    ({ ada, connections }) =>
      changeConnection(
        database,
        settings,
        { userId: ada.id },
        { connectionId: connections.mine.id, name: 'Renamed' },
        now(),
      ),
    [],
    [],
  ],
  [
    'its route is rotated',
    ({ ada, connections }) => rotateRoute(database, { userId: ada.id }, connections.mine.id, now()),
    OF_MINE,
    ['route_rotated'],
  ],
  [
    'a client is deleted',
    ({ cursor }) => deleteClient(database, cursor.id, { userId: null }, now()),
    OF_CURSOR,
    ['client_deleted'],
  ],
  [
    'a client is blocked',
    ({ cursor, owner }) => blockClient(database, { id: cursor.id, reason: 'x', actorUserId: owner.id }, now()),
    OF_CURSOR,
    ['client_blocked'],
  ],
  [
    "a client's host is denied",
    async ({ cursor, owner }) => {
      const host = `${cursor.id}.example`;
      const face = { kind: 'metadata_document' as const, clientId: `https://${host}/client.json` };
      await database.db.oAuthClient.update({ where: { id: cursor.id }, data: face });
      await denyHost(database, { host, actorUserId: owner.id }, now());
    },
    OF_CURSOR,
    ['client_host_denied'],
  ],
  [
    'another host is denied, of which it is a subdomain',
    async ({ cursor, owner }) => {
      const face = { kind: 'metadata_document' as const, clientId: `https://app.${cursor.id}.example/client.json` };
      await database.db.oAuthClient.update({ where: { id: cursor.id }, data: face });
      await denyHost(database, { host: `${cursor.id}.example`, actorUserId: owner.id }, now());
    },
    [],
    [],
  ],
  [
    'a client gives up a redirect URI',
    ({ cursor }) => changeClient(database, cursor.id, metadata({ redirect_uris: [CALLBACK] }), now()),
    ['elsewhere'],
    ['client_changed'],
  ],
  [
    'field note C24: /callback becomes /callback/',
    ({ cursor }) => changeClient(database, cursor.id, metadata({ redirect_uris: [CALLBACK, `${SECOND}/`] }), now()),
    ['elsewhere'],
    ['client_changed'],
  ],
  [
    'a client gives up refresh_token',
    ({ cursor }) => changeClient(database, cursor.id, metadata({ grant_types: ['authorization_code'] }), now()),
    OF_CURSOR,
    ['client_changed'],
  ],
  [
    'a client only adds',
    ({ cursor }) =>
      changeClient(
        database,
        cursor.id,
        metadata({ redirect_uris: [CALLBACK, SECOND, 'https://app.example/new'], client_name: 'New' }),
        now(),
      ),
    [],
    [],
  ],
  [
    'an assignment is removed',
    ({ bob, owner, connections }) =>
      unassign(database, { connectionId: connections.shared.id, userId: bob.id, actorUserId: owner.id }, now()),
    ['bobs'],
    ['assignment_removed'],
  ],
  [
    'a single-user connection gets another user',
    ({ bob, owner, connections }) =>
      assign(database, { connectionId: connections.single.id, userId: bob.id, actorUserId: owner.id }, now()),
    ['single'],
    ['assignment_removed'],
  ],
  [
    'a member is removed',
    ({ ada, owner, acme }) =>
      removeMember(database, { organizationId: acme.id, userId: ada.id, actorUserId: owner.id }, now()),
    ['shared', 'single'],
    ['membership_removed'],
  ],
  [
    'an organization is deleted',
    ({ owner, acme }) => deleteOrganization(database, { organizationId: acme.id, actorUserId: owner.id }, now()),
    ['shared', 'single', 'bobs'],
    ['membership_removed'],
  ],
  [
    'a user is blocked',
    ({ ada, owner }) => blockUsers(database, { userIds: [ada.id], reason: 'x', actorUserId: owner.id }, now()),
    OF_ADA,
    ['user_blocked'],
  ],
  [
    'users are blocked together',
    ({ ada, bob, owner }) =>
      blockUsers(database, { userIds: [ada.id, bob.id], reason: 'x', actorUserId: owner.id }, now()),
    [...OF_ADA, 'bobs'],
    ['user_blocked'],
  ],
  [
    'a user is erased',
    ({ bob, owner }) => eraseUser(database, { userId: bob.id, actorUserId: owner.id }, now()),
    ['bobs'],
    ['user_erased'],
  ],
];

test.each(CALLERS)('%s', async (_name, act, ends, reasons) => {
  const scene = await openScene();
  await act(scene);
  const [ended, because] = await endedIn(scene);
  expect([ended.sort(), because]).toEqual([[...ends].sort(), reasons]);
  const told = await database.db.auditEvent.count({
    where: { kind: 'grant.revoked', grantId: { in: Object.values(scene.made).map(({ grantId }) => grantId) } },
  });
  expect(told).toBe(ends.length);
});

describe('around it', () => {
  test('a rotated route keeps the instance, and the next consent uses it', async () => {
    const { ada, connections, made } = await openScene();
    await rotateRoute(database, { userId: ada.id }, connections.mine.id, now());
    const instance = await database.db.connectionInstance.findUniqueOrThrow({
      where: { id: made.mine.grant.instanceId },
    });
    expect(instance.status).toBe('active');
  });

  test('unblocking brings no grant back, and blocking ends the sessions', async () => {
    const scene = await openScene();
    const { ada, owner } = scene;
    await database.db.session.create({
      data: { userId: ada.id, token: `t${ada.id}`, expiresAt: new Date(Date.now() + 60_000) },
    });
    await blockUsers(database, { userIds: [ada.id], reason: 'x', actorUserId: owner.id }, now());
    expect(await database.db.session.count({ where: { userId: ada.id } })).toBe(0);
    expect((await unblockUser(database, { userId: ada.id, actorUserId: owner.id }, now())).ok).toBe(true);
    expect((await endedIn(scene))[0].sort()).toEqual([...OF_ADA].sort());
  });

  test('#274 an erased user leaves nothing that names them, and erasing again changes nothing', async () => {
    const { ada, owner } = await openScene();
    const { email } = await database.db.user.findUniqueOrThrow({ where: { id: ada.id } });
    const login_hint = `login hint of ${email}`;
    await database.db.connection.updateMany({
      where: { ownerUserId: ada.id },
      data: { providerAuthorizeParameters: { login_hint }, providerIssuer: `https://${ada.id}.example` },
    });
    await eraseUser(database, { userId: ada.id, actorUserId: owner.id }, now());
    const again = await eraseUser(database, { userId: ada.id, actorUserId: owner.id }, now());
    expect(again).toMatchObject({ ok: true, value: { grantIds: [] } });
    const rows = JSON.stringify([
      await database.db.user.findMany(),
      await database.db.auditEvent.findMany(),
      await database.db.tokenFamily.findMany({ where: { grant: { userId: ada.id } } }),
      await database.db.connection.findMany(),
    ]);
    expect(rows).not.toContain(email);
    expect(rows).not.toContain(`https://${ada.id}.example`);
    expect(await database.db.connection.count({ where: { ownerUserId: ada.id, deletedAt: null } })).toBe(0);
  });

  test('the last owner cannot be removed, also when two try at once', async () => {
    const [first, second] = [await makeUser(database), await makeUser(database)];
    const organization = await makeOrganization(database);
    for (const { id } of [first, second])
      await database.db.membership.create({ data: { organizationId: organization.id, userId: id, role: 'owner' } });
    const leave = (userId: string) =>
      removeMember(database, { organizationId: organization.id, userId, actorUserId: userId }, now());
    const answers = await Promise.all([leave(first.id), leave(second.id)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toEqual({ ok: false, reason: 'last_owner' });
  });

  test('#309 a code that was issued for a redirect URI is refused once the client gave that up', async () => {
    const { ada, connections, cursor } = await openScene();
    const how = { user: ada, client: cursor, connection: connections.other, redirectUri: SECOND };
    const { handle, verifier } = await ask(database, how);
    const code = await consent(database, handle, ada);
    if (!code.ok) throw new Error(code.reason.kind);
    await changeClient(database, cursor.id, metadata({ redirect_uris: [CALLBACK] }), now());
    expect(await redeem(database, how, code.value, verifier)).toEqual({ ok: false, reason: 'invalid_grant' });
  });
});
