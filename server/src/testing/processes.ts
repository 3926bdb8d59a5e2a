/** Several databases handles on one PostgreSQL database: what several processes would hold. */
import { type Database, openDatabase } from '../platform/database.ts';
import { openLog } from '../platform/log.ts';
import { createTestDatabase } from './database.ts';

/** Opens `count` handles, each with a pool of its own. `close()` ends them all and drops the database. */
export async function openProcesses(
  count: number,
): Promise<{ processes: Database[]; url: string; close: () => Promise<void> }> {
  const { url, drop } = await createTestDatabase();
  const open = () =>
    openDatabase({ url, dataDirectory: '', poolSize: 12, log: openLog(process.env.TEST_LOG ?? 'silent') });
  const processes = await Promise.all(Array.from({ length: count }, open));
  return {
    processes,
    url,
    close: async () => {
      await Promise.all(processes.map((database) => database.close()));
      await drop();
    },
  };
}

/** How many deadlocks PostgreSQL has seen in this database. transact would hide them by trying again. */
export async function deadlocks(database: Database): Promise<number> {
  const [row] = await database.db.$queryRaw<{ deadlocks: bigint }[]>`
    SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`;
  return Number(row?.deadlocks ?? 0);
}
