import { afterAll, beforeAll, expect, test } from 'vitest';
import { record } from '../../core/audit/record.ts';
import { revokeGrants } from '../../core/grants/revoke.ts';
import { createApiKey, revokeApiKey } from '../../core/people/api-key.ts';
import type { Viewer } from '../../core/people/viewer.ts';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { until } from '../../testing/gateway.ts';
import { openGraphqlApp } from '../../testing/graphql-app.ts';
import { makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../../testing/scene.ts';
import { LIVE_LIMITS, openLive } from './live.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
/** Who the sessions of these tests belong to; whoever is taken out has lost theirs. */
const sessions = new Map<string, Viewer>();
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database, {
    viewerOf: async (headers) => sessions.get(headers.get('x-test-session') ?? '') ?? null,
  });
});
afterAll(async () => {
  await world.close();
  await database.close();
});

let made = 0;
async function person() {
  const user = await makeUser(database);
  const session = `session-${++made}`;
  sessions.set(session, { userId: user.id, sessionId: session, name: user.name, email: user.email, role: 'user' });
  return { ...user, session };
}
type Person = Awaited<ReturnType<typeof person>> & { authorization?: string };

const GRANTS = 'subscription ($o: OwnerInput) { grantChanged(owner: $o) { kind grant { id status } } }';
const EVENTS = 'subscription ($o: OwnerInput) { auditEventRecorded(owner: $o) { kind summary } }';

/** Subscribes over HTTP, as a browser or curl does. `events` is what came, `ended` whether the server ended it. */
async function subscribe(who: Person | null, query: string, variables: object = {}) {
  const gone = new AbortController();
  const response = await world.app.request('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-graphql-yoga-csrf': '1',
      ...(who?.authorization ? { authorization: who.authorization } : who ? { 'x-test-session': who.session } : {}),
    },
    body: JSON.stringify({ query, variables }),
    signal: gone.signal,
  });
  // biome-ignore lint/suspicious/noExplicitAny: an event has the shape that the test's query gave it
  const events: any[] = [];
  const state = { ended: false };
  let text = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const reading = (async () => {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) break;
      text += part.value;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.+)$/m.exec(text.slice(0, end))?.[1];
        if (data) events.push(JSON.parse(data));
        text = text.slice(end + 2);
      }
    }
    state.ended = true;
  })();
  reading.catch(() => {});
  const leave = async (): Promise<void> => {
    await reader?.cancel().catch(() => {});
    gone.abort();
  };
  return { response, events, state, leave };
}

async function grantOf(user: Person) {
  const connection = await makeConnection(database, { userId: user.id });
  return signIn(database, { user, client: await makeClient(database), connection });
}
const revoke = (grantId: string) =>
  transact(database, (tx) => revokeGrants(tx, { grantIds: [grantId] }, 'user_revoked', { userId: null }, new Date()));

