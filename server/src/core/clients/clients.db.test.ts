import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { ask, CALLBACK, consent, makeClient, makeConnection, makeUser, signIn } from '../../testing/scene.ts';
import { changeClient } from './change.ts';
import { deleteClient } from './delete.ts';
import { readMetadata } from './metadata.ts';
import { reapClients } from './reap.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function scene(redirectUris = [CALLBACK, 'https://client.example/cb']) {
  const user = await makeUser(database);
  return {
    user,
    client: await makeClient(database, { redirectUris }),
    connection: await makeConnection(database, { userId: user.id }),
  };
}
const metadataOf = (changes: Record<string, unknown>) => {
  const read = readMetadata({ redirect_uris: [CALLBACK], ...changes }, 'https://gateway.example.com');
  if (!read.ok) throw new Error(read.reason.description);
  return read.value;
};
const DAY = 86_400;

test('#309 a consent that waits ends with the redirect URI that it was asked for, and cannot be approved', async () => {
  const how = { ...(await scene()), redirectUri: 'https://client.example/cb' };
  const { handle } = await ask(database, how);
  const changed = await changeClient(database, how.client.id, metadataOf({}), new Date());
  expect(changed.ok && changed.value.grantIds).toEqual([]);
  expect(await consent(database, handle, how.user)).toEqual({
    ok: false,
    reason: { kind: 'closed', status: 'revoked' },
  });
});

test('#309, #330 nor can one that was asked for while the redirect URI went', async () => {
  const how = { ...(await scene()), redirectUri: 'https://client.example/cb' };
  await changeClient(database, how.client.id, metadataOf({}), new Date());
  // The row of the client that the authorization endpoint had read a moment before.
  const { handle } = await ask(database, how);
  for (const _again of [1, 2]) {
    expect(await consent(database, handle, how.user)).toEqual({ ok: false, reason: { kind: 'client_gone' } });
  }
});

test('a change is recorded with what it took away', async () => {
  const how = await scene();
  const { grantId } = await signIn(database, how);
  await changeClient(database, how.client.id, metadataOf({ redirect_uris: ['https://client.example/cb'] }), new Date());
  const event = await database.db.auditEvent.findFirstOrThrow({
    where: { kind: 'client.changed', oauthClientId: how.client.id },
  });
  expect(event.detail).toEqual({ everything: false, redirectUris: [CALLBACK], scopes: [], revoked: 1 });
  const grant = await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } });
  expect([grant.status, grant.revocationReason]).toEqual(['revoked', 'client_changed']);
});

test('#136 deleting twice is deleting once', async () => {
  const how = await scene();
  const { grantId } = await signIn(database, how);
  expect(await deleteClient(database, how.client.id, { userId: null }, new Date())).toEqual({ grantIds: [grantId] });
  expect(await deleteClient(database, how.client.id, { userId: null }, new Date())).toEqual({ grantIds: [] });
  expect(await database.db.auditEvent.count({ where: { kind: 'client.deleted', oauthClientId: how.client.id } })).toBe(
    1,
  );
});

test('field note D32: clients that were never let in are forgotten by age; others never', async () => {
  const later = new Date(Date.now() + 40 * DAY * 1000);
  const young = await makeClient(database);
  await database.db.oAuthClient.update({ where: { id: young.id }, data: { createdAt: later } });
  const unused = await makeClient(database);
  const used = await scene();
  const { grantId } = await signIn(database, used);
  const past = await scene();
  await signIn(database, past);
  await deleteClient(database, past.client.id, { userId: null }, new Date());
  const manual = await database.db.oAuthClient.create({
    data: {
      clientId: 'by-hand',
      kind: 'manual',
      redirectUris: [CALLBACK],
      grantTypes: [],
      responseTypes: [],
      scopes: [],
      tokenEndpointAuthMethod: 'none',
    },
  });
  expect(await reapClients(database, later, 30 * DAY)).toBeGreaterThanOrEqual(1);
  const left = (await database.db.oAuthClient.findMany({ select: { id: true } })).map(({ id }) => id);
  expect(left).not.toContain(unused.id);
  expect(left).toEqual(expect.arrayContaining([young.id, used.client.id, past.client.id, manual.id]));
  expect((await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } })).status).toBe('active');
  expect(await reapClients(database, later, 30 * DAY)).toBe(0);
});

test('a client whose person is at the consent page is not forgotten', async () => {
  const how = await scene();
  const { handle } = await ask(database, how);
  await database.db.oAuthClient.update({ where: { id: how.client.id }, data: { createdAt: new Date(0) } });
  await reapClients(database, new Date(), DAY);
  expect((await consent(database, handle, how.user)).ok).toBe(true);
});
