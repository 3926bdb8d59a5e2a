/** What a sign-in, its grant and its client may take of a process, over real sign-ins and real requests. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../platform/database.ts';
import {
  type Answer,
  type Caller,
  call,
  makeCaller,
  open,
  openScene,
  type Running,
  type Scene,
  startGateway,
  type Upstream,
} from '../testing/gateway.ts';
import { makeClient, makeConnection, makeUser, type SceneClient } from '../testing/scene.ts';

let scene: Scene;
let database: Database;
let running: Running;
let upstream: Upstream;
let client: SceneClient;
let ada: { id: string };

// One a minute, so that nothing is given back while a test runs; the burst of a sign-in is then the least there is.
const BURST = 20;

beforeAll(async () => {
  scene = await openScene({ GRANTWAY_REQUESTS_PER_MINUTE: '1' });
  ({ database, running, upstream } = scene);
  client = await makeClient(database);
  ada = await makeUser(database);
});
afterAll(() => scene.close());

const connectionOf = (person: { id: string }) => makeConnection(database, { userId: person.id });
const signIn = (user: { id: string }, connection: Caller['connection'], at = running): Promise<Caller> =>
  makeCaller(database, at, upstream.url, { user, client, connection });

/** Calls until it is refused. @returns how many calls passed, and the refusal. */
async function callUntilRefused(caller: Caller): Promise<{ passed: number; refused: Answer }> {
  for (let passed = 0; ; passed++) {
    const answer = await call(running, caller);
    if (answer.status !== 200) return { passed, refused: answer };
    if (passed > 10 * BURST) throw new Error('nothing refuses it');
  }
}

it('#192 the sign-ins of one grant share its limit, the grants of a client of one person the limit of that, and nobody else is touched', async () => {
  const [first, second, third] = [await connectionOf(ada), await connectionOf(ada), await connectionOf(ada)];
  const laptops = [await signIn(ada, first), await signIn(ada, first), await signIn(ada, first)] as const;
  expect(new Set(laptops.map(({ grantId }) => grantId)).size).toBe(1);
  expect(new Set(laptops.map(({ familyId }) => familyId)).size).toBe(3);

  upstream.got.length = 0;
  const one = await callUntilRefused(laptops[0]);
  expect([one.passed, one.refused.status]).toEqual([BURST, 429]);
  expect(Number(one.refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(one.refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  expect(one.refused.headers['www-authenticate']).toBeUndefined();
  expect(JSON.parse(one.refused.body).error.message).toMatch(/^Too many requests/);
  // The second still has its own share of what the grant has; the third finds nothing left of that.
  expect((await callUntilRefused(laptops[1])).passed).toBe(BURST);
  const shared = await callUntilRefused(laptops[2]);
  expect([shared.passed, shared.refused.status]).toEqual([0, 429]);
  expect(Number(shared.refused.headers['retry-after'])).toBeGreaterThan(0);

  // Another grant of the same client has its own, until the client has taken all that it may of this person.
  expect((await callUntilRefused(await signIn(ada, second))).passed).toBe(BURST);
  expect((await callUntilRefused(await signIn(ada, second))).passed).toBe(BURST);
  const exhausted = await callUntilRefused(await signIn(ada, third));
  expect([exhausted.passed, exhausted.refused.status]).toEqual([0, 429]);
  // Nothing that was refused went on.
  expect(upstream.got.length).toBe(4 * BURST);

  const bob = await makeUser(database, 'Bob');
  expect((await callUntilRefused(await signIn(bob, await connectionOf(bob)))).passed).toBe(BURST);
  const other = await makeCaller(database, running, upstream.url, { user: ada, connection: third });
  expect((await callUntilRefused(other)).passed).toBe(BURST);
});

it('#192 what is open at once is counted alike, and there is room again when some of it ends', async () => {
  const crowded = await startGateway(database, { GRANTWAY_REQUESTS_AT_ONCE: '1' }, running.keyring);
  const { answer } = upstream;
  upstream.answer = (req, res) => {
    if (req.method !== 'GET') return answer(req, res);
    res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  };
  const connection = await connectionOf(ada);
  const laptops = [];
  for (let n = 0; n < 3; n++) laptops.push(await signIn(ada, connection, crowded));
  const [one, two, three] = laptops as [Caller, Caller, Caller];
  const stream = async (caller: Caller) => {
    const { req, answered } = open(crowded, caller, { method: 'GET' });
    req.end();
    const res = await answered;
    return { req, res, status: res.statusCode };
  };
  const held = await stream(one);
  expect([held.status, (await call(crowded, one)).status]).toEqual([200, 429]);
  expect((await stream(two)).status).toBe(200);
  const refused = await call(crowded, three);
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
  const bob = await makeUser(database, 'Bob');
  expect((await call(crowded, await signIn(bob, await connectionOf(bob), crowded))).status).toBe(200);

  held.res.on('error', () => {});
  held.req.destroy();
  await expect.poll(async () => (await call(crowded, three)).status).toBe(200);
  upstream.answer = answer;
  await crowded.close();
});
