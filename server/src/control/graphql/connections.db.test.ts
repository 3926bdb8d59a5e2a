import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStaticHeaders } from '../../core/connections/secrets.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeClient, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { decodeGlobalId, encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let ada: Person;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  ada = await makeUser(database);
});
afterAll(() => database.close());

const FIELDS = `id name url remoteUrl authMode sharingMode status pathPassthrough version staticHeaderNames
  auxiliaryHeaders { name value } activeGrantCount owner { __typename ... on User { email } ... on Organization { name } }`;
const RECEIPT = 'receipt { grants families refreshTokens openStreams }';
const ERROR = '... on Error { message ... on ValidationError { field } }';

async function run(person: Person, mutation: string, input: Record<string, unknown>, selection = '') {
  const type = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  const answer = await world.ask(
    person,
    `mutation($input: ${type}Input!) { ${mutation}(input: $input) { __typename ${ERROR} ... on ${type}Payload { ${selection} } } }`,
    { input },
  );
  expect(answer.errors).toEqual([]);
  return answer.data[mutation];
}

const create = (input: Record<string, unknown> = {}, person = ada) =>
  run(
    person,
    'connectionCreate',
    { name: 'Linear', remoteUrl: 'https://mcp.example.com/mcp', authMode: 'NONE', ...input },
    `connection { ${FIELDS} }`,
  );

const rowOf = (id: string) =>
  database.db.connection.findUniqueOrThrow({
    where: { id: decodeGlobalId(id).id },
    include: { resources: true, secrets: true },
  });

/** A connection made by the API, with a client that is signed in through it. */
async function signedIn(input: Record<string, unknown> = {}) {
  const { connection } = await create(input);
  const row = await rowOf(connection.id);
  const resource = row.resources[0];
  if (!resource) throw new Error('no resource');
  const client = await makeClient(database);
  const { grantId } = await signIn(database, { user: ada, client, connection: { ...row, resource } });
  return {
    connection,
    row,
    grantId,
    grant: () => database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } }),
  };
}

const HEADERS = [{ name: 'Authorization', value: 'Bearer very-secret' }];

