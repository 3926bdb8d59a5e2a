import { expect, test } from 'vitest';
import { openTestDatabase } from '../../testing/database.ts';
import { violations } from '../../testing/invariants.ts';
import { makeClient, makeConnection, makeUser, signIn } from '../../testing/scene.ts';
import { endRestored } from './restored.ts';

test('#276 what a restored backup brought back to life ends, through the primitive, and what came later stays', async () => {
  const database = await openTestDatabase();
  const user = await makeUser(database);
  const connection = await makeConnection(database, { userId: user.id });
  const old = await signIn(database, { user, client: await makeClient(database), connection });
  const expiresAt = new Date(Date.now() + 60_000);
  await database.db.session.create({ data: { userId: user.id, token: 'old', expiresAt } });
  await database.db.apiKey.create({ data: { userId: user.id, name: 'CI', start: 'gwk_', hash: 'old', scopes: [] } });
  // The database counts in microseconds.
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  await pause();
  const before = new Date();
  await pause();
  const young = await signIn(database, { user, client: await makeClient(database), connection });
  expect(await endRestored(database, before, new Date())).toEqual({
    grants: 1,
    sessions: 1,
    apiKeys: 1,
    invitations: 0,
  });
  const grants = await database.db.oAuthGrant.findMany({ select: { id: true, status: true, revocationReason: true } });
  expect(grants.find(({ id }) => id === old.grantId)).toMatchObject({ revocationReason: 'backup_restored' });
  expect(grants.find(({ id }) => id === young.grantId)).toMatchObject({ status: 'active' });
  expect(await endRestored(database, before, new Date())).toMatchObject({ grants: 0, sessions: 0, apiKeys: 0 });
  expect(await violations(database)).toEqual([]);
  await database.close();
});
