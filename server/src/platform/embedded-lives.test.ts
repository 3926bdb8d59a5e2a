import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { expect, test } from 'vitest';
import { openLives } from './embedded-lives.ts';
import { isTransient } from './transient.ts';

test('#280 an embedded database that cannot write its log fails what is asked of it, never hangs, and begins again with all that it acknowledged', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'grantway-lives-'));
  const [log, away] = [join(directory, 'pg_wal'), join(directory, 'away')];
  const lost: unknown[] = [];
  const database = await openLives(
    () => PGlite.create({ dataDir: directory }),
    (error) => lost.push(error),
  );
  const heard: string[] = [];
  await database.listen('news', (payload) => heard.push(payload));
  await database.exec('CREATE TABLE kept (n int)');
  let acknowledged = 0;
  const write = async (): Promise<void> => {
    await database.query("SELECT pg_logical_emit_message(false, 'much', repeat('x', 4000000))");
    await database.query('INSERT INTO kept VALUES ($1)', [acknowledged]);
    acknowledged++;
  };

  // The file of the log that is in use stays open; the next one cannot be made.
  renameSync(log, away);
  let refusal: unknown;
  while (refusal === undefined) await write().catch((error: unknown) => (refusal = error));
  // What was under way with the first life, or waits behind it.
  const after = await Promise.allSettled([
    database.query('SELECT 1'),
    database.transaction((tx) => tx.query('SELECT 1')),
  ]);
  renameSync(away, log);
  expect(isTransient(refusal)).toBe(true);
  expect(lost.length).toBe(1);
  for (const one of after) if (one.status === 'rejected') expect(isTransient(one.reason)).toBe(true);

  await expect
    .poll(
      () =>
        write().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
  const { rows } = await database.query<{ count: number }>('SELECT count(*)::int AS count FROM kept');
  expect(rows).toEqual([{ count: acknowledged }]);
  await database.query("NOTIFY news, 'heard again'");
  await expect.poll(() => heard).toEqual(['heard again']);
  await database.close();
  rmSync(directory, { recursive: true });
}, 60_000);
