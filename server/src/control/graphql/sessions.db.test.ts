import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../core/people/viewer.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp } from '../../testing/graphql-app.ts';
import { makeAdmin, makeUser } from '../../testing/scene.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
const viewers = new Map<string, Viewer>();
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database, {
    viewerOf: async (headers) => viewers.get(headers.get('x-test-session') ?? '') ?? null,
  });
});
afterAll(() => database.close());

/** A person with so many browsers; the first one asks. */
async function person(browsers: number, role: 'user' | 'admin' = 'user') {
  const user = await (role === 'admin' ? makeAdmin : makeUser)(database);
  await database.db.account.create({
    data: { userId: user.id, accountId: user.id, providerId: 'credential', password: 'a hash' },
  });
  const sessions = [];
  for (let i = 0; i < browsers; i++) {
    const expiresAt = new Date(Date.now() + 60_000);
    sessions.push(await database.db.session.create({ data: { userId: user.id, token: `${user.id}-${i}`, expiresAt } }));
  }
  const sessionId = sessions[0]?.id as string;
  viewers.set(sessionId, { userId: user.id, sessionId, name: user.name, email: user.email, role });
  const ask = (query: string, variables: object = {}) =>
    world.post(JSON.stringify({ query, variables }), { 'x-test-session': sessionId });
  return { ...user, ask };
}

const SESSIONS = '{ viewer { sessions { id isCurrent } signInMethods emailVerified } }';
const END = `mutation ($id: ID) { sessionEnd(input: { sessionId: $id }) {
  __typename ... on SessionEndPayload { ended sessions { isCurrent } } } }`;
type Listed = { id: string; isCurrent: boolean };

test('a person sees their sessions, and ends one or all the others, on the record', async () => {
  const ada = await person(4);
  const { data } = await ada.ask(SESSIONS);
  expect(data.viewer).toMatchObject({ signInMethods: ['PASSWORD'], emailVerified: false });
  const listed: Listed[] = data.viewer.sessions;
  expect(listed.map(({ isCurrent }) => isCurrent).sort()).toEqual([false, false, false, true]);
  const other = listed.find(({ isCurrent }) => !isCurrent)?.id;
  expect((await ada.ask(END, { id: other })).data.sessionEnd).toMatchObject({ ended: 1 });
  expect((await ada.ask(END, { id: other })).data.sessionEnd.__typename).toBe('NotFoundError');
  expect((await ada.ask(END)).data.sessionEnd).toMatchObject({ ended: 2, sessions: [{ isCurrent: true }] });
  const events = await database.db.auditEvent.findMany({ where: { kind: 'session.ended', ownerUserId: ada.id } });
  expect(events.map(({ detail }) => detail)).toEqual([{ count: 1 }, { count: 2 }]);
});

test('#240 another’s session is like none', async () => {
  const [ada, eve] = [await person(1), await person(1)];
  const { data } = await eve.ask(SESSIONS);
  expect((await ada.ask(END, { id: data.viewer.sessions[0].id })).data.sessionEnd.__typename).toBe('NotFoundError');
  expect(await database.db.session.count({ where: { userId: eve.id } })).toBe(1);
});

test('an admin, and nobody else, makes a link to a new password; it is good for who has one', async () => {
  const [root, ada] = [await person(1, 'admin'), await person(1)];
  const globalId = (id: string) => Buffer.from(`User:${id}`).toString('base64url');
  const LINK = `mutation ($id: ID!) { userPasswordResetLink(input: { userId: $id }) {
    __typename ... on UserPasswordResetLinkPayload { url } } }`;
  expect((await ada.ask(LINK, { id: globalId(ada.id) })).data.userPasswordResetLink.__typename).toBe('NotFoundError');
  const made = (await root.ask(LINK, { id: globalId(ada.id) })).data.userPasswordResetLink;
  expect(made.url).toMatch(/^http:\/\/localhost:4000\/reset-password#token=gwl_/);
  const [row] = await database.db.verification.findMany();
  expect(JSON.stringify(row)).not.toContain(made.url.split('=')[1]);
  await database.db.account.deleteMany({ where: { userId: ada.id } });
  const answers = async () => (await root.ask(LINK, { id: globalId(ada.id) })).data.userPasswordResetLink.__typename;
  expect(await answers()).toBe('ValidationError');
  // What counts is who they are when the link is made, not when they asked (#242).
  await database.db.user.update({ where: { id: root.id }, data: { role: 'user' } });
  expect(await answers()).toBe('NotFoundError');
});
