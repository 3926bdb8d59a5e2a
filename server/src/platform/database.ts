/** The one database: PostgreSQL where `DATABASE_URL` names it, else the embedded one. Both speak the same SQL. */
import { PrismaClient } from '@grantway/prisma/client';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { openEmbedded } from './embedded-database.ts';
import { type Listen, listenOn } from './listen.ts';
import type { Log } from './log.ts';
import { runStatement, type TextRow } from './statement.ts';
import { openNames } from './statement-names.ts';

export type Row = Record<string, unknown>;

export type Database = {
  kind: 'postgres' | 'embedded';
  db: PrismaClient;
  /** The same database with limits for work that is long by its nature: a revocation of very many, housekeeping. */
  patient: PrismaClient;
  /** One prepared statement straight on the driver, for the hot path alone. `name` identifies the text. */
  query: (name: string, text: string, values: unknown[]) => Promise<Row[]>;
  /** The same with parameters and columns as PostgreSQL's own text, which nothing decodes. */
  rows: (name: string, text: string, values: readonly string[]) => Promise<TextRow[]>;
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
  /** PostgreSQL itself, where `url` is a pooler in transaction mode: there neither LISTEN nor a migration can go. */
  directUrl?: string | undefined;
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

// Waits are bounded: past these PostgreSQL ends the statement, and the caller hears "unavailable" rather than nothing (#278, #280).
const SESSION = {
  lock_timeout: 4_000,
  statement_timeout: 4_500,
  idle_in_transaction_session_timeout: 20_000,
  connectionTimeoutMillis: 4_000,
  options: '-c TimeZone=UTC',
  // Past the server's own limit: for a server that says nothing any more.
  query_timeout: 5_000,
};
// A revocation of a hundred thousand grants is one statement after another over all of them.
const PATIENT = { ...SESSION, statement_timeout: 120_000, query_timeout: 125_000 };
const PATIENT_POOL = 2;
// The hot path's statements find single rows by key, whatever the statistics said when a plan was made: planned once, never by scan.
const HOT = {
  ...SESSION,
  statement_timeout: 4_000,
  query_timeout: 4_500,
  options: [
    SESSION.options,
    ...[
      'plan_cache_mode=force_generic_plan',
      'enable_seqscan=off',
      // Nor by going through the whole of an index, which looks cheap where a table is small yet, and is remembered when it has grown.
      'cpu_tuple_cost=1',
      'enable_hashjoin=off',
      'enable_mergejoin=off',
      'jit=off',
      'join_collapse_limit=1',
      'enable_material=off',
    ],
  ].join(' -c '),
};
const HOT_POOL = 4;
const MIGRATION_LOCK = 4_207_001;

function openPostgres(url: string, { poolSize, log, directUrl = url }: DatabaseSettings): Database {
  const open = (limits: typeof SESSION, max: number): pg.Pool => {
    const pool = new pg.Pool({ connectionString: url, max, keepAlive: true, ...limits });
    pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'));
    // One that breaks while it is lent says so twice: to its query, and to whoever listens. Nobody would end the process.
    pool.on('connect', (client) => client.on('error', () => {}));
    return pool;
  };
  const pool = open(SESSION, poolSize);
  const patient = open(PATIENT, PATIENT_POOL);
  const hot = open(HOT, HOT_POOL);
  const named = openNames(log);
  const migrationPool = {
    connectionString: directUrl,
    max: 2,
    connectionTimeoutMillis: SESSION.connectionTimeoutMillis,
    options: SESSION.options,
  };
  return {
    kind: 'postgres',
    db: new PrismaClient({ adapter: new PrismaPg(pool) }),
    patient: new PrismaClient({ adapter: new PrismaPg(patient) }),
    query: async (name, text, values) =>
      (await named(name, text, (carried) => hot.query({ name: carried, text, values }))).rows,
    rows: (name, text, values) => named(name, text, (carried) => runStatement(hot, carried, text, values)),
    listen: (channel, onMessage, onGap) => listenOn(directUrl, log, channel, onMessage, onGap),
    migrating: (work) => holdingLock(migrationPool, work),
    log,
    close: async () => {
      await Promise.all([pool.end(), patient.end(), hot.end()]);
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
