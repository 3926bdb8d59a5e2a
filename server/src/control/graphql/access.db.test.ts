import { getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '../../core/people/api-key.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { ask as askFor, makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';
import { READABLE_TYPES } from './node.ts';
import { schema } from './schema.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let ada: Person;
let eve: Person;
/** Everything of Ada's by its type, as global ids. */
let adas: Record<string, string>;
let handle: string;

beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  ada = await makeUser(database, 'Ada');
  eve = await makeUser(database, 'Eve');
  const connection = await makeConnection(database, { userId: ada.id }, 'Of Ada');
  const client = await makeClient(database);
  const { grantId, familyId } = await signIn(database, { user: ada, client, connection });
  ({ handle } = await askFor(database, { user: ada, client, connection }));
  const organization = await makeOrganization(database, [ada]);
  const event = await database.db.auditEvent.findFirstOrThrow({ where: { grantId } });
  const key = await createApiKey(
    database,
    { userId: ada.id, organizationId: null, name: 'CI', scopes: ['grants:read'] },
    new Date(),
  );
  if (!key.ok) throw new Error('a key was refused');
  adas = {
    ApiKey: encodeGlobalId('ApiKey', key.value.id),
    AuditEvent: encodeGlobalId('AuditEvent', event.id),
    Client: encodeGlobalId('Client', client.id),
    Grant: encodeGlobalId('Grant', grantId),
    McpConnection: encodeGlobalId('McpConnection', connection.id),
    Organization: encodeGlobalId('Organization', organization.id),
    TokenFamily: encodeGlobalId('TokenFamily', familyId),
    User: encodeGlobalId('User', ada.id),
  };
});
afterAll(() => database.close());

const RANDOM = '01999999-9999-7999-8999-999999999999';

/** Ids that name nothing to Eve: another's, unknown ones, other types', malformed ones. */
const useless = (type: string): string[] => [
  adas[type] as string,
  encodeGlobalId(type, RANDOM),
  ...Object.entries(adas)
    .filter(([other]) => other !== type)
    .map(([, id]) => id),
  '',
  'x',
  '%00',
  encodeGlobalId(type, 'not-a-uuid'),
  encodeGlobalId('', RANDOM),
  encodeGlobalId('__proto__', RANDOM),
  encodeGlobalId('constructor', RANDOM),
  Buffer.from(`${type}:${RANDOM}`).toString('base64url').concat('='),
  Buffer.from(`${type}:${RANDOM}:x`).toString('base64url'),
  'a'.repeat(5_000),
];

/** For every argument and input field of type ID: the type that it names, and how to ask with it. */
const WAYS: Record<string, { type: string; query: string }> = {
  'Query.node(id)': { type: 'Grant', query: 'query($id: ID!) { it: node(id: $id) { id } }' },
  'Viewer.auditEvents(grantId)': {
    type: 'Grant',
    query: 'query($id: ID!) { viewer { it: auditEvents(grantId: $id) { edges { cursor } } } }',
  },
  'Viewer.auditEvents(connectionId)': {
    type: 'McpConnection',
    query: 'query($id: ID!) { viewer { it: auditEvents(connectionId: $id) { edges { cursor } } } }',
  },
  'OwnerInput.organizationId': {
    type: 'Organization',
    query: 'query($id: ID!) { viewer { it: grants(owner: { organizationId: $id }) { totalCount } } }',
  },
  'GrantRevokeInput.grantId': {
    type: 'Grant',
    query: 'mutation($id: ID!) { it: grantRevoke(input: { grantId: $id }) { __typename } }',
  },
  'Viewer.authorizedClients(connectionId)': {
    type: 'McpConnection',
    query: 'query($id: ID!) { viewer { it: authorizedClients(connectionId: $id) { edges { cursor } } } }',
  },
  'GrantsRevokeInput.grantIds': {
    type: 'Grant',
    query: 'mutation($id: ID!) { it: grantsRevoke(input: { grantIds: [$id] }) { __typename } }',
  },
  'ApiKeyCreateInput.organizationId': {
    type: 'Organization',
    query:
      'mutation($id: ID!) { it: apiKeyCreate(input: { organizationId: $id, name: "a", scopes: [GRANTS_READ] }) { __typename } }',
  },
  'ApiKeyRevokeInput.apiKeyId': {
    type: 'ApiKey',
    query: 'mutation($id: ID!) { it: apiKeyRevoke(input: { apiKeyId: $id }) { __typename } }',
  },
  'ClientRevokeInput.clientId': {
    type: 'Client',
    query: 'mutation($id: ID!) { it: clientRevoke(input: { clientId: $id }) { __typename } }',
  },
  'FamilyRevokeInput.familyId': {
    type: 'TokenFamily',
    query: 'mutation($id: ID!) { it: familyRevoke(input: { familyId: $id }) { __typename } }',
  },
  'ConnectionCreateInput.organizationId': {
    type: 'Organization',
    query:
      'mutation($id: ID!) { it: connectionCreate(input: { organizationId: $id, name: "a", remoteUrl: "https://a.example", authMode: NONE }) { __typename } }',
  },
  'ConnectionUpdateInput.connectionId': {
    type: 'McpConnection',
    query: 'mutation($id: ID!) { it: connectionUpdate(input: { connectionId: $id, name: "mine" }) { __typename } }',
  },
  'ConnectionEnableInput.connectionId': {
    type: 'McpConnection',
    query: 'mutation($id: ID!) { it: connectionEnable(input: { connectionId: $id }) { __typename } }',
  },
  'ConnectionDisableInput.connectionId': {
    type: 'McpConnection',
    query: 'mutation($id: ID!) { it: connectionDisable(input: { connectionId: $id }) { __typename } }',
  },
  'ConnectionDeleteInput.connectionId': {
    type: 'McpConnection',
    query: 'mutation($id: ID!) { it: connectionDelete(input: { connectionId: $id }) { __typename } }',
  },
  'ConnectionRotateRouteInput.connectionId': {
    type: 'McpConnection',
    query: 'mutation($id: ID!) { it: connectionRotateRoute(input: { connectionId: $id }) { __typename } }',
  },
  'ConnectionProviderSignInInput.connectionId': {
    type: 'McpConnection',
    query: 'mutation($id: ID!) { it: connectionProviderSignIn(input: { connectionId: $id }) { __typename } }',
  },
  'ConnectionProviderDisconnectInput.connectionId': {
    type: 'McpConnection',
    query: 'mutation($id: ID!) { it: connectionProviderDisconnect(input: { connectionId: $id }) { __typename } }',
  },
  'ConnectionSetStaticHeadersInput.connectionId': {
    type: 'McpConnection',
    query:
      'mutation($id: ID!) { it: connectionSetStaticHeaders(input: { connectionId: $id, staticHeaders: [{ name: "A", value: "b" }] }) { __typename } }',
  },
  'ConnectionSetProviderClientInput.connectionId': {
    type: 'McpConnection',
    query:
      'mutation($id: ID!) { it: connectionSetProviderClient(input: { connectionId: $id, providerClientId: "a" }) { __typename } }',
  },
  'AuthorizationApproveInput.connectionId': {
    type: 'McpConnection',
    query:
      'mutation($id: ID!) { it: authorizationApprove(input: { requestId: "HANDLE", connectionId: $id }) { __typename } }',
  },
};

