/** Readiness means what it says: each thing that a process needs is taken away in turn, and given back. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestDatabase } from '../../testing/database.ts';
import { newKeyring } from '../../testing/gateway.ts';
import type { Database } from '../database.ts';
import { openHealth } from './health.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const ready = { status: 200, body: '{"status":"ready"}' };
const without = (missing: string) => ({ status: 503, body: JSON.stringify({ status: 'not ready', missing }) });

it('#278 ready means a database that answers, with every migration, keys of both kinds, and no end in sight', async () => {
  const health = openHealth(database, await newKeyring());
  const ask = () => health.answer('/health/ready');
  expect(await ask()).toEqual(ready);

  const [newest] = await database.db.$queryRaw<{ id: string }[]>`
    SELECT id FROM _prisma_migrations ORDER BY migration_name DESC LIMIT 1`;
  await database.db.$executeRaw`UPDATE _prisma_migrations SET finished_at = NULL WHERE id = ${newest?.id}`;
  expect(await ask()).toEqual(without('migrations'));
  await database.db.$executeRaw`UPDATE _prisma_migrations SET finished_at = now() WHERE id = ${newest?.id}`;
  expect(await ask()).toEqual(ready);

  health.leave();
  expect(await ask()).toEqual(without('stopping'));
  expect((await health.answer('/health/live'))?.status).toBe(200);
});

it('#278 a database that fails, and one that says nothing, are not ready; the process lives', async () => {
  const keyring = await newKeyring();
  for (const query of [() => Promise.reject(new Error('gone')), () => new Promise<never>(() => {})]) {
    const health = openHealth({ ...database, query }, keyring);
    expect(await health.answer('/health/ready')).toEqual(without('database'));
    expect((await health.answer('/health/live'))?.status).toBe(200);
  }
});

it('a keyring without keys is not ready', async () => {
  const health = openHealth(database, { ...(await newKeyring()), signing: [] });
  expect(await health.answer('/health/ready')).toEqual(without('keys'));
});
