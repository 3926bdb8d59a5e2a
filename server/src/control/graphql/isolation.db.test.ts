import { getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '../../core/people/api-key.ts';
import { API_KEY_SCOPES, type ApiKeyScope } from '../../core/people/api-key-scope.ts';
import { invite } from '../../core/people/invite.ts';
import { removeMember } from '../../core/people/membership.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { ask as askFor, makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';
import { READABLE_TYPES } from './node.ts';
import { schema } from './schema.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
/** What is Ada's, and what is her organization's, by type, as global ids. */
let adas: Record<string, string[]>;
let ada: Person;
let handle: string;
type Answer = Awaited<ReturnType<typeof world.ask>>;
let callers: Record<string, (query: string, id: string) => Promise<Answer>>;

beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  ada = await makeUser(database, 'Ada');
  const [eve, rex] = [await makeUser(database, 'Eve'), await makeUser(database, 'Rex')];
  const own = await makeConnection(database, { userId: ada.id }, 'Of Ada');
  const acme = await makeOrganization(database, [rex]);
  await join(acme.id, ada, 'owner');
  const shared = await makeConnection(database, { organizationId: acme.id, assignees: [ada, rex] }, 'Of Acme');
  const client = await makeClient(database);
  const first = await signIn(database, { user: ada, client, connection: own });
  const second = await signIn(database, { user: ada, client, connection: shared });
  await signIn(database, { user: rex, client: await makeClient(database), connection: shared });
  ({ handle } = await askFor(database, { user: ada, client, connection: own }));
  const now = new Date();
  const invited = await invite(
    database,
    { organizationId: acme.id, email: 'new@example.com', role: 'member', actorUserId: ada.id },
    now,
  );
  await removeMember(database, { organizationId: acme.id, userId: rex.id, actorUserId: ada.id }, now);
  const adasMembership = await database.db.membership.findFirstOrThrow({ where: { userId: ada.id } });
  const evil = await makeOrganization(database);
  await join(evil.id, eve, 'owner');
  const beta = await makeOrganization(database);
  await join(beta.id, ada, 'owner');
  const keyOf = async (organizationId: string | null, scopes: readonly ApiKeyScope[]) => {
    const made = await createApiKey(database, { userId: ada.id, organizationId, name: 'CI', scopes }, now);
    if (!made.ok) throw new Error('a key was refused');
    return made.value;
  };
  const [narrow, elsewhere] = [await keyOf(null, []).catch(() => null), await keyOf(beta.id, API_KEY_SCOPES)];
  expect(narrow).toBeNull();
  const useless = await keyOf(null, ['tokens:introspect']);
  const event = await database.db.auditEvent.findFirstOrThrow({ where: { grantId: first.grantId } });
  const session = await database.db.session.create({
    data: { userId: ada.id, token: 'of Ada', expiresAt: new Date(Date.now() + 600_000) },
  });
  const all = (type: string, ...ids: string[]) => [type, ids.map((id) => encodeGlobalId(type, id))] as const;
  adas = Object.fromEntries([
    all('ApiKey', useless.id),
    all('AuditEvent', event.id),
    all('Client', client.id),
    all('Grant', first.grantId, second.grantId),
    all('Invitation', invited.ok ? invited.value.invitationId : ''),
    all('McpConnection', own.id, shared.id),
    all('Member', adasMembership.id),
    all('Organization', acme.id),
    all('OrganizationGrant', second.grantId, first.grantId),
    all('Session', session.id),
    all('TokenFamily', first.familyId, second.familyId),
    all('User', ada.id),
  ]);
  const by = (key: string) => (query: string, id: string) =>
    world.ask(null, query, { id }, { authorization: `Bearer ${key}` });
  callers = {
    'another user, who owns an organization': (query, id) => world.ask(eve, query, { id }),
    'a removed member': (query, id) => world.ask(rex, query, { id }),
    "a key of one's own for another organization": by(elsewhere.key),
    'nobody who is signed in': (query, id) => world.ask(null, query, { id }),
    "a key of one's own without the scope": by(useless.key),
  };
  // The first use of a key is noted; what follows within the minute is not.
  for (const ask of Object.values(callers)) await ask('{ viewer { user { name } } }', '');
});
afterAll(() => database.close());

const join = (organizationId: string, { id: userId }: Person, role: 'owner') =>
  database.db.membership.create({ data: { organizationId, userId, role } });

