import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockUsers } from '../../core/people/block.ts';
import { removeMember } from '../../core/people/membership.ts';
import { deleteOrganization } from '../../core/people/organization.ts';
import type { Database } from '../../platform/database.ts';
import { API_KEY, looksLikeSecret, newSecret } from '../../platform/secret.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeAdmin, makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let ada: Person;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  ada = await makeUser(database);
});
afterAll(() => database.close());

const CREATE = `mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
  __typename
  ... on ApiKeyCreatePayload { key apiKey { id name start scopes organization { name } expiresAt lastUsedAt revokedAt } }
  ... on ValidationError { field message } } }`;
const REVOKE = `mutation ($id: ID!) { apiKeyRevoke(input: { apiKeyId: $id }) {
  __typename ... on ApiKeyRevokePayload { apiKey { revokedAt } } } }`;
const WHO = '{ viewer { user { name } organizations { name } } }';
const GRANTS = '{ viewer { grants { totalCount edges { node { id } } } } }';

async function make(person: Person, input: Record<string, unknown> = {}) {
  const answer = await world.ask(person, CREATE, { input: { name: 'CI', scopes: ['GRANTS_READ'], ...input } });
  expect(answer.errors).toEqual([]);
  return answer.data.apiKeyCreate;
}
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const by = (key: string, query: string, variables: Record<string, unknown> = {}) =>
  world.ask(null, query, variables, bearer(key));

