import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../platform/database.ts';
import { openLog } from '../../platform/log.ts';
import { createTestDatabase } from '../../testing/database.ts';
import { openTestOAuth, type TestOAuth } from '../../testing/oauth-app.ts';
import { ask, CALLBACK, consent, makeClient, makeConnection, makeUser, signIn } from '../../testing/scene.ts';

const REPLICAS = 3;
const databases: Database[] = [];
const replicas: TestOAuth[] = [];
let drop: () => Promise<void>;
beforeAll(async () => {
  const made = await createTestDatabase();
  drop = made.drop;
  for (let index = 0; index < REPLICAS; index++) {
    const database = await openDatabase({ url: made.url, dataDirectory: '', poolSize: 10, log: openLog('silent') });
    databases.push(database);
    replicas.push(await openTestOAuth(database));
  }
});
afterAll(async () => {
  for (const database of databases) await database.close();
  await drop();
});

async function scene() {
  const database = databases[0] as Database;
  const user = await makeUser(database);
  return {
    database,
    user,
    client: await makeClient(database),
    connection: await makeConnection(database, { userId: user.id }),
  };
}
/** The same form, `count` times at once, over all replicas. */
const storm = (count: number, form: Record<string, string>) =>
  Promise.all(
    Array.from({ length: count }, (_, index) => (replicas[index % REPLICAS] as TestOAuth).post('/oauth/token', form)),
  );
const bodiesOf = (responses: Response[]) =>
  Promise.all(responses.map(async (response) => (await response.json()) as Record<string, string>));

test('#118 fifty refreshes of one token over three processes all get the one successor', async () => {
  const { database, user, client, connection } = await scene();
  const { refreshToken, familyId } = await signIn(database, { user, client, connection });
  const form = { grant_type: 'refresh_token', refresh_token: String(refreshToken), client_id: client.clientId };
  const responses = await storm(50, form);
  expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(200));
  expect(new Set((await bodiesOf(responses)).map((body) => body.refresh_token)).size).toBe(1);
  const heads = await database.db.refreshToken.count({ where: { familyId, rotatedAt: null, revokedAt: null } });
  expect(heads).toBe(1);
});

test('#99 a hundred redemptions of one code over three processes give one family', async () => {
  const { database, user, client, connection } = await scene();
  const { handle, verifier } = await ask(database, { user, client, connection });
  const code = await consent(database, handle, user);
  if (!code.ok) throw new Error(code.reason.kind);
  const form = {
    grant_type: 'authorization_code',
    code: code.value,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    client_id: client.clientId,
  };
  const responses = await storm(100, form);
  const bodies = await bodiesOf(responses);
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
  // On a machine that is busy with other tests a wait may outlast the lock's patience: 503, and safe to try again.
  const losers = bodies.filter((body) => !body.access_token).map((body) => body.error);
  expect(losers.filter((error) => error !== 'invalid_grant' && error !== 'temporarily_unavailable')).toEqual([]);
  const winner = bodies.find((body) => body.refresh_token);
  // Losers of the same moment are no thieves: what the winner got lives.
  const again = await storm(1, {
    grant_type: 'refresh_token',
    refresh_token: String(winner?.refresh_token),
    client_id: client.clientId,
  });
  expect(again[0]?.status).toBe(200);
});
