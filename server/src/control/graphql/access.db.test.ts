import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { ask as askFor, makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let ada: Person;
let eve: Person;
let handle: string;

beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  ada = await makeUser(database, 'Ada');
  eve = await makeUser(database, 'Eve');
  const connection = await makeConnection(database, { userId: ada.id }, 'Of Ada');
  const client = await makeClient(database);
  await signIn(database, { user: ada, client, connection });
  ({ handle } = await askFor(database, { user: ada, client, connection }));
  await makeOrganization(database, [ada]);
});
afterAll(() => database.close());

test('a consent request is its browser’s alone', async () => {
  for (const id of [handle, 'x', '', 'a'.repeat(32), "'; --"]) {
    expect((await world.ask(eve, 'query($id: String!) { authorizationRequest(id: $id) { id } }', { id })).data).toEqual(
      { authorizationRequest: null },
    );
    for (const verb of ['Approve', 'Deny']) {
      const answer = await world.ask(
        eve,
        `mutation($id: String!) { it: authorization${verb}(input: { requestId: $id }) { __typename } }`,
        { id },
      );
      expect(answer.data.it.__typename).toBe('NotFoundError');
    }
  }
});

test('#241 #265 lists hold the viewer’s own, whatever is searched for', async () => {
  const query = `query($s: String) { viewer {
    connections(search: $s) { totalCount edges { node { name } } } usableConnections { name }
    grants(search: $s, status: null) { totalCount } auditEvents { edges { node { kind summary } } } organizations { name } } }`;
  for (const s of [null, '', '%', '_', '\\', "'", 'Ada', 'Of Ada', '\u0001']) {
    expect((await world.ask(eve, query, { s })).data.viewer, String(s)).toEqual({
      connections: { totalCount: 0, edges: [] },
      usableConnections: [],
      grants: { totalCount: 0 },
      auditEvents: { edges: [] },
      organizations: [],
    });
  }
  const own = (await world.ask(ada, query, { s: 'of ADA' })).data.viewer;
  expect(own).toMatchObject({
    connections: { totalCount: 1 },
    grants: { totalCount: 1 },
    organizations: [{ name: 'Acme' }],
  });
  for (const s of ['%', '_', 'O%A']) {
    expect((await world.ask(ada, query, { s })).data.viewer, s).toMatchObject({
      connections: { totalCount: 0 },
      grants: { totalCount: 0 },
    });
  }
});

test('what is searched for is found as it is written, wildcards included', async () => {
  await makeConnection(database, { userId: eve.id }, '100% _real_ \\o/');
  await makeConnection(database, { userId: eve.id }, '1000 unreal');
  for (const search of ['100%', '_real_', '\\o/', '% _']) {
    const { data } = await world.ask(
      eve,
      'query($search: String) { viewer { connections(search: $search) { edges { node { name } } } } }',
      { search },
    );
    expect(data.viewer.connections.edges, search).toEqual([{ node: { name: '100% _real_ \\o/' } }]);
  }
});
