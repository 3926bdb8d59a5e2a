/** The one database: PostgreSQL where `DATABASE_URL` names it, else the embedded one. Both speak the same SQL. */
import { PrismaClient } from '@grantway/prisma/client';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { openEmbedded } from './embedded-database.ts';
import type { Log } from './log.ts';

export type Row = Record<string, unknown>;

/** A notification channel. @returns what ends the listening. */
export type Listen = (
  channel: string,
  onMessage: (payload: string) => void,
  onGap: () => void,
) => Promise<() => Promise<void>>;

export type Database = {
  kind: 'postgres' | 'embedded';
  db: PrismaClient;
  /** One prepared statement straight on the driver, for the hot path alone. `name` identifies the text. */
  query: (name: string, text: string, values: unknown[]) => Promise<Row[]>;
  /** Notifications from any process. `onGap` is called when some may have been missed: look again at everything. */
  listen: Listen;
  /** Runs `work` with the same database as Prisma's schema engine wants it, while no other process does the same. */
  migrating: <T>(work: (adapter: SqlMigrationAwareDriverAdapterFactory) => Promise<T>) => Promise<T>;
  log: Log;
  close: () => Promise<void>;
};

export type DatabaseSettings = {
  /** A PostgreSQL URL; absent: embedded. */
  url?: string | undefined;
  /** Where the embedded database keeps its files; `memory://` for none. */
  dataDirectory: string;
  poolSize: number;
  log: Log;
};

/** Opens the database. Applies no migrations: `migrate` does. @throws Error with one sentence where the settings cannot work. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  return settings.url === undefined
    ? openEmbedded(settings.dataDirectory, settings.log)
    : openPostgres(settings.url, settings);
}

// Waits are bounded: past these PostgreSQL ends the statement, and the caller hears "unavailable" rather than nothing.
const SESSION = {
  lock_timeout: 4_000,
  statement_timeout: 15_000,
  idle_in_transaction_session_timeout: 20_000,
  connectionTimeoutMillis: 4_000,
  options: '-c TimeZone=UTC',
  // Past the server's own limit: for a server that says nothing any more.
  query_timeout: 17_000,
};
const HOT_PATH_MS = 5_000;
const MIGRATION_LOCK = 4_207_001;

function openPostgres(url: string, { poolSize, log }: DatabaseSettings): Database {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, ...SESSION });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'));
  const adapter = new PrismaPg(pool);
  const migrationPool = {
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: SESSION.connectionTimeoutMillis,
    options: SESSION.options,
  };
  return {
    kind: 'postgres',
    db: new PrismaClient({ adapter }),
    // pg gives a query a limit of its own for a server that takes it and never answers; its types do not say so.
    query: async (name, text, values) =>
      (await pool.query({ name, text, values, query_timeout: HOT_PATH_MS } as pg.QueryConfig)).rows,
    listen: (channel, onMessage, onGap) => listenOn(url, log, channel, onMessage, onGap),
    migrating: (work) => holdingLock(migrationPool, work),
    log,
    close: async () => {
      await pool.end();
    },
  };
}

/** @prisma/adapter-pg cuts a script at every semicolon, inside a function's body too. PostgreSQL takes it whole. */
class MigrationAdapterFactory extends PrismaPg {
  private readonly opened: SqlDriverAdapter[] = [];

  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await adapter.underlyingDriver().query(script);
    };
    this.opened.push(adapter);
    return adapter;
  }

  /** The schema engine leaves its connections open. */
  async dispose(): Promise<void> {
    await Promise.all(this.opened.map((adapter) => adapter.dispose()));
  }
}

/** A transaction-level lock, which a pooler in transaction mode keeps too. */
async function holdingLock<T>(
  connection: pg.PoolConfig,
  work: (adapter: MigrationAdapterFactory) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  const adapter = new MigrationAdapterFactory(connection);
  try {
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    return await work(adapter);
  } finally {
    await adapter.dispose().catch(() => {});
    await client.end().catch(() => {});
  }
}

const RECONNECT_MS = 1_000;

async function listenOn(
  url: string,
  log: Log,
  channel: string,
  onMessage: (payload: string) => void,
  onGap: () => void,
) {
  let stopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: SESSION.connectionTimeoutMillis,
      keepAlive: true,
    });
    const lost = (error?: unknown): void => {
      if (client !== next) return;
      client = undefined;
      if (!stopped) {
        if (error) log.warn({ err: error }, 'the notification connection broke');
        timer = setTimeout(() => void reconnect(), RECONNECT_MS);
      }
    };
    next.on('error', lost);
    next.on('end', () => lost());
    next.on('notification', (message) => onMessage(message.payload ?? ''));
    client = next;
    await next.connect();
    await next.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  };
  const reconnect = async (): Promise<void> => {
    try {
      await connect();
      onGap();
    } catch (error) {
      log.warn({ err: error }, 'cannot listen for notifications yet');
      client = undefined;
      if (!stopped) timer = setTimeout(() => void reconnect(), RECONNECT_MS);
    }
  };
  try {
    await connect();
  } catch (error) {
    // The database being away now must not keep the process from starting: the periodic re-check stands behind.
    log.warn({ err: error }, 'cannot listen for notifications yet');
    client = undefined;
    timer = setTimeout(() => void reconnect(), RECONNECT_MS);
  }
  return async () => {
    stopped = true;
    clearTimeout(timer);
    const open = client;
    client = undefined;
    await open?.end().catch(() => {});
  };
}