describe('a key', () => {
  test('#277 is shown once, has a prefix and a checksum, and is kept as a digest', async () => {
    const { key, apiKey } = await make(ada);
    expect(looksLikeSecret(API_KEY, key)).toBe(true);
    expect(key.startsWith(apiKey.start)).toBe(true);
    expect(apiKey).toMatchObject({ name: 'CI', scopes: ['GRANTS_READ'], organization: null, lastUsedAt: null });
    const row = await database.db.apiKey.findFirstOrThrow({ where: { userId: ada.id } });
    expect(JSON.stringify(row)).not.toContain(key.slice(12));
    const events = await database.db.auditEvent.findMany({ where: { kind: 'api_key.created' } });
    expect(JSON.stringify(events)).not.toContain(key.slice(12));
    const list = await world.ask(ada, '{ viewer { apiKeys { name start } } }');
    expect(list.data.viewer.apiKeys).toContainEqual({ name: 'CI', start: apiKey.start });
  });

  test('acts for its maker without cookie, CSRF header or same origin; its use is noted, once a minute', async () => {
    const { key, apiKey } = await make(ada, { name: 'Noted' });
    const answer = await world.app.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site', ...bearer(key) },
      body: JSON.stringify({ query: WHO }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ data: { viewer: { user: { name: 'Ada' }, organizations: [] } } });
    const used = async () => {
      const keys = await world.ask(ada, '{ viewer { apiKeys { id lastUsedAt } } }');
      return keys.data.viewer.apiKeys.find(({ id }: { id: string }) => id === apiKey.id).lastUsedAt;
    };
    const first = await used();
    expect(first).toMatch(/^20/);
    await by(key, WHO);
    expect(await used()).toBe(first);
  });

  test('is refused with 401 when it is unknown, malformed, an access token, or not alone', async () => {
    const cookieToo = { 'x-test-user': ada.id };
    for (const authorization of [
      `Bearer ${newSecret(API_KEY)}`,
      'Bearer x',
      'Bearer',
      'Bearer a, b',
      'bearer eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln',
    ]) {
      const answer = await world.ask(null, WHO, {}, { authorization, ...cookieToo });
      expect(answer.status, authorization).toBe(401);
      expect(answer.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
    }
    // Another scheme is the proxy's in front of us: the cookie counts.
    expect((await world.ask(ada, WHO, {}, { authorization: 'Basic eDp5' })).data.viewer.user.name).toBe('Ada');
  });

  test('ends when it is revoked, again and by its owner alone', async () => {
    const { key, apiKey } = await make(ada, { name: 'Short' });
    const eve = await makeUser(database, 'Eve');
    expect((await world.ask(eve, REVOKE, { id: apiKey.id })).data.apiKeyRevoke.__typename).toBe('NotFoundError');
    expect((await by(key, WHO)).status).toBe(200);
    for (let time = 0; time < 2; time++) {
      const { data } = await world.ask(ada, REVOKE, { id: apiKey.id });
      expect(data.apiKeyRevoke.apiKey.revokedAt).toMatch(/^20/);
    }
    expect((await by(key, WHO)).status).toBe(401);
    expect(await database.db.auditEvent.count({ where: { kind: 'api_key.revoked', ownerUserId: ada.id } })).toBe(1);
  });

  test('ends when its time is over', async () => {
    const { key, apiKey } = await make(ada, { expiresIn: 60 });
    expect((await by(key, WHO)).status).toBe(200);
    await database.db.apiKey.update({
      where: { id: Buffer.from(apiKey.id, 'base64url').toString().split(':')[1] as string },
      data: { expiresAt: new Date(Date.now() - 1000) },
    });
    expect((await by(key, WHO)).status).toBe(401);
  });

  test('#253 ends with the block of its maker, and does not come back', async () => {
    const bob = await makeUser(database, 'Bob');
    const { key } = await make(bob);
    await blockUsers(
      database,
      { userIds: [bob.id], reason: 'left', actorUserId: (await makeAdmin(database)).id },
      new Date(),
    );
    expect((await by(key, WHO)).status).toBe(401);
    await database.db.user.update({ where: { id: bob.id }, data: { blockedAt: null } });
    expect((await by(key, WHO)).status).toBe(401);
  });

  test('of an administrator makes no administrators, and no links to passwords, whatever its scopes', async () => {
    const root = await makeAdmin(database);
    const { key } = await make(root, { scopes: ['PEOPLE_READ', 'PEOPLE_WRITE', 'ORGANIZATIONS_WRITE'] });
    const userId = encodeGlobalId('User', ada.id);
    for (const act of [
      'userSetRole(input: { userId: $id, role: ADMIN })',
      'userPasswordResetLink(input: { userId: $id })',
    ]) {
      const answer = await by(key, `mutation ($id: ID!) { ${act} { __typename } }`, { id: userId });
      expect(answer.errors[0]?.extensions.code, act).toBe('FORBIDDEN');
    }
    expect(await database.db.user.findUnique({ where: { id: ada.id } })).toMatchObject({ role: 'user' });
  });

  test('a wrong wish is told to the person', async () => {
    for (const [input, field] of [
      [{ name: ' ' }, 'name'],
      [{ name: 'a\nb' }, 'name'],
      [{ scopes: [] }, 'scopes'],
      [{ expiresIn: 1 }, 'expiresIn'],
    ] as const)
      expect(await make(ada, input)).toMatchObject({ __typename: 'ValidationError', field });
  });
});

