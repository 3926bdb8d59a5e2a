/** `npm run fuzz -- --inputs N --seed S`: the fuzz of every parameter, longer than the tests have time for. */
import { parseArgs } from 'node:util';
import { startServer } from '@grantway/prisma/postgres-server';
import { openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { migrate } from '../src/platform/migrations.ts';
import { fuzz } from '../src/testing/fuzz/run.ts';

const { values } = parseArgs({ options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string' } } });
const inputs = Number(values.inputs);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
if (!(inputs > 0) || !Number.isInteger(seed)) {
  process.stderr.write('usage: npm run fuzz -- --inputs N --seed S\n');
  process.exit(1);
}
const given = process.env.TEST_DATABASE_URL;
const server = given ? { url: given, stop: async () => {} } : await startServer();
const database = await openDatabase({ url: server.url, dataDirectory: '', poolSize: 20, log: openLog('error') });
await migrate(database);
process.stdout.write(`${inputs} inputs with seed ${seed}\n`);
const began = performance.now();
const report = await fuzz(database, { inputs, seed });
const seconds = (performance.now() - began) / 1000;
console.table(
  Object.fromEntries(
    Object.entries(report.endpoints).map(([endpoint, { inputs: sent, parameters, statuses }]) => [
      endpoint,
      {
        inputs: sent,
        parameters,
        statuses: Object.entries(statuses)
          .map(([status, count]) => `${status}: ${count}`)
          .join('  '),
      },
    ]),
  ),
);
process.stdout.write(`${report.inputs} inputs in ${seconds.toFixed(1)} s\n`);
for (const failure of report.failures) process.stdout.write(`FAILED ${failure}\n`);
await database.close();
await server.stop();
process.exit(report.failures.length > 0 ? 1 : 0);
