/** The runbooks of docs/operations.md, followed. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { openDatabase } from '../platform/database.ts';
import { openLog } from '../platform/log.ts';
import { migrate } from '../platform/migrations.ts';
import { transact } from '../platform/transact.ts';
import { createTestDatabase } from '../testing/database.ts';
import { onServer, withDatabase } from '../testing/postgres.ts';
import { makeClient, makeConnection, makeUser, signIn } from '../testing/scene.ts';
import { revokeGrants } from './grants/revoke.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
const blocks = (language: string) =>
  [...DOCUMENT.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text as string);

test('#276 a backup older than a revocation: restored, and the runbook followed', async () => {
  const serverUrl = inject('serverUrl');
  const { url, drop } = await createTestDatabase();
  const open = (at: string) => openDatabase({ url: at, dataDirectory: '', poolSize: 4, log: openLog('silent') });
  const database = await open(url);
  const user = await makeUser(database);
  const connection = await makeConnection(database, { userId: user.id });
  const { grantId } = await signIn(database, { user, client: await makeClient(database), connection });
  await database.close();
  const restored = `${new URL(url).pathname.slice(1)}_restored`;
  // The backup: a copy of the database as it is, byte for byte.
  await onServer(serverUrl, `CREATE DATABASE ${restored} TEMPLATE ${new URL(url).pathname.slice(1)}`);
  const live = await open(url);
  await transact(live, (tx) =>
    revokeGrants(tx, { grantIds: [grantId] }, 'user_revoked', { userId: user.id }, new Date()),
  );
  await live.close();
  const restoredUrl = withDatabase(serverUrl, restored);
  const again = await open(restoredUrl);
  expect(await again.db.oAuthGrant.findUnique({ where: { id: grantId } })).toMatchObject({ status: 'active' });
  const [command = ''] = blocks('sh');
  const [, , name, , ...parameters] = command.trim().split(/\s+/);
  const run = promisify(execFile);
  const script = join(import.meta.dirname, `../../commands/${name}.ts`);
  const { stdout } = await run(process.execPath, [script, ...parameters], { env: { DATABASE_URL: restoredUrl } });
  expect(stdout).toContain('ended 1 grants');
  expect(await again.db.oAuthGrant.findUnique({ where: { id: grantId } })).toMatchObject({ status: 'revoked' });
  await expect(run(process.execPath, [script, '--issued-before', 'yesterday'])).rejects.toThrow('usage:');
  await again.close();
  await onServer(serverUrl, `DROP DATABASE ${restored} WITH (FORCE)`);
  await drop();
});

test('#267 a role that serves and does not own cannot touch the record, whatever it says', async () => {
  const serverUrl = inject('serverUrl');
  const { url, drop } = await createTestDatabase();
  const name = new URL(url).pathname.slice(1);
  const [roles = '', grants = ''] = blocks('sql');
  // The roles of a server are for all of its databases: here they get names of their own.
  const own = (sql: string) => sql.replaceAll('grantway_', `${name}_`);
  const owner = await openDatabase({ url, dataDirectory: '', poolSize: 2, log: openLog('silent') });
  for (const sql of [own(roles), own(grants)])
    for (const statement of sql.split(';').filter((part) => part.trim())) await owner.db.$executeRawUnsafe(statement);
  const as = new URL(url);
  as.username = `${name}_app`;
  as.password = 'change me too';
  const app = await openDatabase({ url: as.href, dataDirectory: '', poolSize: 1, log: openLog('silent') });
  expect(await migrate(app)).toEqual([]);
  const { id } = await app.db.auditEvent.create({ data: { kind: 'user.created', occurredAt: new Date(0) } });
  await app.db.$executeRaw`SELECT set_config('grantway.audit_upkeep', 'on', false)`;
  for (const sql of [
    'DELETE FROM audit_event',
    'UPDATE audit_event SET kind = $$x$$',
    'TRUNCATE audit_event',
    'ALTER TABLE audit_event DISABLE TRIGGER ALL',
    'DROP TRIGGER audit_event_append_only ON audit_event',
    'CREATE OR REPLACE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$',
  ])
    await expect(app.db.$executeRawUnsafe(sql), sql).rejects.toThrow(/permission denied|must be owner/);
  expect(await app.db.auditEvent.findUnique({ where: { id } })).not.toBeNull();
  const [row] = await app.db.$queryRaw<{ forgotten: number }[]>`SELECT audit_forget(now(), 10) AS forgotten`;
  expect(row?.forgotten).toBe(1);
  const user = await makeUser(app);
  const connection = await makeConnection(app, { userId: user.id });
  await signIn(app, { user, client: await makeClient(app), connection });
  await app.close();
  await owner.close();
  await drop();
  for (const role of ['owner', 'app']) await onServer(serverUrl, `DROP ROLE IF EXISTS ${name}_${role}`).catch(() => {});
});
