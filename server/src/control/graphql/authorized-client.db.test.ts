import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refresh } from '../../core/tokens/refresh-token.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeClient, makeConnection, makeOrganization, makeUser, REFRESH_IDLE, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let ended: { grantIds: readonly string[] }[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database, {
    endStreams: (what) => {
      ended.push(what);
      return 2;
    },
  });
});
afterAll(() => database.close());

let ada: Person;
beforeEach(async () => {
  ended = [];
  ada = await makeUser(database);
});

const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

async function granted(person: Person, name: string, usedDaysAgo?: number, on?: string) {
  const connection = await makeConnection(database, { userId: person.id }, on ?? `For ${name}`);
  const client = await makeClient(database, { name });
  const signedIn = await signIn(database, { user: person, client, connection });
  if (usedDaysAgo !== undefined) {
    await database.db
      .$executeRaw`UPDATE oauth_grant SET last_used_at = ${daysAgo(usedDaysAgo)} WHERE id = ${signedIn.grantId}::uuid`;
  }
  return { connection, client, ...signedIn, id: encodeGlobalId('Grant', signedIn.grantId) };
}

const LIST = `query ($standing: GrantStanding, $order: ClientOrder, $search: String, $connectionId: ID, $first: Int, $after: String, $owner: OwnerInput) {
  viewer { authorizedClients(standing: $standing, order: $order, search: $search, connectionId: $connectionId, first: $first, after: $after, owner: $owner) {
    totalCount edges { node { id client { id name } grants { id status connection { name } families { label userAgent } deniedSince { count lastHour } } } }
    pageInfo { hasNextPage endCursor } } } }`;

const list = async (person: Person, variables: object = {}) =>
  (await world.ask(person, LIST, variables as Record<string, unknown>)).data.viewer.authorizedClients;
const namesIn = (page: { edges: { node: { client: { name: string } } }[] }): string[] =>
  page.edges.map(({ node }) => node.client.name);

