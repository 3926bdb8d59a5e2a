import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockUsers, unblockUser } from '../../core/people/block.ts';
import { hasOpenInvitation } from '../../core/people/invite.ts';
import type { Database } from '../../platform/database.ts';
import type { Mail } from '../../platform/mail.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeAdmin, makeClient, makeConnection, makeUser, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let mailing: typeof world;
const mails: Mail[] = [];
let ada: Person;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  mailing = await openGraphqlApp(database, {
    mailer: { post: (mail) => mails.push(mail), send: async () => {}, close: async () => {} },
  });
  ada = await makeUser(database, 'Ada');
});
afterAll(() => database.close());

async function mutate(person: Person, mutation: string, input: string, selection = '__typename', app = world) {
  const answer = await app.ask(person, `mutation { it: ${mutation}(input: { ${input} }) { __typename ${selection} } }`);
  expect(answer.errors, mutation).toEqual([]);
  return answer.data.it;
}
const CANNOT_BE_WRONG = new Set(['organizationGrantRevoke']);
const onPayload = (mutation: string, fields: string) =>
  `... on ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload { ${fields} } ${CANNOT_BE_WRONG.has(mutation) ? '' : '... on ValidationError { field message }'}`;

async function newOrganization(owner = ada): Promise<string> {
  const made = await mutate(
    owner,
    'organizationCreate',
    'name: "Acme"',
    onPayload('organizationCreate', 'organization { id viewerRole }'),
  );
  expect(made.organization.viewerRole).toBe('OWNER');
  return made.organization.id;
}

async function inviteTo(organizationId: string, email: string, { by = ada, role = 'MEMBER', app = world } = {}) {
  const input = `organizationId: "${organizationId}", email: "${email}", role: ${role}`;
  return mutate(by, 'memberInvite', input, onPayload('memberInvite', 'link invitation { id email role }'), app);
}
const keyIn = (link: string): string => new URL(link).hash.slice(1);
const accept = (person: Person, key: string) =>
  mutate(
    person,
    'invitationAccept',
    `key: "${key}"`,
    onPayload('invitationAccept', 'organization { name viewerRole }'),
  );

async function joinAs(organizationId: string, person: Person, role = 'MEMBER') {
  const { link } = await inviteTo(organizationId, person.email, { role });
  expect((await accept(person, keyIn(link))).organization.viewerRole).toBe(role);
  const query = 'query($id: ID!) { node(id: $id) { ... on Organization { members { id user { id } } } } }';
  const { members } = (await world.ask(ada, query, { id: organizationId })).data.node;
  const wanted = encodeGlobalId('User', person.id);
  return members.find(({ user }: { user: { id: string } }) => user.id === wanted).id as string;
}
const rowOf = (globalId: string): string => Buffer.from(globalId, 'base64url').toString().split(':')[1] as string;

