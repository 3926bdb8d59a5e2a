/** Before the tests on the embedded database: one is migrated and dumped, so that each test file begins with a copy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openEmbedded } from '../platform/embedded-database.ts';
import { openLog } from '../platform/log.ts';
import { migrate } from '../platform/migrations.ts';
import './postgres.ts';

export default async function setup({ provide }: TestProject): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), 'grantway-embedded-'));
  const database = await openEmbedded('memory://', openLog('silent'));
  await migrate(database);
  const dump = join(directory, 'migrated.tar');
  writeFileSync(dump, Buffer.from(await (await database.dump()).arrayBuffer()));
  await database.close();
  provide('dump', dump);
  return () => rmSync(directory, { recursive: true, force: true });
}
