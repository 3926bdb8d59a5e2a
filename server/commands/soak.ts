/** `npm run soak -- --minutes N --seed S`: the long soak on a real PostgreSQL, with its table at the end. */
import { parseArgs } from 'node:util';
import { startServer } from '@grantway/prisma/postgres-server';
import { openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { migrate } from '../src/platform/migrations.ts';
import { type SoakReport, soak } from '../src/testing/soak.ts';

const PROCESSES = 3;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '20' }, seed: { type: 'string' } } });
const seconds = Math.round(Number(values.minutes) * 60);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  process.stderr.write('usage: npm run soak -- --minutes N --seed S\n');
  process.exit(1);
}

const given = process.env.TEST_DATABASE_URL;
const server = given ? { url: given, stop: async () => {} } : await startServer();
const open = () => openDatabase({ url: server.url, dataDirectory: '', poolSize: 12, log: openLog('error') });
const processes = await Promise.all(Array.from({ length: PROCESSES }, open));
await migrate(processes[0] as (typeof processes)[number]);
process.stdout.write(`soaking for ${seconds} s with seed ${seed}\n`);
const report = await soak(processes, seed, seconds);
print(report);
await Promise.all(processes.map((database) => database.close()));
await server.stop();
process.exit(report.violations.length + report.deadlocks > 0 ? 1 : 0);

function print({ operations, interleavings, ...rest }: SoakReport): void {
  const total = Object.values(operations).reduce((sum, { done, refused }) => sum + done + refused, 0);
  console.table(operations);
  console.table(interleavings);
  const { livenessQuestions, unavailable, deadlocks, violations } = rest;
  console.table({
    seed: rest.seed,
    seconds: rest.seconds,
    operations: total,
    livenessQuestions,
    unavailable,
    deadlocks,
    violations: violations.length,
  });
  for (const violation of violations) process.stdout.write(`VIOLATION ${violation}\n`);
}
