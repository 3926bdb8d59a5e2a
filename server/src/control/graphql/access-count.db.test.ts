import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
});
afterAll(() => database.close());

const CONNECTION = `query($id: ID!) { node(id: $id) { ... on McpConnection { activeClientCount activeGrantCount
  access { connections people clients } } } }`;
const ORGANIZATION =
  'query($id: ID!) { node(id: $id) { ... on Organization { access { connections people clients } } } }';
const asked = async (person: Person, query: string, type: string, id: string) =>
  (await world.ask(person, query, { id: encodeGlobalId(type, id) })).data.node;

test('a client with two grants for one connection counts once, one that was revoked not at all', async () => {
  const ada = await makeUser(database);
  const connection = await makeConnection(database, { userId: ada.id });
  const [laptop, other] = [await makeClient(database), await makeClient(database)];
  await signIn(database, { user: ada, client: laptop, connection });
  const { grantId } = await signIn(database, { user: ada, client: other, connection });
  const found = () => asked(ada, CONNECTION, 'McpConnection', connection.id);
  expect(await found()).toMatchObject({ activeClientCount: 2, access: { connections: 1, people: 1, clients: 2 } });
  await database.db.oAuthGrant.update({
    where: { id: grantId },
    data: { oauthClientId: laptop.id, redirectUri: 'http://localhost:7777/other' },
  });
  expect(await found()).toMatchObject({ activeClientCount: 1, activeGrantCount: 2, access: { clients: 1 } });
  await database.db.oAuthGrant.updateMany({
    where: { connectionId: connection.id },
    data: { status: 'revoked', revokedAt: new Date(), revocationReason: 'user_revoked' },
  });
  expect(await found()).toMatchObject({ activeClientCount: 0, access: { people: 0, clients: 0 } });
});

test('who may end a connection or an organization reads how many lose it; a member reads their own alone', async () => {
  const [owner, bea, eve] = [
    await makeUser(database),
    await makeUser(database, 'Bea'),
    await makeUser(database, 'Eve'),
  ];
  const organization = await makeOrganization(database, [owner, bea]);
  await database.db.membership.updateMany({
    where: { organizationId: organization.id, userId: owner.id },
    data: { role: 'owner' },
  });
  const shared = await makeConnection(database, { organizationId: organization.id, assignees: [owner, bea] });
  await makeConnection(database, { organizationId: organization.id, assignees: [] });
  const both = await makeClient(database);
  for (const user of [owner, bea]) await signIn(database, { user, client: both, connection: shared });
  await signIn(database, { user: bea, client: await makeClient(database), connection: shared });

  expect(await asked(owner, CONNECTION, 'McpConnection', shared.id)).toMatchObject({
    activeClientCount: 1,
    access: { connections: 1, people: 2, clients: 2 },
  });
  expect(await asked(owner, ORGANIZATION, 'Organization', organization.id)).toEqual({
    access: { connections: 2, people: 2, clients: 2 },
  });
  expect(await asked(bea, CONNECTION, 'McpConnection', shared.id)).toMatchObject({
    activeClientCount: 2,
    access: null,
  });
  expect(await asked(bea, ORGANIZATION, 'Organization', organization.id)).toEqual({ access: null });
  expect(await asked(eve, CONNECTION, 'McpConnection', shared.id)).toBeNull();
  expect(await asked(eve, ORGANIZATION, 'Organization', organization.id)).toBeNull();
});
