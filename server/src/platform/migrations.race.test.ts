/** Several processes that start at once on an empty PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { onServer, withDatabase } from '../testing/postgres.ts';
import { openDatabase } from './database.ts';
import { openLog } from './log.ts';
import { migrate } from './migrations.ts';

test('one of them migrates, the others wait and find it done', async () => {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await onServer(inject('serverUrl'), `CREATE DATABASE ${name}`);
  const url = withDatabase(inject('serverUrl'), name);
  const open = () => openDatabase({ url, dataDirectory: '', poolSize: 2, log: openLog('silent') });
  const processes = await Promise.all(Array.from({ length: 5 }, open));
  const applied = await Promise.all(processes.map((database) => migrate(database)));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(await processes[4]?.db.user.count()).toBe(0);
  await Promise.all(processes.map((database) => database.close()));
  await onServer(inject('serverUrl'), `DROP DATABASE ${name} WITH (FORCE)`);
});
