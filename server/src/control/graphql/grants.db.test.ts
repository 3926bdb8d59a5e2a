import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { ask as askFor, makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let ended: { grantIds: readonly string[]; familyIds?: readonly string[] | undefined }[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database, {
    endStreams: (what) => {
      ended.push(what);
      return 3;
    },
  });
});
afterAll(() => database.close());

let ada: Person;
beforeEach(async () => {
  ended = [];
  ada = await makeUser(database);
});

const RECEIPT =
  'receipt { grants families refreshTokens authorizationCodes authorizationRequests pendingProviderAuthorizations openStreams }';
const GRANT = 'grant { id status revokedAt revocationReason families { id revokedAt revocationReason } }';

async function granted(person: Person, name = 'Claude Code') {
  const connection = await makeConnection(database, { userId: person.id }, `For ${name}`);
  const client = await makeClient(database, { name });
  const { grantId, familyId } = await signIn(database, { user: person, client, connection });
  return { connection, client, grantId, familyId, id: encodeGlobalId('Grant', grantId) };
}

const revoke = async (person: Person, grantId: string) =>
  (
    await world.ask(
      person,
      `mutation($grantId: ID!) { it: grantRevoke(input: { grantId: $grantId }) { __typename ... on GrantRevokePayload { ${GRANT} ${RECEIPT} } } }`,
      { grantId },
    )
  ).data.it;

describe('grantRevoke', () => {
  test('ends the grant with all that hangs on it, cuts its streams, and tells how much that was', async () => {
    const { id, grantId } = await granted(ada);
    const answer = await revoke(ada, id);
    expect(answer).toMatchObject({
      __typename: 'GrantRevokePayload',
      grant: {
        id,
        status: 'REVOKED',
        revokedAt: expect.any(String),
        revocationReason: 'user_revoked',
        families: [{ revocationReason: 'user_revoked' }],
      },
      receipt: { grants: 1, families: 1, refreshTokens: 1, authorizationCodes: 0, openStreams: 3 },
    });
    expect(ended).toEqual([{ grantIds: [grantId], familyIds: [] }]);
    expect(await database.db.auditEvent.count({ where: { grantId, kind: 'grant.revoked', actorUserId: ada.id } })).toBe(
      1,
    );
  });

  test('again it answers the same, with a receipt of nothing', async () => {
    const { id } = await granted(ada);
    const { receipt: _, ...first } = await revoke(ada, id);
    const { receipt, ...second } = await revoke(ada, id);
    expect(second).toEqual(first);
    expect(Object.values(receipt)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(ended).toHaveLength(1);
  });

  test('of five at once one ends it', async () => {
    const { id, grantId } = await granted(ada);
    const answers = await Promise.all(Array.from({ length: 5 }, () => revoke(ada, id)));
    expect(answers.map(({ receipt }) => receipt.grants).sort()).toEqual([0, 0, 0, 0, 1]);
    expect(await database.db.auditEvent.count({ where: { grantId, kind: 'grant.revoked' } })).toBe(1);
  });

  test('field note 9: works also after one left the organization', async () => {
    const organization = await makeOrganization(database, [ada]);
    const connection = await makeConnection(database, { organizationId: organization.id, assignees: [ada] });
    const { grantId } = await signIn(database, { user: ada, client: await makeClient(database), connection });
    await database.db.membership.updateMany({
      where: { organizationId: organization.id },
      data: { removedAt: new Date() },
    });
    expect((await revoke(ada, encodeGlobalId('Grant', grantId))).receipt.grants).toBe(1);
  });
});

describe('clientRevoke', () => {
  test('field note 11: takes back all of the viewer’s grants of one client, and nobody else’s', async () => {
    const eve = await makeUser(database, 'Eve');
    const { client, grantId } = await granted(ada);
    const other = await makeConnection(database, { userId: ada.id });
    await signIn(database, { user: ada, client, connection: other });
    const eves = await signIn(database, {
      user: eve,
      client,
      connection: await makeConnection(database, { userId: eve.id }),
    });
    const query = `mutation($clientId: ID!) { it: clientRevoke(input: { clientId: $clientId }) { __typename ... on ClientRevokePayload { grants { id status } ${RECEIPT} } } }`;
    const clientId = encodeGlobalId('Client', client.id);
    const first = (await world.ask(ada, query, { clientId })).data.it;
    expect(first.receipt).toMatchObject({ grants: 2, families: 2, openStreams: 3 });
    expect(first.grants.map(({ status }: { status: string }) => status)).toEqual(['REVOKED', 'REVOKED']);
    expect(first.grants.map(({ id }: { id: string }) => id)).toContain(encodeGlobalId('Grant', grantId));
    const second = (await world.ask(ada, query, { clientId })).data.it;
    expect(second.receipt).toMatchObject({ grants: 0, openStreams: 0 });
    expect(second.grants).toEqual(first.grants);
    expect((await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: eves.grantId } })).status).toBe('active');
  });
});

