import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase } from '../testing/database.ts';
import type { Database } from './database.ts';
import { openEmbedded } from './embedded-database.ts';
import { openLog } from './log.ts';
import { migrate, missingMigration } from './migrations.ts';
import { refused } from './result.ts';
import { transact } from './transact.ts';
import { isTransient, isUniqueViolation, sqlState } from './transient.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const person = (email: string) => ({ name: 'A', email });
const count = (email: string) => database.db.user.count({ where: { email } });

test('migrations that are applied are not applied again, and leave nothing to migrate', async () => {
  expect(await migrate(database)).toEqual([]);
  if (database.kind === 'embedded') expect(await missingMigration(database)).toBe('-- This is an empty migration.');
});

test('#282 a migration that was killed half-way is run again by the next start', async () => {
  if (database.kind !== 'embedded') return;
  const fresh = await openEmbedded('memory://', openLog('silent'));
  const [first] = await migrate(fresh);
  // What a kill leaves: the script rolled back by the database, the note of its beginning still there.
  await fresh.db.$executeRawUnsafe('DROP SCHEMA public CASCADE');
  await fresh.db.$executeRawUnsafe('CREATE SCHEMA public');
  await fresh.db.$executeRawUnsafe(`CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
  await fresh.db.$executeRaw`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', ${first})`;
  expect((await migrate(fresh))[0]).toBe(first);
  expect(await fresh.db.user.count()).toBe(0);
  await fresh.close();
});

test('a refusal commits, and what waits for the commit runs after it', async () => {
  const order: string[] = [];
  const result = await transact(database, async (tx, afterCommit) => {
    await tx.user.create({ data: person('refusal@example.com') });
    afterCommit(async () => void order.push(`committed ${await count('refusal@example.com')}`));
    order.push('refused');
    return refused('no');
  });
  expect(result).toEqual({ ok: false, reason: 'no' });
  expect(order).toEqual(['refused', 'committed 1']);
});

test('a throw rolls back, and what waits for the commit never runs', async () => {
  let ran = false;
  const failing = transact(database, async (tx, afterCommit) => {
    await tx.user.create({ data: person('throw@example.com') });
    afterCommit(() => {
      ran = true;
    });
    throw new Error('on purpose');
  });
  await expect(failing).rejects.toThrow('on purpose');
  expect(await count('throw@example.com')).toBe(0);
  expect(ran).toBe(false);
});

test('a failure after the commit does not turn the deed into an error', async () => {
  const result = await transact(database, async (tx, afterCommit) => {
    await tx.user.create({ data: person('after@example.com') });
    afterCommit(() => {
      throw new Error('announcement failed');
    });
    return 'done';
  });
  expect(result).toBe('done');
  expect(await count('after@example.com')).toBe(1);
});

test('a unique violation is told from a transient fault', async () => {
  await database.db.user.create({ data: person('twice@example.com') });
  const error = await database.db.user.create({ data: person('twice@example.com') }).catch((caught: unknown) => caught);
  expect(isUniqueViolation(error)).toBe(true);
  expect(isTransient(error)).toBe(false);
  const raw = await database.db
    .$executeRaw`INSERT INTO "user" (id, name, email) VALUES (gen_random_uuid(), 'A', 'twice@example.com')`.catch(
    (caught: unknown) => caught,
  );
  expect(sqlState(raw)).toBe('23505');
});

test('a failed COMMIT is an error, never an acknowledgement', async () => {
  await database.db.$executeRawUnsafe(
    `CREATE TABLE deferred_check (id int PRIMARY KEY, parent int REFERENCES deferred_check (id) DEFERRABLE INITIALLY DEFERRED)`,
  );
  const failing = transact(database, (tx) => tx.$executeRawUnsafe('INSERT INTO deferred_check VALUES (1, 99)'));
  await expect(failing).rejects.toThrow();
  expect(await database.db.$queryRawUnsafe('SELECT * FROM deferred_check')).toEqual([]);
});

test('times are instants: what is written is read back, whatever the zone of the process', async () => {
  const at = new Date('2026-03-29T01:30:00.123Z');
  const { id } = await database.db.user.create({ data: { ...person('time@example.com'), blockedAt: at } });
  expect((await database.db.user.findUniqueOrThrow({ where: { id } })).blockedAt).toEqual(at);
  const [row] = await database.db.$queryRaw<
    { same: boolean }[]
  >`SELECT blocked_at = ${at} AS same FROM "user" WHERE id = ${id}::uuid`;
  expect(row?.same).toBe(true);
});