const RANDOM = '01999999-9999-7999-8999-999999999999';

/** Ids that name nothing to whoever asks: another's, an unknown one, other types', malformed ones. */
const useless = (type: string): string[] => [
  encodeGlobalId(type, RANDOM),
  ...(adas[type] as string[]),
  // A key may always name its maker.
  ...Object.entries(adas).flatMap(([other, ids]) => (other === type || other === 'User' ? [] : ids.slice(0, 1))),
  '',
  '%00',
  encodeGlobalId(type, 'not-a-uuid'),
  encodeGlobalId('__proto__', RANDOM),
  Buffer.from(`${type}:${RANDOM}`).toString('base64url').concat('='),
  'a'.repeat(5_000),
];

/** For every argument and input field of type ID: the type that it names, and what else has to be said with it. */
const WAYS: Record<string, { type: string; and?: string; query?: string }> = {
  'Query.node(id)': { type: 'Grant', query: 'query($id: ID!) { it: node(id: $id) { __typename } }' },
  'Viewer.auditEvents(grantId)': { type: 'Grant', query: list('auditEvents(grantId: $id)') },
  'Viewer.auditEvents(connectionId)': { type: 'McpConnection', query: list('auditEvents(connectionId: $id)') },
  'Viewer.auditEvents(clientId)': { type: 'Client', query: list('auditEvents(clientId: $id)') },
  'Viewer.authorizedClients(connectionId)': {
    type: 'McpConnection',
    query: list('authorizedClients(connectionId: $id)'),
  },
  'OwnerInput.organizationId': { type: 'Organization', query: list('grants(owner: { organizationId: $id })') },
  'ApiKeyCreateInput.organizationId': { type: 'Organization', and: 'name: "a", scopes: [GRANTS_READ]' },
  'ApiKeyRevokeInput.apiKeyId': { type: 'ApiKey' },
  'AuthorizationApproveInput.connectionId': { type: 'McpConnection', and: 'requestId: "HANDLE"' },
  'SessionEndInput.sessionId': { type: 'Session' },
  'UserPasswordResetLinkInput.userId': { type: 'User' },
  'ClientBlockInput.clientId': { type: 'Client' },
  'ClientUnblockInput.clientId': { type: 'Client' },
  'ClientRevokeInput.clientId': { type: 'Client' },
  'ConnectTokenMintInput.connectionId': { type: 'McpConnection' },
  'ConnectionAssignInput.connectionId': { type: 'McpConnection', and: 'memberId: "MEMBER"' },
  'ConnectionAssignInput.memberId': { type: 'Member', and: 'connectionId: "CONNECTION"' },
  'ConnectionCreateInput.organizationId': {
    type: 'Organization',
    and: 'name: "a", remoteUrl: "https://a.example", authMode: NONE',
  },
  'ConnectionDeleteInput.connectionId': { type: 'McpConnection' },
  'ConnectionDisableInput.connectionId': { type: 'McpConnection' },
  'ConnectionEnableInput.connectionId': { type: 'McpConnection' },
  'ConnectionProviderDisconnectInput.connectionId': { type: 'McpConnection' },
  'ConnectionProviderSignInInput.connectionId': { type: 'McpConnection' },
  'ConnectionRotateRouteInput.connectionId': { type: 'McpConnection' },
  'ConnectionSetProviderClientInput.connectionId': { type: 'McpConnection', and: 'providerClientId: "a"' },
  'ConnectionSetStaticHeadersInput.connectionId': {
    type: 'McpConnection',
    and: 'staticHeaders: [{ name: "A", value: "b" }]',
  },
  'ConnectionTestInput.connectionId': { type: 'McpConnection' },
  'ConnectionUnassignInput.connectionId': { type: 'McpConnection', and: 'memberId: "MEMBER"' },
  'ConnectionUnassignInput.memberId': { type: 'Member', and: 'connectionId: "CONNECTION"' },
  'ConnectionUpdateInput.connectionId': { type: 'McpConnection', and: 'name: "mine"' },
  'FamilyRevokeInput.familyId': { type: 'TokenFamily' },
  'GrantRevokeInput.grantId': { type: 'Grant' },
  'GrantsRevokeInput.grantIds': { type: 'Grant' },
  'InvitationRevokeInput.invitationId': { type: 'Invitation' },
  'MemberInviteInput.organizationId': { type: 'Organization', and: 'email: "a@example.com", role: MEMBER' },
  'MemberRemoveInput.memberId': { type: 'Member' },
  'MemberSetRoleInput.memberId': { type: 'Member', and: 'role: MEMBER' },
  'OrganizationDeleteInput.organizationId': { type: 'Organization' },
  'OrganizationGrantRevokeInput.organizationGrantId': { type: 'OrganizationGrant' },
  'OrganizationLeaveInput.organizationId': { type: 'Organization' },
  'OrganizationRenameInput.organizationId': { type: 'Organization', and: 'name: "Mine"' },
  'UserBlockInput.userIds': { type: 'User', and: 'reason: "x"' },
  'UserEraseInput.userId': { type: 'User' },
  'UserSetRoleInput.userId': { type: 'User', and: 'role: ADMIN' },
  'UserUnblockInput.userId': { type: 'User' },
};