describe('familyRevoke', () => {
  test('field note 12: ends one sign-in; the other and the grant stay', async () => {
    const { connection, client, grantId, familyId, id } = await granted(ada);
    const laptop = await signIn(database, { user: ada, client, connection });
    expect(laptop.grantId).toBe(grantId);
    const query = `mutation($familyId: ID!) { it: familyRevoke(input: { familyId: $familyId }) { ... on FamilyRevokePayload { ${GRANT} ${RECEIPT} } } }`;
    const answer = (await world.ask(ada, query, { familyId: encodeGlobalId('TokenFamily', familyId) })).data.it;
    expect(answer.receipt).toMatchObject({ grants: 0, families: 1, refreshTokens: 1, openStreams: 3 });
    expect(answer.grant).toMatchObject({ id, status: 'ACTIVE' });
    // Live ones come first.
    expect(answer.grant.families).toMatchObject([
      { id: encodeGlobalId('TokenFamily', laptop.familyId), revokedAt: null },
      { id: encodeGlobalId('TokenFamily', familyId), revocationReason: 'user_revoked' },
    ]);
    expect(ended).toEqual([{ grantIds: [], familyIds: [familyId] }]);
    expect(
      (await world.ask(ada, query, { familyId: encodeGlobalId('TokenFamily', familyId) })).data.it.receipt.families,
    ).toBe(0);
  });
});

