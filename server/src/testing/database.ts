/** A fresh, migrated, empty database for one test file: on PostgreSQL or embedded, as the running project says. */
import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../platform/database.ts';
import { openEmbedded } from '../platform/embedded-database.ts';
import { openLog } from '../platform/log.ts';
import { onServer, withDatabase } from './postgres.ts';

/** Opens one. `close()` also removes it. */
export async function openTestDatabase(): Promise<Database> {
  const log = openLog(process.env.TEST_LOG ?? 'silent');
  if (inject('dump')) return openEmbedded('memory://', log, await openAsBlob(inject('dump')));
  const { url, drop } = await createTestDatabase();
  const database = await openDatabase({ url, dataDirectory: '', poolSize: 20, log });
  return {
    ...database,
    close: async () => {
      await database.close();
      await drop();
    },
  };
}

/** A database on the tests' PostgreSQL server, for tests that open it several times, as several processes would. */
export async function createTestDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const serverUrl = inject('serverUrl');
  await onServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${inject('template')}`);
  return {
    url: withDatabase(serverUrl, name),
    drop: () => onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}
