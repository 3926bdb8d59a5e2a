/** Taking a client away from everyone, against a person who approves it at that moment. */
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { isWaiting, type Moment, pausing } from '../../testing/failpoint.ts';
import { deadlocks, openProcesses } from '../../testing/processes.ts';
import { ask, consent, makeClient, makeConnection, makeUser } from '../../testing/scene.ts';
import { blockClient } from './block.ts';
import { denyHost } from './client-host.ts';

let close: () => Promise<void>;
let one: Database;
let two: Database;
beforeAll(async () => {
  const opened = await openProcesses(2);
  close = opened.close;
  [one, two] = opened.processes as [Database, Database];
});
afterAll(async () => {
  expect(await deadlocks(one)).toBe(0);
  await close();
});

const COMMIT = (moment: Moment) => moment.phase === 'commit';

async function scene() {
  const [user, admin, client] = [await makeUser(one), await makeUser(one), await makeClient(one)];
  const host = `${uuidv7()}.example`;
  const data = { clientId: `https://${host}/client.json`, kind: 'metadata_document' as const };
  const known = { ...client, ...(await one.db.oAuthClient.update({ where: { id: client.id }, data })) };
  const how = { user, client: known, connection: await makeConnection(one, { userId: user.id }) };
  return { how, host, actorUserId: admin.id, handle: (await ask(one, how)).handle };
}
type Scene = Awaited<ReturnType<typeof scene>>;
const grantsOf = async ({ how }: Scene) =>
  (await one.db.oAuthGrant.findMany({ where: { oauthClientId: how.client.id } })).map(({ status }) => status);

const DEEDS: [string, (database: Database, scene: Scene) => Promise<unknown>][] = [
  ['its host is denied', (database, { host, actorUserId }) => denyHost(database, { host, actorUserId }, new Date())],
  [
    'it is blocked',
    (database, { how, actorUserId }) =>
      blockClient(database, { id: how.client.id, reason: null, actorUserId }, new Date()),
  ],
];

test.each(DEEDS)('approved first, then %s: the grant ends with the rest', async (_what, end) => {
  const made = await scene();
  const approval = pausing(one, COMMIT);
  const approving = consent(approval.database, made.handle, made.how.user);
  await approval.reached;
  const ending = end(two, made);
  expect(await isWaiting(ending)).toBe(true);
  approval.resume();
  expect((await approving).ok).toBe(true);
  await ending;
  expect(await grantsOf(made)).toEqual(['revoked']);
});

test.each(DEEDS)('first %s, then approved: whoever waited is refused', async (_what, end) => {
  const made = await scene();
  const deed = pausing(one, COMMIT);
  const ending = end(deed.database, made);
  await deed.reached;
  const approving = consent(two, made.handle, made.how.user);
  expect(await isWaiting(approving)).toBe(true);
  deed.resume();
  await ending;
  expect((await approving).ok).toBe(false);
  expect(await grantsOf(made)).not.toContain('active');
});