describe('grants', () => {
  test('are told with client, connection, owner, sign-ins and usage', async () => {
    const { id, grantId, connection } = await granted(ada);
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
    const old = new Date(hour.getTime() - 40 * 86_400_000);
    await database.db.grantUsage.createMany({
      data: [
        { grantId, hour, requests: 5, errors: 1, denials: 2 },
        { grantId, hour: old, requests: 9 },
      ],
    });
    const query = `{ viewer { grants { totalCount edges { node { id status redirectUri scopes approvedAt lastUsedAt expiresAt revokedAt
      client { clientId name verifiedHost kind } connection { name url status } owner { __typename ... on User { name } }
      families { label lastUsedAt } usage { hour requests errors denials } all: usage(days: 60) { requests } } } } } }`;
    const answer = await world.ask(ada, query);
    expect(answer.errors).toEqual([]);
    expect(answer.data.viewer.grants).toMatchObject({ totalCount: 1 });
    expect(answer.data.viewer.grants.edges[0].node).toMatchObject({
      id,
      status: 'ACTIVE',
      redirectUri: 'http://localhost:7777/callback',
      scopes: ['mcp:access'],
      lastUsedAt: null,
      expiresAt: null,
      revokedAt: null,
      client: { name: 'Claude Code', verifiedHost: null, kind: 'DYNAMIC' },
      connection: {
        name: connection.name,
        status: 'ENABLED',
        url: expect.stringContaining(connection.resource.routeKey),
      },
      owner: { __typename: 'User', name: 'Ada' },
      families: [{ label: 'a laptop', lastUsedAt: null }],
      usage: [{ hour: hour.toISOString(), requests: 5, errors: 1, denials: 2 }],
      all: [{ requests: 9 }, { requests: 5 }],
    });
    const far = await world.ask(ada, '{ viewer { grants { edges { node { usage(days: 100000) { requests } } } } } }');
    expect(far.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('pages are in a stable order, without holes or doubles, and filters hold', async () => {
    const connection = await makeConnection(database, { userId: ada.id }, 'Shared');
    const made: string[] = [];
    for (let i = 0; i < 7; i++) {
      const client = await makeClient(database, { name: `Client ${i}` });
      made.push(encodeGlobalId('Grant', (await signIn(database, { user: ada, client, connection })).grantId));
    }
    await database.db.oAuthGrant.updateMany({ where: { userId: ada.id }, data: { approvedAt: new Date(0) } });
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 10; pages++) {
      const { data } = await world.ask(
        ada,
        'query($after: String) { viewer { grants(first: 3, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } } }',
        { after },
      );
      expect(data.viewer.grants.totalCount).toBe(7);
      seen.push(...data.viewer.grants.edges.map(({ node }: { node: { id: string } }) => node.id));
      if (!data.viewer.grants.pageInfo.hasNextPage) break;
      after = data.viewer.grants.pageInfo.endCursor;
    }
    expect(seen).toEqual([...made].reverse());
    await revoke(ada, made[0] as string);
    const count = async (args: string) =>
      (await world.ask(ada, `{ viewer { grants(${args}) { totalCount } } }`)).data.viewer.grants.totalCount;
    expect(await count('status: ACTIVE')).toBe(6);
    expect(await count('status: REVOKED')).toBe(1);
    expect(await count('status: null')).toBe(7);
    expect(await count('search: "client 3"')).toBe(1);
    expect(await count('search: "SHARED"')).toBe(6);
    expect(await count('search: "nothing of the kind"')).toBe(0);
  });

  test('a grant that is revoked between two pages hides no other', async () => {
    for (let made = 0; made < 4; made++) await granted(ada, `Client ${made}`);
    const page = async (first: number, after: string | null) =>
      (
        await world.ask(
          ada,
          'query($first: Int, $after: String) { viewer { grants(first: $first, after: $after) { pageInfo { endCursor } edges { node { id } } } } }',
          { first, after },
        )
      ).data.viewer.grants;
    const idsOf = ({ edges }: { edges: { node: { id: string } }[] }) => edges.map(({ node }) => node.id);
    const all = idsOf(await page(10, null));
    const first = await page(2, null);
    await revoke(ada, idsOf(first)[1] as string);
    expect(idsOf(await page(10, first.pageInfo.endCursor))).toEqual(all.slice(2));
  });

  test('#241 personal ones and those of an organization are kept apart', async () => {
    await granted(ada);
    const organization = await makeOrganization(database, [ada]);
    const connection = await makeConnection(database, { organizationId: organization.id, assignees: [ada] }, 'Of Acme');
    await signIn(database, { user: ada, client: await makeClient(database), connection });
    const query = `query($owner: OwnerInput) { viewer { grants(owner: $owner) { edges { node { connection { name } owner { __typename } } } }
      usableConnections(owner: $owner) { name } connections(owner: $owner) { edges { node { name } } }
      auditEvents(owner: $owner, kinds: ["authorization.approved"]) { edges { node { connection { name } summary } } } } }`;
    const names = async (owner: unknown) =>
      JSON.stringify((await world.ask(ada, query, { owner })).data.viewer).match(/Of Acme|For Claude Code/g);
    expect(new Set(await names({ organizationId: encodeGlobalId('Organization', organization.id) }))).toEqual(
      new Set(['Of Acme']),
    );
    expect(new Set(await names(null))).toEqual(new Set(['For Claude Code']));
  });
});

test('auditEvents: newest first, in plain words, filtered by grant, connection and kind', async () => {
  const { id, connection } = await granted(ada);
  await granted(ada, 'Other');
  await revoke(ada, id);
  const query = `query($grantId: ID, $connectionId: ID, $kinds: [String!]) { viewer { auditEvents(grantId: $grantId, connectionId: $connectionId, kinds: $kinds) {
    edges { node { kind outcome summary actor { name } grant { id } client { name } connection { name } } } } } }`;
  const events = async (variables: Record<string, unknown>) =>
    (await world.ask(ada, query, variables)).data.viewer.auditEvents.edges.map(({ node }: { node: unknown }) => node);
  const ofGrant = await events({ grantId: id });
  expect(ofGrant[0]).toEqual({
    kind: 'grant.revoked',
    outcome: 'SUCCESS',
    summary: 'The authorization of “Claude Code” to use “For Claude Code” ended, because you took it back.',
    actor: { name: 'Ada' },
    grant: { id },
    client: { name: 'Claude Code' },
    connection: { name: connection.name },
  });
  expect(ofGrant.length).toBeGreaterThan(1);
  expect(ofGrant.every((event: { grant: { id: string } }) => event.grant.id === id)).toBe(true);
  expect(
    await events({ connectionId: encodeGlobalId('McpConnection', connection.id), kinds: ['grant.revoked'] }),
  ).toHaveLength(1);
  expect(await events({ kinds: ['nothing.such'] })).toEqual([]);
});

test('#236 the number of statements does not grow with the number of rows', async () => {
  const statements = async () => {
    let count = 0;
    const counting = {
      ...database,
      db: database.db.$extends({
        query: {
          $allOperations: ({ args, query }) => {
            count++;
            return query(args);
          },
        },
      }) as never,
    };
    const { ask } = await openGraphqlApp(counting);
    const answer = await ask(
      ada,
      `{ viewer { user { name } grants(first: 100) { totalCount edges { node { id client { name } connection { name url owner { __typename } activeGrantCount }
      owner { __typename } families { label } usage { hour } } } } connections { edges { node { url owner { __typename } activeGrantCount } } } } }`,
    );
    expect(answer.errors).toEqual([]);
    return count;
  };
  await granted(ada);
  const few = await statements();
  for (let i = 0; i < 4; i++) await granted(ada, `Client ${i}`);
  expect(await statements()).toBe(few);
});

describe('consent', () => {
  const SHOWN = `query($id: String!) { authorizationRequest(id: $id) { id status client { name } redirectUri redirectUriIsLoopback scopes
    connection { name remoteUrl } candidateConnections { name } owner { __typename ... on User { name } } clientKnown expiresAt } }`;
  const BROWSER = { cookie: 'grantway_browser=the-browser-of-these-tests' };

  async function asked() {
    const connection = await makeConnection(database, { userId: ada.id }, 'Linear');
    const client = await makeClient(database, { name: 'Cursor' });
    const { handle } = await askFor(database, { user: ada, client, connection });
    return { handle, client, connection };
  }

  test('shows who asks for what, to the browser that it began in', async () => {
    const { handle } = await asked();
    const { data } = await world.ask(ada, SHOWN, { id: handle }, BROWSER);
    expect(data.authorizationRequest).toEqual({
      id: handle,
      status: 'PENDING',
      client: { name: 'Cursor' },
      redirectUri: 'http://localhost:7777/callback',
      redirectUriIsLoopback: true,
      scopes: ['mcp:access'],
      connection: { name: 'Linear', remoteUrl: 'http://127.0.0.1:9/mcp' },
      candidateConnections: [],
      owner: { __typename: 'User', name: 'Ada' },
      clientKnown: false,
      expiresAt: expect.any(String),
    });
    expect((await world.ask(ada, SHOWN, { id: handle })).data.authorizationRequest).toBeNull();
    expect(
      (await world.ask(ada, SHOWN, { id: handle }, { cookie: 'grantway_browser=another' })).data.authorizationRequest,
    ).toBeNull();
  });

  const approve = (input: Record<string, unknown>) =>
    world.ask(
      ada,
      `mutation($input: AuthorizationApproveInput!) { it: authorizationApprove(input: $input) { __typename ... on AuthorizationApprovePayload { redirectTo }
        ... on Error { message } ... on AuthorizationRequestClosedError { status } ... on ValidationError { field } } }`,
      { input },
      BROWSER,
    );

  test('authorizationApprove answers with the way back, once', async () => {
    const { handle } = await asked();
    expect((await approve({ requestId: handle, expiresIn: 5 })).data.it).toMatchObject({
      __typename: 'ValidationError',
      field: 'expiresIn',
    });
    const first = (await approve({ requestId: handle, expiresIn: 3_600 })).data.it;
    expect(first.redirectTo).toMatch(
      /^http:\/\/localhost:7777\/callback\?code=gwc_[^&]+&state=state&iss=http%3A%2F%2Flocalhost%3A4000$/,
    );
    expect((await approve({ requestId: handle })).data.it).toMatchObject({
      __typename: 'AuthorizationRequestClosedError',
      status: 'APPROVED',
    });
    expect((await world.ask(ada, SHOWN, { id: handle }, BROWSER)).data.authorizationRequest).toMatchObject({
      status: 'APPROVED',
      clientKnown: true,
    });
  });

  test('authorizationDeny answers with access_denied, once, and grants nothing', async () => {
    const { handle, client } = await asked();
    const deny = async () =>
      (
        await world.ask(
          ada,
          'mutation($id: String!) { it: authorizationDeny(input: { requestId: $id }) { __typename ... on AuthorizationDenyPayload { redirectTo } ... on AuthorizationRequestClosedError { status } } }',
          { id: handle },
          BROWSER,
        )
      ).data.it;
    expect((await deny()).redirectTo).toContain('error=access_denied');
    expect(await deny()).toEqual({ __typename: 'AuthorizationRequestClosedError', status: 'DENIED' });
    expect(await database.db.oAuthGrant.count({ where: { oauthClientId: client.id } })).toBe(0);
  });

  test('where the client named no resource the person picks, unless there is only one to pick', async () => {
    const { handle } = await asked();
    await database.db.authorizationRequest.updateMany({
      where: { handle },
      data: { connectionId: null, connectResourceId: null },
    });
    expect((await world.ask(ada, SHOWN, { id: handle }, BROWSER)).data.authorizationRequest).toMatchObject({
      connection: { name: 'Linear' },
      candidateConnections: [],
    });
    const other = await makeConnection(database, { userId: ada.id }, 'Another');
    expect((await world.ask(ada, SHOWN, { id: handle }, BROWSER)).data.authorizationRequest).toMatchObject({
      connection: null,
      owner: null,
      candidateConnections: [{ name: 'Another' }, { name: 'Linear' }],
    });
    expect((await approve({ requestId: handle })).data.it).toMatchObject({ field: 'connectionId' });
    expect(
      (await approve({ requestId: handle, connectionId: encodeGlobalId('McpConnection', other.id) })).data.it
        .redirectTo,
    ).toContain('code=');
  });
});
