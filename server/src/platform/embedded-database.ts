/** The embedded database: PostgreSQL in WebAssembly (PGlite), one process, files of its own, no installation. */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaClient } from '@grantway/prisma/client';
import type {
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  Transaction,
} from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import type { Database, Row } from './database.ts';
import { type Embedded, openLives } from './embedded-lives.ts';
import type { Log } from './log.ts';

/** Opens, or makes, the database in `directory` (`memory://` keeps it in memory). @throws Error when another process has it open. */
export async function openEmbedded(
  directory: string,
  log: Log,
  loadDataDir?: Blob,
): Promise<Database & { dump: () => Promise<Blob> }> {
  const release = directory === 'memory://' ? () => {} : lockDirectory(directory);
  const inMemory = directory === 'memory://';
  const create = async (): Promise<PGlite> => {
    const pglite = await PGlite.create({
      dataDir: inMemory ? directory : join(directory, 'pglite'),
      ...(loadDataDir ? { loadDataDir } : {}),
    });
    await pglite.exec("SET TimeZone = 'UTC'; SET lock_timeout = 4000; SET statement_timeout = 15000");
    return pglite;
  };
  const pglite = await openLives(create, (error) =>
    log.error({ err: error }, 'the embedded database failed, and begins again'),
  );
  const adapter = new DurableAdapterFactory(pglite);
  const db = new PrismaClient({ adapter });
  return {
    kind: 'embedded',
    db,
    patient: db,
    query: async (_name, text, values) => (await pglite.query<Row>(text, values)).rows,
    rows: async (_name, text, values) => {
      const answer = await pglite.query<unknown[]>(text, [...values], { rowMode: 'array' });
      return answer.rows.map((row) => row.map(textOf));
    },
    listen: async (channel, onMessage) => pglite.listen(channel, onMessage),
    // One process has the files: there is no other to keep out.
    migrating: (work) => work(adapter),
    log,
    dump: () => pglite.dumpDataDir('none'),
    close: async () => {
      await pglite.close();
      release();
    },
  };
}

/** What PostgreSQL itself would have written. */
const textOf = (value: unknown): string | null =>
  value === null
    ? null
    : typeof value === 'boolean'
      ? value
        ? 't'
        : 'f'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);

/** Two processes on the same files would destroy them, so the first one says that it is there. @returns what gives it up. */
function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'grantway.pid');
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  // Written whole and then named: nobody ever reads half a claim.
  writeFileSync(draft, claimOf(process.pid), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (link(draft, path)) {
        const remove = (): void => rmSync(path, { force: true });
        process.once('exit', remove);
        return () => {
          process.off('exit', remove);
          remove();
        };
      }
      const claim = existsSync(path) ? readFileSync(path, 'utf8') : '';
      const pid = Number(claim.split(' ')[0]);
      if (isAlive(pid) && claimOf(pid) === claim) {
        throw new Error(`the data in ${directory} is in use by process ${pid}: stop it first, or set GRANTWAY_DATA`);
      }
      forgetClaim(path, draft, claim);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Error(`the data in ${directory} is in use by another process`);
}

/** A process and when it began, so that another one that got its number later is not taken for it. */
function claimOf(pid: number): string {
  const stat = `/proc/${pid}/stat`;
  // Field 22, counted after the name, which may hold spaces and parentheses.
  const began = existsSync(stat) ? readFileSync(stat, 'utf8').split(') ').pop()?.split(' ')[19] : undefined;
  return `${pid} ${began ?? ''}`;
}

/** Its process is gone (killed), so the claim is void; but only that one, not one that another process made meanwhile. */
function forgetClaim(path: string, draft: string, claim: string): void {
  const aside = `${draft}.void`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readFileSync(aside, 'utf8') !== claim) link(aside, path);
  rmSync(aside, { force: true });
}

/** @returns false where the name is taken. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * pglite-prisma-adapter with two faults mended, both of which would acknowledge what was not done:
 * its commit() resolves also when COMMIT failed, and its executeScript() does not wait for the script.
 */
class DurableAdapterFactory implements SqlMigrationAwareDriverAdapterFactory {
  readonly provider = 'postgres';
  readonly adapterName = 'pglite-durable';
  private readonly pglite: Embedded;
  constructor(pglite: Embedded) {
    this.pglite = pglite;
  }
  async connect(): Promise<SqlDriverAdapter> {
    return durable(this.pglite);
  }
  async connectToShadowDb(): Promise<SqlDriverAdapter> {
    return durable(await PGlite.create('memory://'));
  }
}

async function durable(embedded: Embedded): Promise<SqlDriverAdapter> {
  const pglite = embedded as PGlite;
  const adapter = (await new PrismaPGlite(pglite).connect()) as SqlDriverAdapter;
  adapter.executeScript = async (script) => {
    await pglite.exec(script);
  };
  adapter.startTransaction = async (isolationLevel) => {
    let outcome: Promise<unknown> = Promise.resolve();
    const watched = Object.create(pglite) as PGlite;
    watched.transaction = (work) => {
      const running = pglite.transaction((tx) => {
        const rollback = tx.rollback.bind(tx);
        // The adapter does not wait for it, so that nobody would hear of its failure but the process, which would end of it.
        tx.rollback = async () => rollback().catch(() => {});
        return work(tx);
      });
      outcome = running;
      return running;
    };
    const started = (await new PrismaPGlite(watched).connect()) as SqlDriverAdapter;
    const transaction: Transaction = await started.startTransaction();
    if (isolationLevel) {
      const sql = `SET TRANSACTION ISOLATION LEVEL ${isolationLevel}`;
      await transaction.executeRaw({ sql, args: [], argTypes: [] }).catch(async (error: unknown) => {
        // Nobody else knows of it, and it would keep all others waiting.
        await transaction.rollback();
        throw error;
      });
    }
    const commit = transaction.commit.bind(transaction);
    transaction.commit = async () => {
      await commit();
      await outcome;
    };
    return transaction;
  };
  return adapter;
}
