/** What a connection's page asks beyond its settings: whether the upstream answers, and how much it is used. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let seen: (string | undefined)[] = [];
const upstream = createServer((request, response) => {
  seen.push(request.headers.authorization);
  response.writeHead(401).end('the secret of the upstream');
});
let url = '';
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
});
afterAll(async () => {
  upstream.closeAllConnections();
  upstream.close();
  await database.close();
});

let ada: Person;
beforeEach(async () => {
  seen = [];
  ada = await makeUser(database);
});

const TEST = `mutation ($connectionId: ID!) { it: connectionTest(input: { connectionId: $connectionId }) { __typename
  ... on ConnectionTestPayload { test { reached milliseconds problem protocolVersion server tools { name } moreTools } }
  ... on ValidationError { message } } }`;
const tryOut = async (person: Person, connectionId: string) => world.ask(person, TEST, { connectionId });

describe('connectionTest', () => {
  test('sends the credentials of the connection, and tells what went wrong in our own words', async () => {
    const { data } = await world.ask(
      ada,
      `mutation ($input: ConnectionCreateInput!) { it: connectionCreate(input: $input) { ... on ConnectionCreatePayload { connection { id } } } }`,
      {
        input: {
          name: 'Refusing',
          remoteUrl: url,
          authMode: 'STATIC_HEADERS',
          staticHeaders: [{ name: 'Authorization', value: 'Bearer own-key' }],
        },
      },
    );
    const answer = await tryOut(ada, data.it.connection.id);
    expect(answer.data.it).toEqual({
      __typename: 'ConnectionTestPayload',
      test: {
        reached: false,
        milliseconds: expect.any(Number),
        problem: 'The server refused the credentials of this connection. (Status 401.)',
        protocolVersion: null,
        server: null,
        tools: [],
        moreTools: false,
      },
    });
    expect(new Set(seen)).toEqual(new Set(['Bearer own-key']));
    expect(answer.text).not.toMatch(/own-key|secret of the upstream/);
  });

  test('is for those who see the connection, and not without end', async () => {
    const connection = await makeConnection(database, { userId: ada.id });
    await database.db.connection.update({ where: { id: connection.id }, data: { remoteUrl: url } });
    const id = encodeGlobalId('McpConnection', connection.id);
    const eve = await makeUser(database, 'Eve');
    for (const wrong of [id, 'nonsense', encodeGlobalId('McpConnection', eve.id)]) {
      expect((await tryOut(eve, wrong)).data.it).toEqual({ __typename: 'NotFoundError' });
    }
    expect(seen).toEqual([]);
    const outcomes = await Promise.all(Array.from({ length: 22 }, () => tryOut(ada, id)));
    const refused = outcomes.filter(({ data }) => data.it.__typename === 'ValidationError');
    expect(refused).toHaveLength(2);
    expect(refused[0]?.data.it.message).toMatch(/^That was often enough for now\. Try again in \d+ s\.$/);
  });
});

describe('McpConnection.usage', () => {
  const USAGE = `query ($id: ID!, $days: Int) { node(id: $id) { ... on McpConnection { usage(days: $days) { hour requests errors denials } } } }`;

  test('adds up what all grants were used for: everyone’s for who manages it, else one’s own', async () => {
    const eve = await makeUser(database, 'Eve');
    const organization = await makeOrganization(database, [ada, eve]);
    await database.db.membership.updateMany({
      where: { organizationId: organization.id, userId: ada.id },
      data: { role: 'admin' },
    });
    const connection = await makeConnection(database, { organizationId: organization.id, assignees: [ada, eve] });
    const client = await makeClient(database);
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
    for (const user of [ada, eve]) {
      const { grantId } = await signIn(database, { user, client, connection });
      await database.db.grantUsage.createMany({
        data: [
          { grantId, hour, requests: 3, errors: 1, denials: 2 },
          { grantId, hour: new Date(hour.getTime() - 40 * 86_400_000), requests: 7 },
        ],
      });
    }
    const id = encodeGlobalId('McpConnection', connection.id);
    const of = async (person: Person, days?: number) =>
      (await world.ask(person, USAGE, { id, ...(days === undefined ? {} : { days }) })).data.node.usage;
    expect(await of(ada)).toEqual([{ hour: hour.toISOString(), requests: 6, errors: 2, denials: 4 }]);
    expect(await of(eve)).toEqual([{ hour: hour.toISOString(), requests: 3, errors: 1, denials: 2 }]);
    expect(await of(ada, 60)).toHaveLength(2);
    expect((await world.ask(ada, USAGE, { id, days: 91 })).errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