test('a grant that begins and ends is told to its owner, and to nobody else', async () => {
  const [ada, eve] = [await person(), await person()];
  const mine = await subscribe(ada, GRANTS);
  const hers = await subscribe(eve, GRANTS);
  expect(mine.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const { grantId } = await grantOf(ada);
  await revoke(grantId);
  await until(() => mine.events.some(({ data }) => data.grantChanged.kind === 'grant.revoked'));
  expect(mine.events.map(({ data }) => data.grantChanged.kind)).toEqual(
    expect.arrayContaining(['grant.activated', 'family.started', 'grant.revoked']),
  );
  expect(mine.events.at(-1).data.grantChanged.grant).toMatchObject({ status: 'REVOKED' });
  const own = await grantOf(eve);
  await until(() => hers.events.length > 0);
  expect(JSON.stringify(hers.events)).not.toContain(grantId);
  expect(own.grantId).not.toBe(grantId);
  await Promise.all([mine.leave(), hers.leave()]);
});

test('#267 events are told to whoever may read them: an organization to its people, all of it to its managers', async () => {
  const [manager, member, stranger] = [await person(), await person(), await person()];
  const organization = await makeOrganization(database, [member]);
  await database.db.membership.create({
    data: { organizationId: organization.id, userId: manager.id, role: 'admin' },
  });
  const o = { organizationId: Buffer.from(`Organization:${organization.id}`).toString('base64url') };
  const all = await subscribe(manager, EVENTS, { o });
  const some = await subscribe(member, EVENTS, { o });
  const none = await subscribe(stranger, EVENTS, { o });
  expect(none.response.status).toBe(403);
  const event = { kind: 'assignment.created', ownerOrganizationId: organization.id };
  await database.db.auditEvent.create({ data: { ...event, ownerUserId: stranger.id } });
  await database.db.auditEvent.create({ data: { ...event, kind: 'assignment.removed', ownerUserId: member.id } });
  await until(() => all.events.length === 2 && some.events.length === 1);
  expect(some.events[0].data.auditEventRecorded.kind).toBe('assignment.removed');
  await Promise.all([all.leave(), some.leave()]);
});

test('signed out there is nothing to subscribe to; a document that is not valid is told so', async () => {
  expect((await subscribe(null, EVENTS)).response.status).toBe(401);
  const { events, state } = await subscribe(await person(), 'subscription { auditEventRecorded { nothing } }');
  await until(() => state.ended);
  expect(events).toEqual([{ errors: [expect.objectContaining({ message: expect.stringContaining('nothing') })] }]);
});

test('#253 it ends with the session', async () => {
  const ada = await person();
  const { state, events } = await subscribe(ada, EVENTS);
  sessions.delete(ada.session);
  await until(() => state.ended);
  await database.db.auditEvent.create({ data: { kind: 'user.created', ownerUserId: ada.id } });
  expect(events).toEqual([]);
});

test('#262 it ends with the membership, as soon as that is recorded', async () => {
  const ada = await person();
  const organization = await makeOrganization(database, [ada]);
  const o = { organizationId: Buffer.from(`Organization:${organization.id}`).toString('base64url') };
  const { state } = await subscribe(ada, EVENTS, { o });
  await database.db.membership.updateMany({ where: { userId: ada.id }, data: { removedAt: new Date() } });
  await database.db.auditEvent.create({
    data: { kind: 'member.removed', ownerUserId: ada.id, ownerOrganizationId: organization.id },
  });
  await until(() => state.ended, 2_000);
});

test('it ends with the API key, and tells only what the key may know', async () => {
  const ada = await person();
  const owner = { userId: ada.id, organizationId: null };
  const made = await createApiKey(database, { ...owner, name: 'CI', scopes: ['audit:read'] }, new Date());
  if (!made.ok) throw new Error('a key was refused');
  const key = { ...ada, authorization: `Bearer ${made.value.key}` };
  expect((await subscribe(key, GRANTS)).response.status).toBe(403);
  const { state, events } = await subscribe(key, EVENTS);
  await database.db.auditEvent.create({ data: { kind: 'user.created', ownerUserId: ada.id } });
  await until(() => events.length === 1);
  await revokeApiKey(database, { userId: ada.id }, made.value.id, new Date());
  await until(() => state.ended, 2_000);
});

test('#247 so many at once for each session; whoever leaves makes room', async () => {
  const ada = await person();
  const open = [];
  for (let i = 0; i < LIVE_LIMITS.perHolder; i++) open.push(await subscribe(ada, EVENTS));
  const refused = await subscribe(ada, EVENTS);
  expect(refused.response.status).toBe(429);
  expect(refused.response.headers.get('retry-after')).toBe('5');
  await open[0]?.leave();
  await until(async () => {
    const again = await subscribe(ada, EVENTS);
    open.push(again);
    return again.response.status === 200;
  });
  expect((await subscribe(await person(), EVENTS)).response.status).toBe(200);
  await Promise.all(open.map(({ leave }) => leave()));
});

test('#247 so many at once for each person, however many sessions they make', async () => {
  const live = openLive({ database, log: database.log });
  const open = (userId: string, holder: string) =>
    live.open({ userId, holder, tell: async () => null, concerns: () => false, mayGoOn: async () => true });
  for (let i = 0; i < LIVE_LIMITS.perPerson; i++) await open('eve', `session-${i}`);
  await expect(open('eve', 'one-more')).rejects.toThrow('too many');
  const fine = await open('ada', 'hers');
  await fine.return?.();
  await live.close();
});

test('#247 who reads too slowly is let go', async () => {
  const ada = await person();
  const response = await world.app.request('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-graphql-yoga-csrf': '1',
      'x-test-session': ada.session,
    },
    body: JSON.stringify({ query: EVENTS }),
  });
  const many = Array.from({ length: LIVE_LIMITS.behind * 2 }, () => ({ kind: 'user.created', ownerUserId: ada.id }));
  const prompt = await subscribe(ada, EVENTS);
  for (let from = 0; from < many.length; from += 50) {
    await database.db.auditEvent.createMany({ data: many.slice(from, from + 50) });
    await until(() => prompt.events.length === from + 50);
  }
  const text = await response.text();
  expect(text).toContain('event: complete');
  expect(text.match(/event: next/g)?.length ?? 0).toBeLessThan(LIVE_LIMITS.behind);
  await prompt.leave();
});

test('#247 however often people change while the database is slow: four are asked at once, one look after the other', async () => {
  const live = openLive({ database, log: database.log });
  const user = await makeUser(database);
  let release: () => void = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const seen = { events: 0, looks: 0, running: 0, most: 0 };
  const mayGoOn = async () => {
    seen.looks++;
    seen.most = Math.max(seen.most, ++seen.running);
    await slow;
    seen.running--;
    return true;
  };
  const concerns = () => ++seen.events < 0;
  const subscriber = { holder: 'one', userId: user.id, tell: async () => null, concerns, mayGoOn };
  for (let index = 0; index < 10; index++) await live.open(subscriber);
  const changed = { kind: 'user.unblocked' as const, ownerUserId: user.id };
  for (let index = 0; index < 20; index++) await transact(database, (tx) => record(tx, new Date(), changed));
  await until(() => seen.events === 200);
  expect(seen).toMatchObject({ looks: 4, running: 4 });
  release();
  // The one that was under way, one for all changes since, and the one that comes by itself.
  await until(() => seen.running === 0 && seen.looks >= 20);
  expect(seen.most).toBe(4);
  expect(seen.looks).toBeLessThanOrEqual(30);
  await live.close();
});
