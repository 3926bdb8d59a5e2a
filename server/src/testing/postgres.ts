/** Before the tests on PostgreSQL: a server (`TEST_DATABASE_URL`, or one from npm), and in it a migrated database to copy. */
import { startServer } from '@grantway/prisma/postgres-server';
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
  const server = process.env.TEST_DATABASE_URL
    ? { url: process.env.TEST_DATABASE_URL, stop: async () => {} }
    : await startServer();
  const template = `grantway_template_${process.pid}`;
  await onServer(server.url, `CREATE DATABASE ${template}`);
  const database = await openDatabase({
    url: withDatabase(server.url, template),
    dataDirectory: '',
    poolSize: 2,
    log: openLog('silent'),
  });
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
