/** What the database sees, where numbers of transactions do not tell all. The server is these tests' own: its crash ends all connections. */
import { type Server, startServer } from '@grantway/prisma/postgres-server';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../platform/database.ts';
import { openLog } from '../../platform/log.ts';
import { look, type Sight } from './unchanged.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** The first column of the first row, or null. */
type Ask = (text: string) => Promise<unknown>;

async function connected<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(async (text) => {
      const { rows } = await client.query({ text, rowMode: 'array' });
      return rows[0]?.[0] ?? null;
    });
  } finally {
    await client.end();
  }
}

async function seen(): Promise<Sight['seen']> {
  const database = await openDatabase({ url: server.url, dataDirectory: '', poolSize: 1, log: openLog('silent') });
  try {
    return (await look(database)).seen;
  } finally {
    await database.close();
  }
}

const SNAPSHOT = 'SELECT pg_current_snapshot()::text';

test('#323 what was seen before a crash is seen no more, though transactions get the numbers of those that were lost', async () => {
  await connected(async (ask) => {
    // The log is written to disk by commits, and else by hardly anyone.
    await ask("ALTER SYSTEM SET wal_writer_delay = '10s'");
    await ask('SELECT pg_reload_conf()');
    await ask('CREATE TABLE token (live boolean)');
    await ask('INSERT INTO token VALUES (true)');
  });
  let [lost, again]: unknown[] = ['', null];
  // Once more where the log was written all the same.
  for (let time = 0; time < 20 && lost !== again; time++) {
    const before = await connected(async (ask) => {
      await ask('UPDATE token SET live = true');
      await ask('BEGIN');
      await ask('UPDATE token SET live = false');
      await ask('ROLLBACK');
      lost = await ask(SNAPSHOT);
      const sight = await seen();
      process.kill(Number(await ask('SELECT pg_backend_pid()')), 'SIGKILL');
      await expect.poll(() => ask('SELECT 1').catch(() => 'gone')).toBe('gone');
      return sight;
    });
    const revoke = () => connected((ask) => ask('UPDATE token SET live = false'));
    await expect.poll(() => revoke().catch(() => 'not yet'), { timeout: 20_000 }).toBe(null);
    again = await connected((ask) => ask(SNAPSHOT));
    expect(await seen()).not.toBe(before);
  }
  expect(again).toBe(lost);
});

test('where tables are made with another access method, nothing is said to be seen', async () => {
  expect(await seen()).not.toBeNull();
  await connected(async (ask) => {
    await ask('CREATE ACCESS METHOD another TYPE TABLE HANDLER heap_tableam_handler');
    await ask('ALTER ROLE grantway SET default_table_access_method = another');
  });
  expect(await seen()).toBeNull();
});
