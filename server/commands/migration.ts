/** `npm run migration -- NAME`: writes the migration that brings the database from what prisma/migrations builds to what schema.prisma says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { missingMigration } from '../src/platform/migrations.ts';

const name = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9_]*$/.test(name)) {
  process.stderr.write('usage: npm run migration -- NAME   (lower case, such as add_labels)\n');
  process.exit(1);
}
const database = await openDatabase({ url: undefined, dataDirectory: 'memory://', poolSize: 1, log: openLog('error') });
const sql = await missingMigration(database);
await database.close();
if (sql === '' || sql === '-- This is an empty migration.') {
  process.stdout.write('The migrations build what schema.prisma says: there is nothing to write.\n');
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const directory = join(import.meta.dirname, `../../prisma/migrations/${stamp}_${name}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'migration.sql'), `${sql}\n`);
  process.stdout.write(
    `wrote prisma/migrations/${stamp}_${name}/migration.sql: read it, and add what Prisma cannot say\n`,
  );
}
