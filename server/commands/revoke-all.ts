/** `npm run revoke-all -- --issued-before INSTANT`: after a restored backup, ends what it brought back to life (docs/operations.md). */
import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { endRestored } from '../src/core/people/restored.ts';
import { openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { migrate } from '../src/platform/migrations.ts';
import { startFault } from '../src/start-fault.ts';

const { values } = parseArgs({ options: { 'issued-before': { type: 'string' } } });
const text = values['issued-before'] ?? '';
const before =
  text === 'now' ? new Date() : new Date(/\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : Number.NaN);
if (Number.isNaN(before.getTime())) {
  process.stderr.write(
    'usage: npm run revoke-all -- --issued-before 2026-11-24T10:00:00Z   (an instant with its zone, or `now`)\n',
  );
  process.exit(1);
}
try {
  const { databaseUrl: url, directDatabaseUrl: directUrl, dataDirectory } = readConfig(process.env);
  const database = await openDatabase({ url, directUrl, dataDirectory, poolSize: 2, log: openLog('error') });
  // A backup may be of an older version than this program.
  await migrate(database);
  const ended = await endRestored(database, before, new Date());
  await database.close();
  process.stdout.write(
    `ended ${ended.grants} grants, ${ended.sessions} sessions, ${ended.apiKeys} API keys and ${ended.invitations} invitations from before ${before.toISOString()}\n`,
  );
  process.exit(0);
} catch (error) {
  process.stderr.write(`revoke-all: ${startFault(error, process.env.DATABASE_URL)}\n`);
  process.exit(1);
}