describe('scopes', () => {
  const REFUSED: [string, string][] = [
    ['grants', GRANTS],
    ['connections', '{ viewer { connections { totalCount } } }'],
    ['what happened', '{ viewer { auditEvents { edges { node { kind } } } } }'],
    ['keys', '{ viewer { apiKeys { id } } }'],
    ['a key of its own', 'mutation { apiKeyCreate(input: { name: "x", scopes: [GRANTS_REVOKE] }) { __typename } }'],
    ['revoking', 'mutation { grantRevoke(input: { grantId: "x" }) { __typename } }'],
    ['deciding', 'mutation { authorizationApprove(input: { requestId: "x" }) { __typename } }'],
    ['consent', '{ authorizationRequest(id: "x") { id } }'],
    ['through node', '{ node(id: "x") { ... on Grant { redirectUri } } }'],
    ['through a fragment', 'query { viewer { ...F } } fragment F on Viewer { connections { totalCount } }'],
  ];

  test('without the scope it is FORBIDDEN, and nothing runs', async () => {
    const { key } = await make(ada, { scopes: ['TOKENS_MINT'] });
    for (const [what, query] of REFUSED) {
      const answer = await by(key, query);
      expect(answer.status, what).toBe(403);
      expect(answer.errors[0]?.extensions.code, what).toBe('FORBIDDEN');
      expect(answer.data, what).toBeUndefined();
    }
  });

  test('a scope opens what it names, and nothing that is reached through it', async () => {
    const connection = await makeConnection(database, { userId: ada.id });
    const { grantId } = await signIn(database, { user: ada, client: await makeClient(database), connection });
    const { key } = await make(ada, { scopes: ['GRANTS_READ'] });
    expect((await by(key, GRANTS)).data.viewer.grants.totalCount).toBe(1);
    expect((await by(key, '{ viewer { grants { edges { node { connection { name } } } } } }')).status).toBe(403);
    const id = encodeGlobalId('Grant', grantId);
    expect((await by(key, 'query ($id: ID!) { node(id: $id) { __typename } }', { id })).data.node).toEqual({
      __typename: 'Grant',
    });
    const other = await make(ada, { scopes: ['AUDIT_READ'] });
    expect((await by(other.key, 'query ($id: ID!) { node(id: $id) { __typename } }', { id })).data.node).toBeNull();
    const revoking = await make(ada, { scopes: ['GRANTS_REVOKE'] });
    const revoke = `mutation ($id: ID!) { grantRevoke(input: { grantId: $id }) {
      __typename ... on GrantRevokePayload { receipt { grants } } } }`;
    expect((await by(key, revoke, { id })).status).toBe(403);
    expect((await by(revoking.key, revoke, { id })).data.grantRevoke).toEqual({
      __typename: 'GrantRevokePayload',
      receipt: { grants: 1 },
    });
  });
});