describe('#240 ids of others', () => {
  test('no argument of an ID type is missing from the table', () => {
    const found: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__')) continue;
      if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields()))
          if (getNamedType(field.type).name === 'ID') found.push(`${type.name}.${field.name}`);
      } else if (isObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          for (const argument of field.args)
            if (getNamedType(argument.type).name === 'ID') found.push(`${type.name}.${field.name}(${argument.name})`);
        }
      }
    }
    expect(found.sort()).toEqual(Object.keys(WAYS).sort());
  });

  for (const [argument, { type, query }] of Object.entries(WAYS)) {
    test(`${argument}: another's, an unknown and a malformed id are answered alike, and change nothing`, async () => {
      const before = await snapshot();
      const answers = new Set<string>();
      for (const id of useless(type)) {
        const { status, data, errors } = await world.ask(eve, query.replace('HANDLE', handle), { id });
        answers.add(
          JSON.stringify({ status, data, codes: errors.map(({ message, extensions }) => [message, extensions.code]) }),
        );
      }
      expect([...answers]).toHaveLength(1);
      expect([...answers][0]).toMatch(/NotFoundError|"it":null|"edges":\[\]|FORBIDDEN/);
      expect(await snapshot()).toEqual(before);
    });
  }

  test('`node` opens what is the viewer’s own, of every type, and to others nothing', async () => {
    for (const [type, id] of Object.entries(adas).filter(([type]) => READABLE_TYPES.includes(type))) {
      const query = 'query($id: ID!) { node(id: $id) { __typename id } }';
      expect((await world.ask(ada, query, { id })).data.node, type).toEqual({ __typename: type, id });
      expect((await world.ask(eve, query, { id })).data.node, type).toBeNull();
    }
    expect(
      (await world.ask(ada, 'query($id: ID!) { node(id: $id) { id } }', { id: adas.TokenFamily })).data.node,
    ).toBeNull();
  });

  test('a consent request is its browser’s alone', async () => {
    for (const id of [handle, 'x', '', 'a'.repeat(32), "'; --"]) {
      expect(
        (await world.ask(eve, 'query($id: String!) { authorizationRequest(id: $id) { id } }', { id })).data,
      ).toEqual({ authorizationRequest: null });
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
});

test('#241 #265 lists hold the viewer’s own, whatever is searched for', async () => {
  const query = `query($s: String) { viewer {
    connections(search: $s) { totalCount edges { node { name } } } usableConnections { name }
    grants(search: $s, status: null) { totalCount } auditEvents { edges { node { kind summary } } } organizations { name } } }`;
  for (const s of [null, '', '%', '_', '\\', "'", 'Ada', 'Of Ada', '\u0000']) {
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

/** All that a mutation could have changed. */
async function snapshot() {
  const { db } = database;
  return Promise.all([
    db.oAuthGrant.findMany({ orderBy: { id: 'asc' } }),
    db.tokenFamily.findMany({ orderBy: { id: 'asc' } }),
    db.connection.findMany({ orderBy: { id: 'asc' } }),
    db.connectResource.findMany({ orderBy: { id: 'asc' } }),
    db.connectionSecret.findMany({ orderBy: { id: 'asc' } }),
    db.authorizationRequest.findMany({ orderBy: { id: 'asc' } }),
    db.apiKey.findMany({ orderBy: { id: 'asc' } }),
    db.auditEvent.count(),
  ]);
}