describe('authorizedClients', () => {
  test('gathers the grants of each client, and orders by use', async () => {
    const old = await granted(ada, 'Old', 40);
    await granted(ada, 'Fresh', 0);
    await granted(ada, 'Middle', 3);
    const second = await makeConnection(database, { userId: ada.id }, 'Second');
    await signIn(database, { user: ada, client: old.client, connection: second });
    await database.db
      .$executeRaw`UPDATE oauth_grant SET last_used_at = ${daysAgo(50)} WHERE connection_id = ${second.id}::uuid`;

    const page = await list(ada);
    expect(namesIn(page)).toEqual(['Fresh', 'Middle', 'Old']);
    expect(page.totalCount).toBe(3);
    expect(page.edges[2].node).toMatchObject({
      id: encodeGlobalId('Client', old.client.id),
      client: { id: encodeGlobalId('Client', old.client.id) },
      grants: [
        { id: old.id, connection: { name: 'For Old' }, families: [{ label: 'a laptop', userAgent: 'scene/1.0' }] },
        { connection: { name: 'Second' } },
      ],
    });
    expect(namesIn(await list(ada, { order: 'LONGEST_UNUSED' }))).toEqual(['Old', 'Middle', 'Fresh']);
    expect(namesIn(await list(ada, { order: 'NEWEST' }))[0]).toBe('Old');
  });

  test('comes page by page, each client once, and stops', async () => {
    for (let number = 0; number < 5; number++) await granted(ada, `Client ${number}`, number);
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await list(ada, { first: 2, after });
      expect(page.totalCount).toBe(5);
      seen.push(...namesIn(page));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4].map((number) => `Client ${number}`));
    for (const after of ['', 'nonsense', '1/2', `99999999999999999999/${ada.id}`]) {
      const { errors } = await world.ask(ada, LIST, { after });
      expect(errors[0]?.extensions.code, after).toBe('BAD_USER_INPUT');
    }
  });

  test('finds words in the names of client and connection, as they are, and by connection', async () => {
    const one = await granted(ada, 'Claude 100%', 1, 'Tracker');
    await granted(ada, 'Cursor', 2, 'Wiki_2');
    expect(namesIn(await list(ada, { search: '100%' }))).toEqual(['Claude 100%']);
    expect(namesIn(await list(ada, { search: 'KI_' }))).toEqual(['Cursor']);
    expect(namesIn(await list(ada, { search: '%' }))).toEqual(['Claude 100%']);
    expect(namesIn(await list(ada, { connectionId: encodeGlobalId('McpConnection', one.connection.id) }))).toEqual([
      'Claude 100%',
    ]);
    expect(namesIn(await list(ada, { connectionId: 'nonsense' }))).toEqual([]);
  });

  test('keeps what was revoked and what expired, apart', async () => {
    const revoked = await granted(ada, 'Revoked');
    const expired = await granted(ada, 'Expired');
    await granted(ada, 'Living');
    await revokeAll(ada, [revoked.id]);
    await database.db
      .$executeRaw`UPDATE oauth_grant SET status = 'revoked', revoked_at = now(), revocation_reason = 'expired' WHERE id = ${expired.grantId}::uuid`;
    expect(namesIn(await list(ada))).toEqual(['Living']);
    expect(namesIn(await list(ada, { standing: 'REVOKED', order: 'LAST_ENDED' }))).toEqual(['Revoked']);
    expect(namesIn(await list(ada, { standing: 'EXPIRED', order: 'LAST_ENDED' }))).toEqual(['Expired']);
  });

  test('shows nobody else’s, and an organization’s apart', async () => {
    const eve = await makeUser(database, 'Eve');
    await granted(eve, 'Eve’s');
    const organization = await makeOrganization(database, [ada]);
    const connection = await makeConnection(database, { organizationId: organization.id, assignees: [ada] }, 'Acme');
    await signIn(database, { user: ada, client: await makeClient(database, { name: 'For Acme' }), connection });
    expect(namesIn(await list(ada))).toEqual([]);
    const owner = { organizationId: encodeGlobalId('Organization', organization.id) };
    expect(namesIn(await list(ada, { owner }))).toEqual(['For Acme']);
    expect(namesIn(await list(ada, { connectionId: encodeGlobalId('McpConnection', connection.id) }))).toEqual([
      'For Acme',
    ]);
    expect((await world.ask(eve, LIST, { owner })).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('tells how often an ended client still tried to refresh', async () => {
    const { id, client, refreshToken } = await granted(ada, 'Stubborn');
    await revokeAll(ada, [id]);
    const again = () =>
      refresh(
        database,
        { refreshToken: refreshToken ?? '', oauthClientId: client.id, isOtherResource: () => false, scopes: undefined },
        { refreshIdle: REFRESH_IDLE, replayWindow: 60, replays: 20 },
      );
    expect((await list(ada, { standing: 'REVOKED' })).edges[0].node.grants[0].deniedSince).toBeNull();
    for (let times = 0; times < 3; times++) expect(await again()).toEqual({ ok: false, reason: 'invalid_grant' });
    expect((await list(ada, { standing: 'REVOKED' })).edges[0].node.grants[0].deniedSince).toEqual({
      count: 3,
      lastHour: expect.any(String),
    });
  });
});

const REVOKE = `mutation ($grantIds: [ID!]!) { it: grantsRevoke(input: { grantIds: $grantIds }) { __typename
  ... on GrantsRevokePayload { grants { id status } receipt { grants families refreshTokens openStreams effectiveAt } } } }`;
const revokeAll = async (person: Person, grantIds: string[]) => (await world.ask(person, REVOKE, { grantIds })).data.it;

describe('grantsRevoke', () => {
  test('ends several in one act, once', async () => {
    const grants = [await granted(ada, 'One'), await granted(ada, 'Two')];
    const ids = grants.map(({ id }) => id);
    expect(await revokeAll(ada, [...ids, ids[0] as string])).toMatchObject({
      __typename: 'GrantsRevokePayload',
      grants: [{ status: 'REVOKED' }, { status: 'REVOKED' }],
      receipt: { grants: 2, families: 2, refreshTokens: 2, openStreams: 2, effectiveAt: expect.any(String) },
    });
    expect(ended).toHaveLength(1);
    expect((await revokeAll(ada, ids)).receipt).toMatchObject({ grants: 0, families: 0, openStreams: 0 });
    expect(
      await database.db.auditEvent.count({
        where: { grantId: { in: grants.map(({ grantId }) => grantId) }, kind: 'grant.revoked' },
      }),
    ).toBe(2);
  });

  test('refuses the whole where one is not the viewer’s, and ends nothing', async () => {
    const eve = await makeUser(database, 'Eve');
    const [own, other] = [await granted(ada, 'Mine'), await granted(eve, 'Not mine')];
    for (const wrong of [other.id, 'nonsense', encodeGlobalId('Grant', ada.id)]) {
      expect(await revokeAll(ada, [own.id, wrong])).toEqual({ __typename: 'NotFoundError' });
    }
    expect(await database.db.oAuthGrant.count({ where: { userId: ada.id, status: 'active' } })).toBe(1);
    expect(await database.db.oAuthGrant.count({ where: { userId: eve.id, status: 'active' } })).toBe(1);
  });

  test('takes between one and a hundred', async () => {
    for (const grantIds of [[], Array.from({ length: 101 }, () => 'x')]) {
      expect((await world.ask(ada, REVOKE, { grantIds })).errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});
