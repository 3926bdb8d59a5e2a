/** Brings what older keys sealed under the current one, row by row, while traffic runs. */
import { Prisma } from '@grantway/prisma/client';
import type { Database } from './database.ts';
import type { Keyring } from './keys.ts';
import { reseal, SealBroken, sealPrefix } from './seal.ts';

const BATCH = 200;

/** Tables whose rows (`id`) hold a sealed text in a column of that name: found, not listed, so that none is forgotten. */
async function sealedTables({ db }: Database): Promise<Prisma.Sql[]> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.columns
    WHERE column_name = 'sealed' AND table_schema = current_schema() ORDER BY table_name`;
  return tables.map(({ name }) => Prisma.raw(`"${name}"`));
}

type Row = { id: string; sealed: string };

/**
 * Seals again whatever is not sealed by the current key. A row that changes meanwhile keeps its new text. A text that cannot be opened
 * is left as it is and told in the log. @returns how many rows it sealed again.
 */
export async function resealRows(database: Database, keyring: Keyring): Promise<number> {
  const current = keyring.sealing[0];
  if (!current || keyring.sealing.length < 2) return 0;
  const prefix = sealPrefix(current.kid);
  let count = 0;
  for (const table of await sealedTables(database)) {
    let from = '00000000-0000-0000-0000-000000000000';
    let broken = 0;
    for (let rows: Row[] = []; ; ) {
      rows = await database.db.$queryRaw<Row[]>`
        SELECT id::text, sealed FROM ${table} WHERE id > ${from}::uuid AND sealed <> '' AND NOT starts_with(sealed, ${prefix})
        ORDER BY id LIMIT ${BATCH}`;
      for (const { id, sealed } of rows) {
        try {
          const again = await reseal(keyring, sealed);
          count += await database.db.$executeRaw`
            UPDATE ${table} SET sealed = ${again} WHERE id = ${id}::uuid AND sealed = ${sealed}`;
        } catch (error) {
          if (!(error instanceof SealBroken)) throw error;
          broken++;
        }
      }
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) break;
      from = last.id;
    }
    if (broken > 0)
      database.log.error({ table: table.sql, rows: broken }, 'sealed by a key that is not in the keyring');
  }
  return count;
}

/** How many rows each of these keys seals. */
export async function countSealed(database: Database, kids: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map(kids.map((kid) => [kid, 0]));
  for (const table of await sealedTables(database)) {
    for (const kid of kids) {
      const [row] = await database.db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM ${table} WHERE starts_with(sealed, ${sealPrefix(kid)})`;
      counts.set(kid, (counts.get(kid) ?? 0) + (row?.count ?? 0));
    }
  }
  return counts;
}

/** How many rows are sealed by keys that the keyring does not have (a restored database, a key that was removed): none of them opens. */
export async function countLost(database: Database, keyring: Keyring): Promise<number> {
  const prefixes = keyring.sealing.map(({ kid }) => `${sealPrefix(kid)}%`);
  let count = 0;
  for (const table of await sealedTables(database)) {
    // Nothing in a prefix is a wildcard: base64url has `_`, which LIKE would take for any character, so it is escaped.
    const [row] = await database.db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM ${table}
      WHERE sealed <> '' AND NOT sealed LIKE ANY(${prefixes.map((prefix) => prefix.replaceAll('_', '\\_'))}::text[])`;
    count += row?.count ?? 0;
  }
  return count;
}