function list(field: string): string {
  return `query($id: ID!) { viewer { it: ${field} { edges { cursor } } } }`;
}

/** `GrantRevokeInput.grantId` is the field `grantId` of the one input of `grantRevoke`. */
function queryOf(way: string): string {
  const { query, and = '' } = WAYS[way] as (typeof WAYS)[string];
  if (query) return query;
  const [input = '', field = ''] = way.split('.');
  const mutation = input.charAt(0).toLowerCase() + input.slice(1).replace(/Input$/, '');
  const others = and
    .replace('HANDLE', handle)
    .replace('MEMBER"', `${adas.Member?.[0]}"`)
    .replace('CONNECTION', adas.McpConnection?.[1] ?? '');
  const id = field.endsWith('Ids') ? '[$id]' : '$id';
  return `mutation($id: ID!) { it: ${mutation}(input: { ${field}: ${id} ${others} }) { __typename } }`;
}

const NOTHING = /"NotFoundError"|"it":null|"edges":\[\]|"FORBIDDEN"|"UNAUTHENTICATED"|"viewer":null/;

describe('#240 #241 #261 #264 ids of others', () => {
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

  for (const [way, { type }] of Object.entries(WAYS)) {
    test(`${way}: another's, an unknown and a malformed id are answered alike, to whoever asks, and change nothing`, async () => {
      const before = await snapshot();
      for (const [who, ask] of Object.entries(callers)) {
        const refusedBefore = /signed in|without the scope/.test(who);
        const answers = new Map<string, string>();
        for (const id of refusedBefore ? useless(type).slice(0, 3) : useless(type)) {
          const { status, data, errors } = await ask(queryOf(way), id);
          const codes = errors.map(({ message, extensions }) => [message, extensions.code]);
          answers.set(JSON.stringify({ status, data, codes }), id);
        }
        expect([...answers.keys()], who).toHaveLength(1);
        expect([...answers.keys()][0], who).toMatch(NOTHING);
      }
      expect(await snapshot()).toEqual(before);
    });
  }

  test('`node` opens what is the viewer’s own, of every type, and to others nothing', async () => {
    const query = 'query($id: ID!) { node(id: $id) { __typename id } }';
    const answers = new Set<string>();
    for (const [type, ids] of Object.entries(adas)) {
      for (const id of ids) {
        const { node } = (await world.ask(ada, query, { id })).data;
        expect(node, type).toEqual(READABLE_TYPES.includes(type) ? { __typename: type, id } : null);
        for (const [who, ask] of Object.entries(callers)) {
          const { data } = await ask(query, id);
          // A key is its maker's, who is the one thing that it may always name.
          if (type === 'User' && who.startsWith('a key')) continue;
          // What its maker may see, a key of theirs for this organization or with the scope could; this one has neither.
          if (type === 'Organization' && who.includes('without the scope')) continue;
          answers.add(`${data?.node ?? null}`);
        }
      }
    }
    expect([...answers]).toEqual(['null']);
  });
});

/** Digests of all that there is, but for counters of attempts. */
async function snapshot(): Promise<unknown> {
  const { db } = database;
  tables ??= (
    await db.$queryRaw<{ name: string }[]>`
      SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT IN ('rate_limit', '_prisma_migrations')
      ORDER BY tablename`
  ).map(({ name }) => name);
  return db.$queryRawUnsafe(
    tables
      .map(
        (name) =>
          `SELECT '${name}' AS name, md5(COALESCE(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest FROM "${name}" t`,
      )
      .join(' UNION ALL '),
  );
}
let tables: string[] | undefined;