describe('connectionCreate', () => {
  test('makes a personal connection with a connect URL, on the record', async () => {
    const { connection } = await create({ auxiliaryHeaders: [{ name: 'X-Team', value: 'blue' }] });
    expect(connection).toMatchObject({
      name: 'Linear',
      authMode: 'NONE',
      sharingMode: 'SINGLE_USER',
      status: 'ENABLED',
      version: 1,
    });
    expect(connection.auxiliaryHeaders).toEqual([{ name: 'X-Team', value: 'blue' }]);
    expect(connection.url).toMatch(
      new RegExp(`^http://localhost:4000/mcp-connect/user/${ada.id}/[0-9a-f-]{36}/[A-Za-z0-9_-]{32}$`),
    );
    expect(connection.owner).toEqual({ __typename: 'User', email: ada.email });
    const { id } = decodeGlobalId(connection.id);
    expect(
      await database.db.auditEvent.count({
        where: { kind: 'connection.created', connectionId: id, ownerUserId: ada.id },
      }),
    ).toBe(1);
  });

  test('#248 seals static headers: their values are in no table, no answer and no record', async () => {
    const { connection } = await create({ authMode: 'STATIC_HEADERS', staticHeaders: HEADERS });
    expect(connection.staticHeaderNames).toEqual(['Authorization']);
    const row = await rowOf(connection.id);
    expect(JSON.stringify([row, connection, await database.db.auditEvent.findMany()])).not.toContain('very-secret');
    const open = openStaticHeaders({ database, keyring: world.keyring });
    const [secret] = row.secrets;
    expect(await open(secret?.id as string, 1)).toEqual(HEADERS);
    expect(open(secret?.id as string, 1)).toBe(open(secret?.id as string, 1));
    await expect(open(secret?.id as string, 2)).rejects.toThrow('temporarily unavailable');
  });

  test('bad input is told with the field at fault', async () => {
    const cases: [Record<string, unknown>, string][] = [
      [{ name: ' ' }, 'name'],
      [{ name: 'x'.repeat(81) }, 'name'],
      [{ name: 'a\u202eb' }, 'name'],
      [{ name: 'a\nb' }, 'name'],
      [{ remoteUrl: 'nonsense' }, 'remoteUrl'],
      [{ remoteUrl: 'file:///etc/passwd' }, 'remoteUrl'],
      [{ remoteUrl: 'http://mcp.example.com/mcp' }, 'remoteUrl'],
      [{ remoteUrl: 'https://10.0.0.1/mcp' }, 'remoteUrl'],
      [{ remoteUrl: 'https://a:b@mcp.example.com/mcp' }, 'remoteUrl'],
      [{ remoteUrl: 'https://mcp.example.com/mcp#x' }, 'remoteUrl'],
      [{ providerScopes: ['a'] }, 'providerScopes'],
      [{ authMode: 'OAUTH_DYNAMIC', providerIssuer: 'http://10.0.0.1' }, 'providerIssuer'],
      [{ authMode: 'OAUTH_DYNAMIC', providerResource: 'https://a.example/#b' }, 'providerResource'],
      [{ authMode: 'OAUTH_DYNAMIC', providerScopes: ['a"b'] }, 'providerScopes'],
      ...['state', 'redirect_uri', 'client_id', 'code_challenge_method', 'request', 'resource', 'a b'].map(
        (name): [Record<string, unknown>, string] => [
          { authMode: 'OAUTH_DYNAMIC', providerAuthorizeParameters: [{ name, value: 'b' }] },
          'providerAuthorizeParameters',
        ],
      ),
      [{ sharingMode: 'MULTI_USER' }, 'sharingMode'],
      [{ authMode: 'STATIC_HEADERS' }, 'staticHeaders'],
      [{ staticHeaders: HEADERS }, 'staticHeaders'],
      [{ authMode: 'STATIC_HEADERS', staticHeaders: [{ name: 'X A', value: 'b' }] }, 'staticHeaders'],
      [{ authMode: 'STATIC_HEADERS', staticHeaders: [{ name: 'X-A', value: 'b\r\nX-B: c' }] }, 'staticHeaders'],
      [{ authMode: 'STATIC_HEADERS', staticHeaders: [{ name: 'X-A', value: 'b\u0001' }] }, 'staticHeaders'],
      [{ authMode: 'STATIC_HEADERS', staticHeaders: [{ name: 'X-A', value: '' }] }, 'staticHeaders'],
      [{ authMode: 'STATIC_HEADERS', staticHeaders: [{ name: 'X-A', value: '✓' }] }, 'staticHeaders'],
      [
        {
          authMode: 'STATIC_HEADERS',
          staticHeaders: [
            { name: 'a', value: 'b' },
            { name: 'A', value: 'c' },
          ],
        },
        'staticHeaders',
      ],
      ...[
        'Host',
        'content-length',
        'Transfer-Encoding',
        'Mcp-Session-Id',
        'Proxy-Authorization',
        'Last-Event-ID',
        'Connection',
        'Origin',
      ].map((name): [Record<string, unknown>, string] => [
        { authMode: 'STATIC_HEADERS', staticHeaders: [{ name, value: 'b' }] },
        'staticHeaders',
      ]),
      [{ auxiliaryHeaders: [{ name: 'Authorization', value: 'b' }] }, 'auxiliaryHeaders'],
      [
        { auxiliaryHeaders: Array.from({ length: 21 }, (_, i) => ({ name: `X-${i}`, value: 'b' })) },
        'auxiliaryHeaders',
      ],
      [{ auxiliaryHeaders: [{ name: 'X-A', value: 'b'.repeat(8_193) }] }, 'auxiliaryHeaders'],
    ];
    const before = await database.db.connection.count();
    for (const [input, field] of cases) {
      const answer = await create(input);
      expect(answer, JSON.stringify(input)).toMatchObject({ __typename: 'ValidationError', field });
      expect(answer.message).toMatch(/^[A-Z].+[.:]/);
    }
    expect(await database.db.connection.count()).toBe(before);
  });

  test('#241 for an organization that one is not in is forbidden, for one where one is a member refused', async () => {
    const foreign = await makeOrganization(database);
    const own = await makeOrganization(database, [ada]);
    for (const organizationId of [
      encodeGlobalId('Organization', foreign.id),
      'nonsense',
      encodeGlobalId('User', ada.id),
    ]) {
      const answer = await world.ask(
        ada,
        'mutation($input: ConnectionCreateInput!) { connectionCreate(input: $input) { __typename } }',
        { input: { name: 'A', remoteUrl: 'https://a.example/mcp', authMode: 'NONE', organizationId } },
      );
      expect(answer.errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
    expect(await create({ organizationId: encodeGlobalId('Organization', own.id) })).toMatchObject({
      field: 'organizationId',
    });
    await database.db.membership.updateMany({ where: { organizationId: own.id }, data: { role: 'admin' } });
    expect((await create({ organizationId: encodeGlobalId('Organization', own.id) })).connection).toMatchObject({
      sharingMode: 'MULTI_USER',
      owner: { __typename: 'Organization', name: 'Acme' },
    });
  });
});

describe('connectionUpdate', () => {
  const update = (input: Record<string, unknown>) =>
    run(ada, 'connectionUpdate', input, `connection { ${FIELDS} } ${RECEIPT}`);

  test('another name, other headers or passthrough end nothing', async () => {
    const { connection, grant } = await signedIn({ authMode: 'STATIC_HEADERS', staticHeaders: HEADERS });
    const changed = await update({
      connectionId: connection.id,
      version: 1,
      name: 'Renamed',
      pathPassthrough: true,
      auxiliaryHeaders: [{ name: 'X-A', value: 'b' }],
      staticHeaders: [{ name: 'Authorization', value: 'Bearer other' }],
    });
    expect(changed.receipt).toMatchObject({ grants: 0, families: 0 });
    expect(changed.connection).toMatchObject({
      name: 'Renamed',
      version: 1,
      activeGrantCount: 1,
      pathPassthrough: true,
    });
    expect((await grant()).status).toBe('active');
    expect((await rowOf(connection.id)).secrets[0]?.version).toBe(2);
  });

  test('another remote URL ends the grants, with a receipt', async () => {
    const { connection, grant } = await signedIn();
    const changed = await update({ connectionId: connection.id, remoteUrl: 'https://mcp.example.com/other' });
    expect(changed.receipt).toMatchObject({ grants: 1, families: 1, refreshTokens: 1 });
    expect(changed.connection).toMatchObject({ version: 2, activeGrantCount: 0 });
    expect(await grant()).toMatchObject({
      status: 'revoked',
      revocationReason: 'connection_changed',
      revokedBy: ada.id,
    });
  });

  test('#318 another host forgets the static headers, unless new ones come along', async () => {
    const { connection } = await signedIn({ authMode: 'STATIC_HEADERS', staticHeaders: HEADERS });
    await update({ connectionId: connection.id, remoteUrl: 'https://mcp.example.com/same-host' });
    expect((await rowOf(connection.id)).secrets).toHaveLength(1);
    const moved = await update({ connectionId: connection.id, remoteUrl: 'https://evil.example/mcp' });
    expect(moved.connection.staticHeaderNames).toEqual([]);
    expect((await rowOf(connection.id)).secrets).toEqual([]);
    const back = await update({
      connectionId: connection.id,
      remoteUrl: 'https://mcp.example.com/mcp',
      staticHeaders: HEADERS,
    });
    expect(back.connection.staticHeaderNames).toEqual(['Authorization']);
    const none = await update({ connectionId: connection.id, authMode: 'NONE' });
    expect(none.connection).toMatchObject({ authMode: 'NONE', staticHeaderNames: [] });
    expect((await rowOf(connection.id)).secrets).toEqual([]);
  });

  test('#249 a change made on an older version is a conflict, and changes nothing', async () => {
    const { connection } = await create();
    await update({ connectionId: connection.id, version: 1, remoteUrl: 'https://mcp.example.com/2' });
    const late = await update({ connectionId: connection.id, version: 1, remoteUrl: 'https://mcp.example.com/3' });
    expect(late.__typename).toBe('ConflictError');
    expect((await rowOf(connection.id)).remoteUrl).toBe('https://mcp.example.com/2');
  });

  test('a name that cannot be seen, or reads otherwise than it is written, is given to nothing', async () => {
    const making = `mutation ($name: String!) {
      organizationCreate(input: { name: $name }) { __typename }
      connectionCreate(input: { name: $name, remoteUrl: "https://mcp.example.com/mcp", authMode: NONE }) { __typename }
      apiKeyCreate(input: { name: $name, scopes: [GRANTS_READ] }) { __typename }
    }`;
    for (const name of ['\u200b', '\u3164\u2800', 'abc\u202egpj.exe', 'Bo\u200bb', 'a\nb']) {
      const refusal = { __typename: 'ValidationError' };
      const { data } = await world.ask(ada, making, { name });
      expect(data).toEqual({ organizationCreate: refusal, connectionCreate: refusal, apiKeyCreate: refusal });
    }
  });

  test('what is as it was changes nothing, and leaves no record', async () => {
    const { connection } = await create();
    const same = await update({
      connectionId: connection.id,
      name: 'Linear',
      remoteUrl: 'https://MCP.example.com/mcp',
      authMode: 'NONE',
    });
    expect(same.connection.version).toBe(1);
    const { id } = decodeGlobalId(connection.id);
    expect(await database.db.auditEvent.count({ where: { connectionId: id, kind: 'connection.updated' } })).toBe(0);
  });
});

describe('the address, the switch and the end', () => {
  test('connectionRotateRoute: the old address is dead with its grants, instances stay', async () => {
    const { connection, row, grant } = await signedIn();
    const rotated = await run(
      ada,
      'connectionRotateRoute',
      { connectionId: connection.id },
      `connection { url version } ${RECEIPT}`,
    );
    expect(rotated.connection.url).not.toBe(connection.url);
    expect(rotated.connection.version).toBe(1);
    expect(rotated.receipt.grants).toBe(1);
    expect((await grant()).revocationReason).toBe('route_rotated');
    expect(await database.db.connectResource.count({ where: { connectionId: row.id, retiredAt: null } })).toBe(1);
    expect(await database.db.connectionInstance.count({ where: { connectionId: row.id, status: 'active' } })).toBe(1);
  });

  test('connectionDisable ends the grants, once; connectionEnable gives none back', async () => {
    const { connection, grant } = await signedIn();
    const disable = () =>
      run(ada, 'connectionDisable', { connectionId: connection.id }, `connection { status } ${RECEIPT}`);
    expect(await disable()).toMatchObject({ connection: { status: 'DISABLED' }, receipt: { grants: 1 } });
    expect(await disable()).toMatchObject({ connection: { status: 'DISABLED' }, receipt: { grants: 0 } });
    const enabled = await run(
      ada,
      'connectionEnable',
      { connectionId: connection.id },
      `connection { status activeGrantCount }`,
    );
    expect(enabled.connection).toEqual({ status: 'ENABLED', activeGrantCount: 0 });
    expect((await grant()).revocationReason).toBe('connection_disabled');
    const { id } = decodeGlobalId(connection.id);
    expect(await database.db.auditEvent.count({ where: { connectionId: id, kind: 'connection.disabled' } })).toBe(1);
  });

  test('connectionDelete: the row stays for the record, all else goes', async () => {
    const { connection, row, grant } = await signedIn({ authMode: 'STATIC_HEADERS', staticHeaders: HEADERS });
    const deleted = await run(ada, 'connectionDelete', { connectionId: connection.id }, `connectionId ${RECEIPT}`);
    expect(deleted).toMatchObject({ connectionId: connection.id, receipt: { grants: 1 } });
    expect((await grant()).revocationReason).toBe('connection_deleted');
    expect(await rowOf(connection.id)).toMatchObject({
      secrets: [],
      staticHeaderNames: [],
      resources: [{ retiredAt: expect.any(Date) }],
    });
    expect(await database.db.connectionInstance.count({ where: { connectionId: row.id, status: 'removed' } })).toBe(1);
    expect(await run(ada, 'connectionDelete', { connectionId: connection.id })).toMatchObject({
      __typename: 'NotFoundError',
    });
    const answer = await world.ask(
      ada,
      'query($id: ID!) { node(id: $id) { id } viewer { connections(search: "Linear", first: 100) { edges { node { id } } } } }',
      { id: connection.id },
    );
    expect(answer.data.node).toBeNull();
    expect(answer.text).not.toContain(connection.id);
    // The grant still tells which connection it was for.
    const grants = await world.ask(
      ada,
      '{ viewer { grants(status: REVOKED) { edges { node { connection { id status url } } } } } }',
    );
    expect(grants.text).toContain('"status":"DELETED"');
  });

  test('connectionSetStaticHeaders replaces them all, and ends nothing', async () => {
    const { connection, grant } = await signedIn({ authMode: 'STATIC_HEADERS', staticHeaders: HEADERS });
    const set = (staticHeaders: unknown[], connectionId = connection.id) =>
      run(ada, 'connectionSetStaticHeaders', { connectionId, staticHeaders }, 'connection { staticHeaderNames }');
    expect((await set([{ name: 'X-Key', value: 'new' }])).connection.staticHeaderNames).toEqual(['X-Key']);
    expect(await set([])).toMatchObject({ field: 'staticHeaders' });
    expect((await grant()).status).toBe('active');
    const { connection: plain } = await create();
    expect(await set(HEADERS, plain.id)).toMatchObject({ __typename: 'ValidationError' });
  });
});
