/** What measurements stand on: a PostgreSQL of their own, migrated, and the gateway as an operator starts it. */
import { randomBytes } from 'node:crypto';
import { startServer } from '@grantway/prisma/postgres-server';
import pg from 'pg';
import { openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { migrate } from '../src/platform/migrations.ts';
import { freePort, type Program, startProgram } from './processes.ts';

export type Ground = {
  /** A fresh, migrated database. */
  database: () => Promise<string>;
  close: () => Promise<void>;
};

/** `durable`: a commit waits for the disk, as in production. `serverUrl`: a server that is there already. */
export async function openGround({
  durable = true,
  serverUrl = process.env.TEST_DATABASE_URL,
}: {
  durable?: boolean;
  serverUrl?: string | undefined;
} = {}): Promise<Ground> {
  const server = serverUrl ? { url: serverUrl, stop: async () => {} } : await startServer({ durable });
  const made: string[] = [];
  let template: Promise<string> | undefined;
  const onServer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const create = async (more = ''): Promise<string> => {
    const name = `measured_${randomBytes(5).toString('hex')}`;
    await onServer(`CREATE DATABASE ${name}${more}`);
    made.push(name);
    return name;
  };
  const urlOf = (name: string): string => {
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  const migrated = async (): Promise<string> => {
    const name = await create();
    const url = urlOf(name);
    const database = await openDatabase({ url, dataDirectory: '', poolSize: 2, log: openLog('silent') });
    await migrate(database).finally(() => database.close());
    return name;
  };
  return {
    database: async () => {
      template ??= migrated();
      return urlOf(await create(` TEMPLATE ${await template}`));
    },
    close: async () => {
      for (const name of made) await onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await server.stop();
    },
  };
}

/** A gateway process, with the settings that an operator would have, and loopback opened for the upstream. */
export async function startGateway(
  databaseUrl: string,
  keys: string,
  more: Record<string, string> = {},
  log?: string,
  flags: string[] = [],
): Promise<Program & { base: string }> {
  const port = await freePort();
  const base = more.GRANTWAY_URL ?? `http://127.0.0.1:${port}`;
  const env = {
    DATABASE_URL: databaseUrl,
    GRANTWAY_URL: base,
    GRANTWAY_KEYS: keys,
    GRANTWAY_ALLOW_UPSTREAMS: '127.0.0.0/8',
    // All load is of one address here, and much of it of one sign-in.
    GRANTWAY_CONNECTIONS_PER_ADDRESS: '100000',
    GRANTWAY_REQUESTS_PER_MINUTE: '100000000',
    ...more,
  };
  return {
    ...(await startProgram({ file: 'src/main.ts', port, env, flags, ...(log === undefined ? {} : { log }) })),
    base,
  };
}
