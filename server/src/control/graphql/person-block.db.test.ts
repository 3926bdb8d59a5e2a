/** Blocking people: what those who are blocked read of it afterwards, and what an administrator reads who is none any more. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blockUsers, unblockUser } from '../../core/people/block.ts';
import { exportOwnData } from '../../core/people/export.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp } from '../../testing/graphql-app.ts';
import { makeAdmin, makeUser } from '../../testing/scene.ts';
import { throwAdmin } from './person-block.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
});
afterAll(() => database.close());

test('why somebody was blocked is for administrators: the person reads that it happened, in none of three places why', async () => {
  const [admin, ada] = [await makeAdmin(database), await makeUser(database)];
  const reason = 'canary-reason: reported by Grace';
  await blockUsers(database, { userIds: [ada.id], reason, actorUserId: admin.id }, new Date());
  await unblockUser(database, { userId: ada.id, actorUserId: admin.id }, new Date());
  const { data } = await world.ask(ada, '{ viewer { auditEvents(first: 5) { edges { node { kind summary } } } } }');
  const lines = await world.app.request('/api/audit-events?format=ndjson', { headers: { 'x-test-user': ada.id } });
  const own = await exportOwnData(database, ada.id, new Date());
  for (const told of [JSON.stringify(data), await lines.text(), JSON.stringify(own)]) {
    expect(told).toContain('user.blocked');
    expect(told).not.toContain('canary-reason');
  }
  // Whoever runs the gateway has it.
  const where = { kind: 'user.blocked', ownerUserId: ada.id };
  expect(await database.db.auditEvent.findFirst({ where })).toMatchObject({ detail: { reason } });
});

test('whoever was an administrator until a moment ago reads that it is for administrators', () => {
  expect(() => throwAdmin('not_allowed')).toThrow('This is for administrators of this gateway.');
});
