import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { ask, consent, makeClient, makeConnection, makeUser, signIn } from '../../testing/scene.ts';
import { blockClient, unblockClient } from './block.ts';
import { approveHost, type DocumentTrust, denyHost, forgetWaitingHosts, judgeHost, readHost } from './client-host.ts';
import { openDocumentClients } from './metadata-document.ts';

let database: Database;
let admin: { id: string };
beforeAll(async () => {
  database = await openTestDatabase();
  admin = await makeUser(database, 'Root');
});
afterAll(() => database.close());

let host: string;
let clientId: string;
beforeEach(() => {
  host = `${uuidv7()}.example`;
  clientId = `https://${host}/client.json`;
});
const now = new Date();
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const trust = (mode: DocumentTrust['mode'], allowedHosts: string[] = [], deniedHosts: string[] = []) => ({
  mode,
  allowedHosts,
  deniedHosts,
});
const judge = (how: DocumentTrust, at = now) => judgeHost(database, clientId, how, at);
const by = () => ({ host, actorUserId: admin.id });
const rowOf = () => database.db.clientHost.findUnique({ where: { host } });

describe('a host', () => {
  test('waits for an admin where the mode says so, is noted once a minute, and nothing is fetched from it', async () => {
    let fetches = 0;
    const fetch = async () => {
      fetches++;
      return new Response();
    };
    let at = now;
    const documents = openDocumentClients({
      database,
      fetch,
      own: 'https://g.example',
      trust: trust('approve'),
      clock: () => at,
    });
    const waiting = { ok: false, reason: { kind: 'host_waiting', host } };
    expect(await documents.resolve(clientId)).toEqual(waiting);
    expect(await rowOf()).toMatchObject({ status: 'waiting', clientId, lastAskedAt: now });
    at = later(59);
    await documents.resolve(clientId);
    expect((await rowOf())?.lastAskedAt).toEqual(now);
    at = later(61);
    await documents.resolve(clientId);
    expect((await rowOf())?.lastAskedAt).toEqual(at);
    expect(fetches).toBe(0);
    await approveHost(database, by(), at);
    expect(await documents.resolve(clientId)).not.toEqual(waiting);
    expect(fetches).toBe(1);
    await denyHost(database, by(), at);
    expect(await documents.resolve(clientId)).toEqual({ ok: false, reason: { kind: 'host_denied', host } });
  });

  test("is judged by the operator's lists first, then by admins, then by the mode", async () => {
    const judgements = async () => [
      await judge(trust('allow')),
      await judge(trust('approve')),
      await judge(trust('deny')),
      await judge(trust('deny', [host])),
      await judge(trust('allow', [], ['example'])),
    ];
    expect(await judgements()).toEqual(['allowed', 'waiting', 'denied', 'allowed', 'denied']);
    await approveHost(database, by(), now);
    expect(await judgements()).toEqual(['allowed', 'allowed', 'denied', 'allowed', 'denied']);
    await denyHost(database, by(), now);
    expect(await judgements()).toEqual(['denied', 'denied', 'denied', 'allowed', 'denied']);
  });

  test('that nobody asks for is forgotten in a month, a decision never', async () => {
    await judge(trust('approve'));
    expect(await forgetWaitingHosts(database, later(29 * 86_400))).toBe(0);
    await forgetWaitingHosts(database, later(31 * 86_400));
    expect(await rowOf()).toBeNull();
    await denyHost(database, by(), now);
    await forgetWaitingHosts(database, later(900 * 86_400));
    expect(await rowOf()).not.toBeNull();
  });

  test('the list of those that wait does not grow without end', async () => {
    const waiting = () => database.db.clientHost.count({ where: { status: 'waiting' } });
    await database.db.clientHost.createMany({
      data: Array.from({ length: 510 }, () => ({ host: `${uuidv7()}.example`, lastAskedAt: new Date(0) })),
    });
    const before = await waiting();
    expect(await judge(trust('approve'))).toBe('waiting');
    expect(await waiting()).toBe(before);
    await forgetWaitingHosts(database, now);
  });

  test.each([
    ['app.example', 'app.example'],
    [' App.Example ', 'app.example'],
    ['app.example:8443', 'app.example:8443'],
    ['app.example:443', null],
    ['https://app.example', null],
    ['app.example/x', null],
    ['user@app.example', null],
    ['', null],
  ])('named %j is read as %j', (text, expected) => {
    expect(readHost(text)).toBe(expected);
  });
});

async function documentScene() {
  const user = await makeUser(database);
  const client = await makeClient(database);
  const data = { clientId, kind: 'metadata_document' as const };
  const known = { ...client, ...(await database.db.oAuthClient.update({ where: { id: client.id }, data })) };
  return { user, client: known, connection: await makeConnection(database, { userId: user.id }) };
}

test('a request that waits when its host is denied can no longer be approved; nor one that is made after', async () => {
  const how = await documentScene();
  const { handle } = await ask(database, how);
  await denyHost(database, by(), now);
  expect(await consent(database, handle, how.user)).toEqual({
    ok: false,
    reason: { kind: 'closed', status: 'revoked' },
  });
  const after = await ask(database, how);
  expect(await consent(database, after.handle, how.user)).toEqual({ ok: false, reason: { kind: 'client_gone' } });
  await approveHost(database, by(), now);
  expect((await consent(database, after.handle, how.user)).ok).toBe(true);
});

test('a blocked client gets nothing until it is unblocked, and what ended stays ended', async () => {
  const how = await documentScene();
  const { grantId } = await signIn(database, how);
  const { handle } = await ask(database, how);
  const which = { id: how.client.id, reason: 'spam', actorUserId: admin.id };
  expect((await blockClient(database, which, now))?.receipt).toMatchObject({ grants: 1, authorizationRequests: 1 });
  expect((await blockClient(database, which, now))?.receipt).toMatchObject({ grants: 0 });
  expect(await consent(database, handle, how.user)).toMatchObject({ ok: false });
  const blocked = await ask(database, how);
  expect(await consent(database, blocked.handle, how.user)).toEqual({ ok: false, reason: { kind: 'client_gone' } });
  const audited = () =>
    database.db.auditEvent.count({ where: { kind: 'client.blocked', oauthClientId: how.client.id } });
  expect(await audited()).toBe(1);
  expect(await unblockClient(database, which, now)).toBe(true);
  expect((await consent(database, blocked.handle, how.user)).ok).toBe(true);
  const { status } = await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } });
  expect(status).toBe('revoked');
  expect(await blockClient(database, { ...which, id: uuidv7() }, now)).toBeNull();
});
