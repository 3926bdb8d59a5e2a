/** The runbooks of docs/operations.md, followed. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { type Database, openDatabase } from '../platform/database.ts';
import { openLog } from '../platform/log.ts';
import { migrate, migrationNames } from '../platform/migrations.ts';
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
  // And of an older version: a migration that can be run again is not in it.
  await again.db.$executeRaw`DELETE FROM _prisma_migrations WHERE migration_name = '20261130034800_audit_upkeep'`;
  expect(await again.db.oAuthGrant.findUnique({ where: { id: grantId } })).toMatchObject({ status: 'active' });
  const [command = ''] = blocks('sh');
  const [, , name, , ...parameters] = command.trim().split(/\s+/);
  const run = promisify(execFile);
  const script = join(import.meta.dirname, `../../commands/${name}.ts`);
  const { stdout } = await run(process.execPath, [script, ...parameters], { env: { DATABASE_URL: restoredUrl } });
  expect(stdout).toContain('ended 1 grants');
  expect(await migrate(again)).toEqual([]);
  expect(await again.db.oAuthGrant.findUnique({ where: { id: grantId } })).toMatchObject({ status: 'revoked' });
  await expect(run(process.execPath, [script, '--issued-before', 'yesterday'])).rejects.toThrow('usage:');
  const nowhere = { DATABASE_URL: 'postgres://grantway@127.0.0.1:1/grantway' };
  await expect(run(process.execPath, [script, ...parameters], { env: nowhere })).rejects.toMatchObject({
    stderr: 'revoke-all: DATABASE_URL: the database does not answer there, or refuses this user\n',
  });
  await again.close();
  await onServer(serverUrl, `DROP DATABASE ${restored} WITH (FORCE)`);
  await drop();
});

test('#267 the roles as the runbook makes them: one that is no superuser migrates, one that serves cannot touch the record', async () => {
  const serverUrl = inject('serverUrl');
  const name = `roles_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, `CREATE DATABASE ${name}`);
  const url = withDatabase(serverUrl, name);
  const [roles = '', grants = ''] = blocks('sql');
  // The roles of a server are for all of its databases: here they get names of their own.
  const own = (sql: string) => sql.replaceAll('grantway_', `${name}_`);
  const open = (username?: string, password?: string) => {
    const as = new URL(url);
    if (username) Object.assign(as, { username: `${name}_${username}`, password });
    return openDatabase({ url: as.href, dataDirectory: '', poolSize: 1, log: openLog('silent') });
  };
  const run = async (database: Database, sql: string) => {
    for (const statement of own(sql)
      .split(';')
      .filter((part) => part.trim())) {
      await database.db.$executeRawUnsafe(statement);
    }
  };
  const superuser = await open();
  await run(superuser, roles);
  await superuser.close();
  const app = await open('app', 'change me too');
  await expect(migrate(app)).rejects.toThrow(
    /^the database cannot be migrated: .*permission denied for schema public$/,
  );
  const owner = await open('owner', 'change me');
  expect(await migrate(owner)).toEqual(migrationNames());
  await run(owner, grants);
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
  await onServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
  for (const role of ['owner', 'app']) await onServer(serverUrl, `DROP ROLE ${name}_${role}`);
});
