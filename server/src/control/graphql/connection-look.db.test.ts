/** What a connection's page asks beyond its settings: whether the upstream answers, and how much it is used. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
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
  if (request.url === '/keyed' && request.headers.authorization === 'Bearer own-key')
    return void answer(request, response);
  response.writeHead(401).end('the secret of the upstream');
});

/** An MCP server of 2025 with one tool. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { id, method } = JSON.parse((await text(request)) || '{}') as { id?: number; method?: string };
  const known: Record<string, object> = {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'Tool\u202ebox', version: '3' },
    },
    'tools/list': { tools: [{ name: 'weigh', inputSchema: { type: 'object' } }] },
  };
  const result = known[method ?? ''];
  if (id === undefined) return void response.writeHead(202).end();
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      jsonrpc: '2.0',
      id,
      ...(result ? { result } : { error: { code: -32601, message: 'unknown' } }),
    }),
  );
}
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

describe('connectionDiscover', () => {
  const LOOK = `mutation ($input: ConnectionDiscoverInput!) { it: connectionDiscover(input: $input) { __typename
    ... on ConnectionDiscoverPayload { status name test { reached problem protocolVersion server tools { name } } }
    ... on ValidationError { field message } } }`;
  const look = async (path: string, staticHeaders?: object[]) =>
    (await world.ask(ada, LOOK, { input: { remoteUrl: new URL(path, url).href, staticHeaders } })).data.it;

  test('tries a server out before there is a connection: with the headers that are given, which are kept nowhere', async () => {
    expect(await look('/keyed')).toMatchObject({ status: 'NEEDS_CREDENTIALS', name: null, test: null });
    expect(new Set(seen)).toEqual(new Set([undefined]));
    const key = (value: string) => [{ name: 'Authorization', value }];
    expect(await look('/keyed', key('Bearer own-key'))).toEqual({
      __typename: 'ConnectionDiscoverPayload',
      status: 'NEEDS_CREDENTIALS',
      // Marks that reorder text do not come out.
      name: 'Tool box',
      test: {
        reached: true,
        problem: null,
        protocolVersion: '2025-11-25',
        server: 'Tool box 3',
        tools: [{ name: 'weigh' }],
      },
    });
    expect(await look('/keyed', key('Bearer other'))).toMatchObject({
      test: { reached: false, problem: expect.stringContaining('refused the credentials') },
    });
    expect(await look('/keyed', [{ name: 'Host', value: 'elsewhere' }])).toMatchObject({ field: 'staticHeaders' });
    expect(await database.db.connection.count({ where: { ownerUserId: ada.id } })).toBe(0);
  });

  test('says why nothing is reached, as trying it out later would', async () => {
    const { status, test } = await look('http://127.0.0.1:1023/mcp');
    expect([status, test.problem]).toEqual(['UNREACHABLE', expect.stringContaining('Nothing listens at this address')]);
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