describe('a key of an organization', () => {
  const ALL = ['GRANTS_READ', 'GRANTS_REVOKE', 'CONNECTIONS_READ', 'CONNECTIONS_WRITE', 'AUDIT_READ'];

  async function acme() {
    const [owner, mia] = [await makeUser(database, 'Olga'), await makeUser(database, 'Mia')];
    const organization = await makeOrganization(database, [mia]);
    await database.db.membership.create({
      data: { organizationId: organization.id, userId: owner.id, role: 'owner' },
    });
    const organizationId = encodeGlobalId('Organization', organization.id);
    const { key, apiKey } = await make(mia, { organizationId, scopes: ALL });
    return { owner, mia, organization, organizationId, key, apiKey };
  }

  test('#241 sees and touches that organization alone, as its maker may', async () => {
    const { mia, organization, key } = await acme();
    const shared = await makeConnection(database, { organizationId: organization.id, assignees: [mia] }, 'Shared');
    const own = await makeConnection(database, { userId: mia.id }, 'Own');
    const client = await makeClient(database);
    const inside = await signIn(database, { user: mia, client, connection: shared });
    const outside = await signIn(database, { user: mia, client, connection: own });
    const other = await makeOrganization(database, [mia]);

    const list = await by(key, '{ viewer { connections { edges { node { name } } } organizations { name } } }');
    expect(list.data.viewer.connections.edges).toEqual([{ node: { name: 'Shared' } }]);
    expect(list.data.viewer.organizations).toHaveLength(1);
    expect((await by(key, GRANTS)).data.viewer.grants.edges).toEqual([
      { node: { id: encodeGlobalId('Grant', inside.grantId) } },
    ]);
    const owner = { organizationId: encodeGlobalId('Organization', other.id) };
    const elsewhere = 'query ($owner: OwnerInput) { viewer { grants(owner: $owner) { totalCount } } }';
    expect((await by(key, elsewhere, { owner })).errors[0]?.extensions.code).toBe('FORBIDDEN');
    for (const [type, id] of [
      ['McpConnection', own.id],
      ['Grant', outside.grantId],
      ['Organization', other.id],
    ] as const) {
      const node = await by(key, 'query ($id: ID!) { node(id: $id) { __typename } }', { id: encodeGlobalId(type, id) });
      expect(node.data.node, type).toBeNull();
    }
    const revoke = 'mutation ($id: ID!) { grantRevoke(input: { grantId: $id }) { __typename } }';
    expect((await by(key, revoke, { id: encodeGlobalId('Grant', outside.grantId) })).data.grantRevoke.__typename).toBe(
      'NotFoundError',
    );
    const revokeClient = `mutation ($id: ID!) { clientRevoke(input: { clientId: $id }) {
      __typename ... on ClientRevokePayload { receipt { grants } } } }`;
    const ended = await by(key, revokeClient, { id: encodeGlobalId('Client', client.id) });
    expect(ended.data.clientRevoke.receipt.grants).toBe(1);
    expect(await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: outside.grantId } })).toMatchObject({
      status: 'active',
    });
  });

  test('#242 its maker is a member: what takes an admin is refused; and a personal connection is not made', async () => {
    const { mia, organization, key } = await acme();
    const shared = await makeConnection(database, { organizationId: organization.id, assignees: [mia] });
    const id = encodeGlobalId('McpConnection', shared.id);
    const disable = 'mutation ($id: ID!) { connectionDisable(input: { connectionId: $id }) { __typename } }';
    expect((await by(key, disable, { id })).data.connectionDisable.__typename).toBe('NotFoundError');
    const own = await makeConnection(database, { userId: mia.id });
    expect(
      (await by(key, disable, { id: encodeGlobalId('McpConnection', own.id) })).data.connectionDisable.__typename,
    ).toBe('NotFoundError');
    const create = `mutation { connectionCreate(input: { name: "x", remoteUrl: "http://upstream.test/mcp", authMode: NONE }) {
      __typename ... on ValidationError { field } } }`;
    expect((await by(key, create)).data.connectionCreate).toEqual({
      __typename: 'ValidationError',
      field: 'organizationId',
    });
  });

  test('#262 ends when its maker leaves, and stays ended when they come back', async () => {
    const { owner, mia, organization, key } = await acme();
    expect((await by(key, WHO)).status).toBe(200);
    const which = { organizationId: organization.id, userId: mia.id, actorUserId: owner.id };
    expect((await removeMember(database, which, new Date())).ok).toBe(true);
    expect((await by(key, WHO)).status).toBe(401);
    await database.db.membership.create({ data: { organizationId: organization.id, userId: mia.id } });
    expect((await by(key, WHO)).status).toBe(401);
  });

  test('#263 ends with the organization; an owner may end it, another member may not', async () => {
    const { owner, organization, apiKey } = await acme();
    const max = await makeUser(database, 'Max');
    await database.db.membership.create({ data: { organizationId: organization.id, userId: max.id } });
    expect((await world.ask(max, REVOKE, { id: apiKey.id })).data.apiKeyRevoke.__typename).toBe('NotFoundError');
    expect((await world.ask(owner, REVOKE, { id: apiKey.id })).data.apiKeyRevoke.__typename).toBe(
      'ApiKeyRevokePayload',
    );
    const second = await acme();
    const which = { organizationId: second.organization.id, actorUserId: second.owner.id };
    await deleteOrganization(database, which, new Date());
    expect((await by(second.key, WHO)).status).toBe(401);
  });

  test('of one that one is not in is not made', async () => {
    const { organizationId } = await acme();
    const answer = await world.ask(ada, CREATE, { input: { name: 'x', scopes: ['GRANTS_READ'], organizationId } });
    expect(answer.errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

test('#253 a key that is made while its maker is signed out of everything is not shown, and does not live', async () => {
  const user = await makeUser(database);
  const viewer = { userId: user.id, sessionId: user.id, name: user.name, email: user.email, role: 'user' as const };
  // Signed in when the request came, and no longer when the key was made.
  const left = [viewer];
  const leaving = await openGraphqlApp(database, { viewerOf: async () => left.pop() ?? null });
  const answer = await leaving.ask(user, CREATE, { input: { name: 'Late', scopes: ['GRANTS_READ'] } });
  expect(answer.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  expect(answer.text).not.toMatch(/gwk_|"key"/);
  expect(await database.db.apiKey.findMany({ where: { userId: user.id } })).toMatchObject([
    { name: 'Late', revokedAt: expect.any(Date) },
  ]);
  await leaving.close();
});
