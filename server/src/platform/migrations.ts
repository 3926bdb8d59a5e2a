/** Applies the migrations in prisma/migrations with Prisma's own schema engine, on PostgreSQL and on the embedded database alike. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { Database } from './database.ts';

const PRISMA_DIRECTORY = join(import.meta.dirname, '../../../prisma');

/**
 * Brings the database to the newest migration. Several processes may start at once: one applies, the others wait and find it done.
 * @returns the names of the migrations that this call applied. @throws Error when a migration fails, naming it.
 */
export async function migrate(database: Database): Promise<string[]> {
  return database.migrating(async (adapter) => {
    const bound = bindMigrationAwareSqlAdapterFactory(adapter);
    const schema = await openEngine(bound);
    const migrationsList = readMigrations();
    try {
      await forgetInterrupted(schema, migrationsList);
      const { appliedMigrationNames } = await schema.applyMigrations({ migrationsList, filters: NO_FILTERS });
      return appliedMigrationNames;
    } catch (error) {
      throw new Error(whyOf(error, bound), { cause: error });
    } finally {
      schema.free();
    }
  });
}

/** One line: which migration, where one had begun, and what the database said. The engine tells it over many, or by the number of an error. */
function whyOf(error: unknown, { errorRegistry }: Bound): string {
  const text = error instanceof Error ? error.message : String(error);
  const [, name] = /migration_name="([^"]+)"/.exec(text) ?? [];
  const [, id] = /External error id#(\d+)/.exec(text) ?? [];
  const cause = id === undefined ? undefined : errorRegistry.consumeError(Number(id))?.error;
  const said = cause instanceof Error ? cause.message : (text.split('\n', 1)[0] as string);
  return name === undefined ? `the database cannot be migrated: ${said}` : `the migration ${name} failed: ${said}`;
}

/**
 * A process that was killed while it migrated leaves a migration that began and never ended, at which Prisma stops for good. Each script
 * is sent whole, and so is one transaction that the database rolled back: it can simply be run again. (A migration must therefore hold
 * no COMMIT, and nothing that refuses to run in a transaction.)
 */
async function forgetInterrupted(schema: SchemaEngine, migrationsList: MigrationList): Promise<void> {
  const { failedMigrationNames } = await schema.diagnoseMigrationHistory({
    migrationsList,
    optInToShadowDatabase: false,
    filters: NO_FILTERS,
  });
  for (const migrationName of failedMigrationNames) await schema.markMigrationRolledBack({ migrationName });
}

/** The SQL between what the migrations build and what schema.prisma says, for whoever writes the next migration. Empty: none. */
export async function missingMigration(database: Database): Promise<string> {
  return database.migrating(async (adapter) => {
    const schema = await openEngine(bindMigrationAwareSqlAdapterFactory(adapter));
    try {
      const { stdout } = await schema.diff({
        from: { tag: 'migrations', ...readMigrations() },
        to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: readDatamodel() }] },
        script: true,
        exitCode: null,
        filters: NO_FILTERS,
      } as Parameters<SchemaEngine['diff']>[0]);
      return (stdout ?? '').trim();
    } finally {
      schema.free();
    }
  });
}

const readDatamodel = (): string => readFileSync(join(PRISMA_DIRECTORY, 'schema.prisma'), 'utf8');

// Node has it, and TypeScript tells of it only together with a browser's whole DOM.
declare const WebAssembly: {
  instantiate: (
    bytes: Uint8Array,
    imports: object,
  ) => Promise<{ instance: { exports: { __wbindgen_start: () => void } } }>;
};

const NO_FILTERS = { externalTables: [], externalEnums: [] };

type Bound = ReturnType<typeof bindMigrationAwareSqlAdapterFactory>;

async function openEngine(bound: Bound): Promise<SchemaEngine> {
  await loadWebAssembly();
  return engine.SchemaEngine.new({ datamodels: [['schema.prisma', readDatamodel()]] }, () => {}, bound);
}

// Once per process, and not per copy of this module (a test runner makes several): the package's binding is one, and a second
// WebAssembly memory under it would be read with the first one's addresses.
const LOADED = Symbol.for('grantway.schema-engine');
const once = globalThis as { [LOADED]?: Promise<void> };

/** The package wants a bundler that imports .wasm files; instantiating it by hand works in plain Node. */
function loadWebAssembly(): Promise<void> {
  once[LOADED] ??= (async () => {
    const directory = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
    const bytes = readFileSync(join(directory, 'schema_engine_bg.wasm'));
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine });
    const binding = engine as unknown as { __wbg_set_wasm: (exports: unknown) => void };
    binding.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
  })();
  return once[LOADED];
}

const MIGRATIONS = join(PRISMA_DIRECTORY, 'migrations');

/** Of every migration that this build knows, in their order. */
export const migrationNames = (): string[] =>
  readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

function readMigrations(): MigrationList {
  const baseDir = MIGRATIONS;
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrationNames().map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: readFileSync(join(baseDir, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
}
