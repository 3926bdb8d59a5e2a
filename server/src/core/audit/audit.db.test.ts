import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { until } from '../../testing/gateway.ts';
import { record } from './record.ts';
import { hearRecorded } from './recorded.ts';
import { redactEvents } from './redact.ts';
import { forgetEvents } from './retention.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
const add = (data: { detail?: object; occurredAt?: Date; ownerUserId?: string; kind?: string } = {}) =>
  database.db.auditEvent.create({ data: { kind: 'user.created', ...data } });

test('#267 what is recorded is not changed, not deleted and not swept away, however one tries', async () => {
  const { id } = await add({ detail: { role: 'user' } });
  for (const attempt of [
    () => database.db.auditEvent.update({ where: { id }, data: { kind: 'x' } }),
    () => database.db.auditEvent.delete({ where: { id } }),
    () => database.db.auditEvent.deleteMany(),
    () => database.db.$executeRaw`TRUNCATE audit_event`,
    () => database.db.$executeRaw`DELETE FROM audit_event WHERE id = ${id}::uuid`,
    () => database.db.$executeRaw`UPDATE audit_event SET occurred_at = now()`,
  ]) {
    await expect(attempt()).rejects.toThrow();
  }
  expect(await database.db.auditEvent.findUnique({ where: { id } })).toMatchObject({ detail: { role: 'user' } });
});

test('#267 retention forgets by age alone, never the last day, and leaves the door closed behind it', async () => {
  const old = await add({ occurredAt: daysAgo(40) });
  const young = await add({ occurredAt: daysAgo(0.5) });
  expect(await forgetEvents(database, new Date(), 30)).toBe(1);
  expect(await forgetEvents(database, new Date(Date.now() + 9e9), 1)).toBe(0);
  expect(await database.db.auditEvent.findUnique({ where: { id: old.id } })).toBeNull();
  expect(await database.db.auditEvent.findUnique({ where: { id: young.id } })).not.toBeNull();
  await expect(database.db.auditEvent.delete({ where: { id: young.id } })).rejects.toThrow();
});

test('#274 erasure takes what people wrote out of their events, and of nobody else', async () => {
  const [ada, eve] = [uuidv7(), uuidv7()];
  await add({
    kind: 'family.revoked',
    ownerUserId: ada,
    detail: { label: "Ada's laptop", reason: 'expired', familyId: 'an id' },
  });
  await add({ kind: 'user.blocked', ownerUserId: ada, detail: { reason: 'She said so in her letter' } });
  await add({ kind: 'connection.created', ownerUserId: eve, detail: { name: 'Eve’s notes' } });
  for (let again = 0; again < 2; again++) await transact(database, (tx) => redactEvents(tx, ada));
  const details = async (ownerUserId: string) =>
    (await database.db.auditEvent.findMany({ where: { ownerUserId }, orderBy: { id: 'asc' } })).map(
      ({ detail }) => detail,
    );
  expect(await details(ada)).toEqual([{ reason: 'expired', familyId: 'an id' }, {}]);
  expect(await details(eve)).toEqual([{ name: 'Eve’s notes' }]);
});

test('every event is announced once, at commit and not before, many at once in parts', async () => {
  const heard: string[] = [];
  const stop = await hearRecorded(
    database,
    (ids) => heard.push(...ids),
    () => {},
  );
  await transact(database, async (tx) => {
    await record(tx, new Date(), { kind: 'user.created' });
    throw new Error('rolled back');
  }).catch(() => {});
  const owner = uuidv7();
  await transact(database, (tx) => record(tx, new Date(), { kind: 'user.created', ownerUserId: owner }));
  const many = Array.from({ length: 450 }, () => ({ id: uuidv7(), kind: 'grant.revoked', ownerUserId: owner }));
  await database.db.auditEvent.createMany({ data: many });
  await until(() => heard.length >= 451);
  const recorded = await database.db.auditEvent.findMany({ where: { ownerUserId: owner }, select: { id: true } });
  expect([...heard].sort()).toEqual(recorded.map(({ id }) => id).sort());
  await stop();
});
