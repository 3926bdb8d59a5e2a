import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '../../core/people/api-key.ts';
import type { ApiKeyScope } from '../../core/people/api-key-scope.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeClient, makeOrganization, makeUser } from '../../testing/scene.ts';
import { csvLine } from './csv.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
});
afterAll(() => database.close());

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64url');
type Event = { kind?: string; occurredAt?: Date; detail?: object; outcome?: 'denied'; [id: string]: unknown };
const add = (ownerUserId: string, ...events: Event[]) =>
  database.db.auditEvent.createMany({ data: events.map((event) => ({ kind: 'user.created', ownerUserId, ...event })) });
async function get(who: Person | string | null, query = '') {
  if (who !== null && typeof who !== 'string') await world.ask(who, '{ viewer { user { id } } }');
  const headers: Record<string, string> =
    who === null ? {} : typeof who === 'string' ? { authorization: `Bearer ${who}` } : { 'x-test-user': who.id };
  const response = await world.app.request(`/api/audit-events?${query}`, { headers });
  return { response, text: await response.text() };
}
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('the record as a file', () => {
  test('is all of one’s own, newest first, however many pieces it takes, and nobody else’s', async () => {
    const [ada, eve] = [await makeUser(database), await makeUser(database)];
    // Many of one instant: a piece may end in their middle.
    const at = (i: number) => new Date(1_700_000_000_000 + Math.floor(i / 400));
    await add(ada.id, ...Array.from({ length: 1_203 }, (_, i) => ({ id: uuidv7(), occurredAt: at(i) })));
    await add(eve.id, {});
    const { response, text } = await get(ada, 'format=ndjson');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-disposition')).toContain('grantway-audit.ndjson');
    const found = lines(text);
    expect(new Set(found.map(({ id }) => id)).size).toBe(1_203);
    const times = found.map(({ time }) => time);
    expect(times).toEqual([...times].sort().reverse());
    expect((await get(ada)).text.split('\r\n')).toHaveLength(1_205);
  });

  test('#267 is text to a spreadsheet, whatever a client calls itself', async () => {
    const ada = await makeUser(database);
    const client = await makeClient(database, { name: '=HYPERLINK("https://evil.example";"x")' });
    await add(ada.id, { kind: 'client.registered', oauthClientId: client.id, detail: { name: '"a",\r\n=1+1' } });
    const { text } = await get(ada);
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"";""x"")"`);
    expect(text).not.toMatch(/(^|,)"?[=+@-]/m);
    for (const cell of ['=1', '+1', '-1', '@a', '\t=1', ' =1', '|cmd', '\r=1'])
      expect(csvLine([cell]), JSON.stringify(cell)).toBe(`"'${cell}"\r\n`);
    expect(csvLine(['a "b"', 'a=b'])).toBe('"a ""b""","a=b"\r\n');
  });

  test('keeps to its filter', async () => {
    const ada = await makeUser(database);
    const client = await makeClient(database);
    await add(
      ada.id,
      { kind: 'grant.revoked', occurredAt: new Date('2026-01-01'), oauthClientId: client.id },
      { kind: 'grant.activated', occurredAt: new Date('2026-02-01') },
      { kind: 'family.started', occurredAt: new Date('2026-03-01'), outcome: 'denied' },
    );
    const kinds = async (query: string) =>
      lines((await get(ada, `format=ndjson&${query}`)).text).map(({ kind }) => kind);
    expect(await kinds('kinds=grant.*')).toEqual(['grant.activated', 'grant.revoked']);
    expect(await kinds('kinds=grant.activated,family.*')).toEqual(['family.started', 'grant.activated']);
    expect(await kinds('kinds=gran_.*')).toEqual([]);
    expect(await kinds('outcome=DENIED')).toEqual(['family.started']);
    expect(await kinds('since=2026-02-01T00:00:00Z&until=2026-03-01T00:00:00Z')).toEqual(['grant.activated']);
    expect(await kinds(`clientId=${globalId('Client', client.id)}`)).toEqual(['grant.revoked']);
    expect(await kinds('clientId=nonsense')).toEqual([]);
    const page = await world.ask(
      ada,
      'query ($k: [String!]) { viewer { auditEvents(kinds: $k) { edges { node { kind } } } } }',
      {
        k: ['grant.*'],
      },
    );
    expect(page.data.viewer.auditEvents.edges).toHaveLength(2);
    for (const query of ['format=xml', 'outcome=fine', 'since=yesterday'])
      expect((await get(ada, query)).response.status, query).toBe(400);
  });

  test('#265 #267 of an organization: all of it for who runs it, their own part for members, nothing for others', async () => {
    const [manager, member, stranger] = [await makeUser(database), await makeUser(database), await makeUser(database)];
    const organization = await makeOrganization(database, [member]);
    await database.db.membership.create({
      data: { organizationId: organization.id, userId: manager.id, role: 'owner' },
    });
    const own = { ownerOrganizationId: organization.id };
    await add(member.id, { ...own, kind: 'assignment.created' });
    await add(manager.id, { ...own, kind: 'connection.created' });
    const query = `format=ndjson&organizationId=${globalId('Organization', organization.id)}`;
    const count = async (who: Person) => lines((await get(who, query)).text).length;
    expect([await count(manager), await count(member)]).toEqual([2, 1]);
    expect((await get(stranger, query)).response.status).toBe(403);
    expect(lines((await get(member, 'format=ndjson')).text)).toEqual([]);
    const event = await database.db.auditEvent.findFirstOrThrow({ where: { kind: 'assignment.created', ...own } });
    const open = async (who: Person) =>
      (await world.ask(who, 'query ($id: ID!) { node(id: $id) { id } }', { id: globalId('AuditEvent', event.id) })).data
        .node;
    expect(await open(manager)).not.toBeNull();
    expect(await open(stranger)).toBeNull();
  });

  test('#262 reads on as what the reader is by then: who is removed on the way gets no more', async () => {
    const manager = await makeUser(database);
    const organization = await makeOrganization(database);
    const which = { organizationId: organization.id, userId: manager.id };
    await database.db.membership.create({ data: { ...which, role: 'owner' } });
    const other = await makeUser(database);
    const own = { ownerOrganizationId: organization.id };
    await add(other.id, ...Array.from({ length: 1_600 }, () => own));
    const query = `format=ndjson&organizationId=${globalId('Organization', organization.id)}`;
    await world.ask(manager, '{ viewer { user { id } } }');
    const response = await world.app.request(`/api/audit-events?${query}`, { headers: { 'x-test-user': manager.id } });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).done).toBe(false);
    await database.db.membership.updateMany({ where: which, data: { removedAt: new Date() } });
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow();
  });

  test('takes a session or an API key with audit:read, and no other site', async () => {
    const ada = await makeUser(database);
    await add(ada.id, {});
    const keyWith = async (...scopes: ApiKeyScope[]) => {
      const made = await createApiKey(
        database,
        { userId: ada.id, organizationId: null, name: 'export', scopes },
        new Date(),
      );
      return made.ok ? made.value.key : '';
    };
    expect((await get(await keyWith('audit:read'), 'format=ndjson')).response.status).toBe(200);
    expect((await get(await keyWith('grants:read'))).response.status).toBe(403);
    expect((await get('gwk_nothing')).response.status).toBe(401);
    expect((await get(null)).response.status).toBe(401);
    const foreign = { 'x-test-user': ada.id, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await world.app.request('/api/audit-events', { headers: foreign })).status).toBe(403);
  });
});