describe('invitations', () => {
  test('are for addresses that an account can have, and that look like no other', async () => {
    const organizationId = await newOrganization();
    for (const email of [
      'bo\\u200bb@example.com',
      'bob@exam\\u00adple.com',
      `${'b'.repeat(65)}@example.com`,
      'bob@here',
    ])
      expect(await inviteTo(organizationId, email), email).toMatchObject({
        __typename: 'ValidationError',
        message: 'This is not an e-mail address.',
      });
  });

  test('#256 #259 the link works once, for its address, with the host of the settings', async () => {
    const organizationId = await newOrganization();
    const bea = await makeUser(database, 'Bea');
    const eve = await makeUser(database, 'Eve');
    const invited = await inviteTo(organizationId, ` ${bea.email.toUpperCase()} `);
    expect(invited.link).toMatch(/^http:\/\/localhost:4000\/invitation#gwi_/);
    const key = keyIn(invited.link);
    const offer = 'query($key: String!) { invitation(key: $key) { organizationName inviterName email role } }';
    expect((await world.ask(null, offer, { key })).data.invitation).toEqual({
      organizationName: 'Acme',
      inviterName: 'Ada',
      email: bea.email,
      role: 'MEMBER',
    });
    expect(await accept(eve, key)).toMatchObject({ __typename: 'ValidationError', field: 'key' });
    const both = await Promise.all([accept(bea, key), accept(bea, key)]);
    expect(both.map(({ __typename }) => __typename).sort()).toEqual(['InvitationAcceptPayload', 'NotFoundError']);
    expect((await accept(bea, key)).__typename).toBe('NotFoundError');
    expect((await world.ask(null, offer, { key })).data.invitation).toBeNull();
    expect(await inviteTo(organizationId, bea.email)).toMatchObject({ __typename: 'ValidationError', field: 'email' });
    expect(await database.db.invitation.count({ where: { tokenHash: key } })).toBe(0);
  });

  test('#259 withdrawn, replaced, expired, and of a sender who may no longer invite: as unknown, also after the sender may again', async () => {
    const organizationId = await newOrganization();
    const [bea, alma] = [await makeUser(database, 'Bea'), await makeUser(database, 'Alma')];
    const almas = await joinAs(organizationId, alma, 'ADMIN');
    const first = await inviteTo(organizationId, bea.email);
    const second = await inviteTo(organizationId, bea.email);
    expect((await accept(bea, keyIn(first.link))).__typename).toBe('NotFoundError');
    for (let time = 0; time < 2; time++)
      expect((await mutate(ada, 'invitationRevoke', `invitationId: "${second.invitation.id}"`)).__typename).toBe(
        'InvitationRevokePayload',
      );
    expect((await accept(bea, keyIn(second.link))).__typename).toBe('NotFoundError');
    const third = await inviteTo(organizationId, bea.email);
    await database.db.invitation.update({
      where: { id: rowOf(third.invitation.id) },
      data: { expiresAt: new Date(0) },
    });
    expect((await accept(bea, keyIn(third.link))).__typename).toBe('NotFoundError');
    const fourth = await inviteTo(organizationId, bea.email, { by: alma });
    await mutate(ada, 'memberSetRole', `memberId: "${almas}", role: MEMBER`);
    expect((await accept(bea, keyIn(fourth.link))).__typename).toBe('NotFoundError');
    await mutate(ada, 'memberSetRole', `memberId: "${almas}", role: ADMIN`);
    expect((await accept(bea, keyIn(fourth.link))).__typename).toBe('NotFoundError');
  });

  test('#253 of a sender who was blocked or removed: gone for good, and no account begins with it', async () => {
    const root = await makeAdmin(database);
    for (const end of ['block', 'remove'] as const) {
      const organizationId = await newOrganization();
      const [bea, alma] = [await makeUser(database, 'Bea'), await makeUser(database, 'Alma')];
      const almas = await joinAs(organizationId, alma, 'ADMIN');
      const { link } = await inviteTo(organizationId, bea.email, { by: alma });
      expect(await hasOpenInvitation(database, bea.email, new Date())).toBe(true);
      if (end === 'remove') await mutate(ada, 'memberRemove', `memberId: "${almas}"`);
      else {
        const which = { userIds: [alma.id], reason: 'taken over', actorUserId: root.id };
        expect((await blockUsers(database, which, new Date())).ok).toBe(true);
      }
      expect(await hasOpenInvitation(database, bea.email, new Date()), end).toBe(false);
      await unblockUser(database, { userId: alma.id, actorUserId: root.id }, new Date());
      expect((await accept(bea, keyIn(link))).__typename, end).toBe('NotFoundError');
    }
  });

  test('#255 mails to one address, and of one sender, are counted: nobody is bothered in our name', async () => {
    const organizationId = await newOrganization();
    const before = mails.length;
    const answers = [];
    for (let time = 0; time < 6; time++)
      answers.push((await inviteTo(organizationId, ' Victim@example.com', { app: mailing })).__typename);
    expect(answers.at(-2)).toBe('MemberInvitePayload');
    expect(await inviteTo(organizationId, 'victim@example.com', { app: mailing })).toMatchObject({
      __typename: 'ValidationError',
      field: 'email',
      message: expect.stringContaining('Try again in'),
    });
    expect(mails.length - before).toBe(5);
  });

  test('where mail can be sent, the link is mailed and not shown', async () => {
    const organizationId = await newOrganization();
    const bea = await makeUser(database, 'Bea');
    const invited = await inviteTo(organizationId, bea.email, { app: mailing });
    expect(invited.link).toBeNull();
    const mail = mails.at(-1);
    expect(mail).toMatchObject({ to: bea.email, subject: 'Join Acme on Grantway' });
    const [link = ''] = /http\S+/.exec(mail?.text ?? '') ?? [];
    expect((await accept(bea, keyIn(link))).__typename).toBe('InvitationAcceptPayload');
  });

  test('what is no address is told', async () => {
    const organizationId = await newOrganization();
    for (const email of ['', 'a', 'a@b', 'a b@example.com', 'a@example.com,b@example.com', 'x <a@example.com>'])
      expect(await inviteTo(organizationId, email), email).toMatchObject({
        __typename: 'ValidationError',
        field: 'email',
      });
  });
});

describe('a connection of an organization', () => {
  async function openScene() {
    const organizationId = await newOrganization();
    const [bea, cem] = [await makeUser(database, 'Bea'), await makeUser(database, 'Cem')];
    const [beas, cems] = [await joinAs(organizationId, bea), await joinAs(organizationId, cem)];
    const shared = await makeConnection(database, { organizationId: rowOf(organizationId), assignees: [] }, 'Shared');
    await database.db.connection.update({ where: { id: shared.id }, data: { sharingMode: 'single_user' } });
    const connectionId = encodeGlobalId('McpConnection', shared.id);
    const assign = (memberId: string) =>
      mutate(
        ada,
        'connectionAssign',
        `connectionId: "${connectionId}", memberId: "${memberId}"`,
        onPayload('connectionAssign', 'receipt { grants } connection { assignees { user { name } } }'),
      );
    return { organizationId, bea, cem, beas, cems, shared, connectionId, assign };
  }
  const GRANTS = `query($owner: OwnerInput) { viewer { grants(owner: $owner, status: null) {
    edges { node { id status revocationReason connectionName connection { name remoteUrl } owner { ... on Organization { name } } } } } } }`;

  test('for a single user: the one before loses it first; managers use it only when it is assigned to them', async () => {
    const { bea, cem, beas, cems, shared, connectionId, assign } = await openScene();
    // What nobody's browser saw is told to those who manage the connection, besides what became of their own try.
    await database.db.signInTrace.create({ data: { step: 'discovery', source: 'x', connectionId: shared.id } });
    const seenBy = async (person: Person) => {
      const fields = 'viewerIsAssigned connectAttempts { id }';
      const { node } = (
        await world.ask(person, `{ node(id: "${connectionId}") { ... on McpConnection { ${fields} } } }`)
      ).data;
      return node && [node.viewerIsAssigned, node.connectAttempts.length];
    };
    await expect(
      signIn(database, { user: ada, client: await makeClient(database), connection: shared }),
    ).rejects.toThrow();
    expect(await assign(beas)).toMatchObject({
      receipt: { grants: 0 },
      connection: { assignees: [{ user: { name: 'Bea' } }] },
    });
    expect([await seenBy(ada), await seenBy(bea), await seenBy(cem)]).toEqual([[false, 2], [true, 0], null]);
    const { grantId } = await signIn(database, { user: bea, client: await makeClient(database), connection: shared });
    expect(await assign(cems)).toMatchObject({
      receipt: { grants: 1 },
      connection: { assignees: [{ user: { name: 'Cem' } }] },
    });
    expect(await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({
      status: 'revoked',
      revocationReason: 'assignment_removed',
    });
  });

  test('its managers see whose grants there are and end them, and no more of them', async () => {
    const { organizationId, bea, beas, shared, assign } = await openScene();
    await assign(beas);
    const { grantId } = await signIn(database, { user: bea, client: await makeClient(database), connection: shared });
    const query = `query($id: ID!) { node(id: $id) { ... on Organization { grants { edges { node {
      id status user { name } client { name } connection { name } } } } } } }`;
    const [edge] = (await world.ask(ada, query, { id: organizationId })).data.node.grants.edges;
    expect(edge.node).toMatchObject({ status: 'ACTIVE', user: { name: 'Bea' }, connection: { name: 'Shared' } });
    const asOwn = await world.ask(ada, 'query($id: ID!) { node(id: $id) { __typename } }', {
      id: encodeGlobalId('Grant', grantId),
    });
    expect(asOwn.data.node).toBeNull();
    const ended = await mutate(
      ada,
      'organizationGrantRevoke',
      `organizationGrantId: "${edge.node.id}"`,
      onPayload('organizationGrantRevoke', 'receipt { grants } organizationGrant { status revocationReason }'),
    );
    expect(ended).toMatchObject({
      receipt: { grants: 1 },
      organizationGrant: { status: 'REVOKED', revocationReason: 'organization_revoked' },
    });
  });

  test('field note 1.9: whoever was removed sees their own grants, ended, and nothing of the connection as it is now', async () => {
    const { organizationId, bea, beas, shared, connectionId, assign } = await openScene();
    await assign(beas);
    const { grantId } = await signIn(database, { user: bea, client: await makeClient(database), connection: shared });
    const own = await world.ask(bea, GRANTS, { owner: { organizationId } });
    expect(own.data.viewer.grants.edges[0].node.connection.name).toBe('Shared');
    const removed = await mutate(
      ada,
      'memberRemove',
      `memberId: "${beas}"`,
      onPayload('memberRemove', 'receipt { grants }'),
    );
    expect(removed.receipt.grants).toBe(1);
    await mutate(ada, 'connectionUpdate', `connectionId: "${connectionId}", remoteUrl: "http://other.test/mcp"`);
    const id = encodeGlobalId('Grant', grantId);
    const query = `query($id: ID!) { node(id: $id) { ... on Grant {
      status revocationReason connectionName connection { remoteUrl } owner { ... on Organization { name viewerRole members { id } invitations { id } grants { edges { cursor } } } } } } }`;
    expect((await world.ask(bea, query, { id })).data.node).toEqual({
      status: 'REVOKED',
      revocationReason: 'membership_removed',
      connectionName: 'Shared',
      connection: null,
      owner: { name: 'Acme', viewerRole: null, members: [], invitations: [], grants: { edges: [] } },
    });
    expect((await mutate(bea, 'grantRevoke', `grantId: "${id}"`)).__typename).toBe('GrantRevokePayload');
  });
});

describe('the account', () => {
  test('#274 whose organizations pass on: to who has run them longest; alone, they end', async () => {
    const root = await makeAdmin(database);
    const [bea, cem] = [await makeUser(database, 'Bea'), await makeUser(database, 'Cem')];
    const [shared, alone] = [await newOrganization(), await newOrganization()];
    await joinAs(shared, bea);
    await joinAs(shared, cem, 'ADMIN');
    const invited = await inviteTo(shared, 'somebody@example.com');
    expect((await mutate(root, 'userErase', `userId: "${encodeGlobalId('User', ada.id)}"`)).__typename).toBe(
      'UserErasePayload',
    );
    const query = '{ viewer { organizations { id viewerRole } } }';
    expect((await world.ask(cem, query)).data.viewer.organizations).toEqual([{ id: shared, viewerRole: 'OWNER' }]);
    expect(await database.db.organization.findUniqueOrThrow({ where: { id: rowOf(alone) } })).toMatchObject({
      deletedAt: expect.any(Date),
    });
    // Its sender is gone.
    const late = await database.db.user.create({ data: { name: 'Late', email: 'somebody@example.com' } });
    expect((await accept(late, keyIn(invited.link))).__typename).toBe('NotFoundError');
    ada = await makeUser(database, 'Ada');
  });

  test('#275 is exported whole, without secrets, and without anything of others', async () => {
    const bea = await makeUser(database, 'Bea');
    const connection = await makeConnection(database, { userId: bea.id }, 'Beas server');
    const { refreshToken, grantId } = await signIn(database, {
      user: bea,
      client: await makeClient(database),
      connection,
    });
    await mutate(bea, 'apiKeyCreate', 'name: "Beas key", scopes: [GRANTS_READ]');
    const text: string = (await world.ask(bea, '{ viewer { dataExport } }')).data.viewer.dataExport;
    const told = JSON.parse(text);
    expect(told.user).toMatchObject({ name: 'Bea', email: bea.email });
    expect(told.connections).toMatchObject([{ name: 'Beas server' }]);
    expect(told.grants).toMatchObject([{ id: grantId, families: [{ label: 'a laptop' }] }]);
    expect(told.apiKeys).toMatchObject([{ name: 'Beas key' }]);
    expect(told.events.map(({ kind }: { kind: string }) => kind)).toContain('family.started');
    expect(text).not.toMatch(/hash|sealed|secret|password/i);
    expect(text).not.toContain(String(refreshToken));
    expect(text).not.toContain(ada.email);
  });

  test('a domain is blocked but for the admin who does it; again changes nothing', async () => {
    const make = (name: string, role: 'user' | 'admin' = 'user') =>
      database.db.user.create({ data: { name, email: `${name.toLowerCase()}@gone.example`, role } });
    const [root, one, two] = [await make('Root', 'admin'), await make('One'), await make('Two')];
    const other = await database.db.user.create({ data: { name: 'Other', email: 'other@not-gone.example' } });
    const block = () =>
      mutate(
        root,
        'userBlock',
        'emailDomain: "GONE.example", reason: "sold"',
        onPayload('userBlock', 'people { name blockedReason }'),
      );
    expect((await block()).people).toEqual([one, two].map(({ name }) => ({ name, blockedReason: 'sold' })));
    expect((await block()).people).toEqual([]);
    const blocked = await database.db.user.findMany({ where: { blockedAt: { not: null } }, select: { id: true } });
    expect(blocked.map(({ id }) => id)).not.toContain(other.id);
    expect(blocked.map(({ id }) => id)).not.toContain(root.id);
  });
});
