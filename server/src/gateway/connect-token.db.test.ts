/** Derived connect tokens: what they open, what ends them, and where they are nothing. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mintConnectTokenFor } from '../core/authorizations/mint-connect-token.ts';
import { blockUsers } from '../core/people/block.ts';
import { removeMember } from '../core/people/membership.ts';
import { openConnectCheck } from '../core/tokens/connect-token-live.ts';
import type { Database } from '../platform/database.ts';
import { newSecret } from '../platform/secret.ts';
import {
  type Caller,
  call,
  open,
  openScene,
  type Running,
  type Scene,
  type Upstream,
  until,
} from '../testing/gateway.ts';
import { makeConnection, makeOrganization, makeUser, type SceneConnection } from '../testing/scene.ts';

let scene: Scene;
let database: Database;
let running: Running;
let upstream: Upstream;
let echo: Upstream['answer'];
beforeAll(async () => {
  scene = await openScene();
  ({ database, running, upstream } = scene);
  echo = upstream.answer;
});
afterAll(() => scene.close());

type Who = { id: string };
let user: Who;
let admin: Who;
let organizationId: string;
let connection: SceneConnection;
let sessionId: string;
beforeEach(async () => {
  upstream.answer = echo;
  [user, admin] = await Promise.all([makeUser(database), makeUser(database, 'Root')]);
  organizationId = (await makeOrganization(database, [user, admin])).id;
  await database.db.user.update({ where: { id: admin.id }, data: { role: 'admin' } });
  await database.db.membership.updateMany({ where: { userId: admin.id }, data: { role: 'owner' } });
  connection = await makeConnection(database, { organizationId, assignees: [user, admin] });
  await database.db.connection.update({ where: { id: connection.id }, data: { remoteUrl: upstream.url } });
  sessionId = (await newSession(user)).id;
});

const newSession = (who: Who, seconds = 3_600) =>
  database.db.session.create({
    data: { userId: who.id, token: uuidv7(), expiresAt: new Date(Date.now() + seconds * 1000) },
  });
const newKey = (organization: string | null = null) => {
  const key = newSecret('gwk');
  const data = { userId: user.id, organizationId: organization, name: 'CI', start: key.slice(0, 8), hash: key };
  return database.db.apiKey.create({ data: { ...data, scopes: ['tokens:mint'] } });
};
type How = { by?: { kind: 'session' | 'api_key'; id: string }; as?: Who; on?: { id: string }; expiresIn?: number };
const mint = ({ by = { kind: 'session', id: sessionId }, as = user, on = connection, expiresIn }: How = {}) =>
  mintConnectTokenFor(
    { database, keyring: running.keyring, issuer: running.config.url, now: new Date() },
    { userId: as.id, minter: by },
    { connectionId: on.id, expiresIn },
  );
const minted = async (how: How = {}) => {
  const made = await mint(how);
  if (!made.ok) throw new Error(`refused: ${made.reason.kind}`);
  // What the helpers that send requests read of a caller.
  return { ...made.value, path: new URL(made.value.url).pathname } as typeof made.value & Caller;
};
const statusOf = async (caller: Caller): Promise<number> => (await call(running, caller)).status;

test('a person reaches a connection without a client; the instance is made where there is none, and the record tells', async () => {
  const token = await minted();
  const answer = await call(running, token);
  expect([answer.status, JSON.parse(answer.body).headers.authorization]).toEqual([200, undefined]);
  const instances = await database.db.connectionInstance.findMany({ where: { connectionId: connection.id } });
  expect(instances).toMatchObject([{ userId: user.id, status: 'active' }]);
  expect(await statusOf(await minted())).toBe(200);
  expect(await database.db.connectionInstance.count({ where: { connectionId: connection.id } })).toBe(1);
  const [event] = await database.db.auditEvent.findMany({
    where: { kind: 'connect_token.minted', actorUserId: user.id },
  });
  expect(event).toMatchObject({
    connectionId: connection.id,
    ownerOrganizationId: organizationId,
    grantId: null,
    detail: { mintedBy: 'session', minterId: sessionId },
  });
  expect(JSON.stringify(event)).not.toContain(token.token);
  expect(await database.db.oAuthGrant.count({ where: { userId: user.id } })).toBe(0);
});

test('it lasts as long as asked for, never longer than an hour or than what minted it', async () => {
  const left = (expiresAt: Date) => Math.round((expiresAt.getTime() - Date.now()) / 1000);
  expect(left((await minted()).expiresAt)).toBe(900);
  expect(left((await minted({ expiresIn: 120 })).expiresAt)).toBe(120);
  for (const expiresIn of [59, 3_601, -1])
    expect(await mint({ expiresIn })).toMatchObject({ reason: { kind: 'bad_expiry' } });
  const brief = await newSession(user, 90);
  expect(left((await minted({ by: { kind: 'session', id: brief.id } })).expiresAt)).toBeLessThanOrEqual(90);
});

test('it is minted for nobody else, by nothing that has ended, for no connection that one may not use', async () => {
  const gone = { ok: false, reason: { kind: 'gone' } };
  const stranger = await makeUser(database);
  const [foreign, mine] = await Promise.all([
    makeConnection(database, { userId: stranger.id }),
    makeConnection(database, { userId: user.id }),
  ]);
  const [ended, organizationKey] = await Promise.all([newSession(user, -1), newKey(organizationId)]);
  expect(await mint({ as: stranger })).toEqual(gone);
  expect(await mint({ on: foreign })).toEqual(gone);
  expect(await mint({ on: { id: uuidv7() } })).toEqual(gone);
  expect(await mint({ by: { kind: 'session', id: ended.id } })).toEqual(gone);
  expect(await mint({ by: { kind: 'api_key', id: sessionId } })).toEqual(gone);
  expect(await mint({ by: { kind: 'api_key', id: organizationKey.id }, on: mine })).toEqual(gone);
  expect((await mint({ by: { kind: 'api_key', id: organizationKey.id } })).ok).toBe(true);
  await database.db.connection.update({ where: { id: connection.id }, data: { authMode: 'oauth_dynamic' } });
  expect(await mint()).toEqual({ ok: false, reason: { kind: 'provider_sign_in_required' } });
});

const ENDS: [string, 401 | 403 | 404, () => Promise<unknown>][] = [
  ['the session ends', 401, () => database.db.session.delete({ where: { id: sessionId } })],
  [
    'the session expires',
    401,
    () => database.db.session.update({ where: { id: sessionId }, data: { expiresAt: new Date(0) } }),
  ],
  [
    'the user is blocked',
    401,
    () => blockUsers(database, { userIds: [user.id], reason: 'x', actorUserId: admin.id }, new Date()),
  ],
  [
    'the member is removed',
    403,
    () => removeMember(database, { organizationId, userId: user.id, actorUserId: admin.id }, new Date()),
  ],
  [
    'the assignment is removed',
    403,
    () => database.db.assignment.updateMany({ where: { userId: user.id }, data: { removedAt: new Date() } }),
  ],
  [
    'the connection is changed',
    401,
    () => database.db.connection.update({ where: { id: connection.id }, data: { version: { increment: 1 } } }),
  ],
  [
    'the connection is disabled',
    404,
    () => database.db.connection.update({ where: { id: connection.id }, data: { status: 'disabled' } }),
  ],
  [
    'the route is rotated',
    404,
    () =>
      database.db.connectResource.updateMany({
        where: { connectionId: connection.id },
        data: { retiredAt: new Date() },
      }),
  ],
  [
    'the instance waits for its provider',
    401,
    () => database.db.connectionInstance.updateMany({ where: { userId: user.id }, data: { status: 'needs_reauth' } }),
  ],
];
test.each(ENDS)('#152 the very next request is refused when %s', async (_what, status, end) => {
  const token = await minted();
  expect(await statusOf(token)).toBe(200);
  await end();
  expect(await statusOf(token)).toBe(status);
});

test('#152 a token of an API key dies with the key, and not with another of its user', async () => {
  const [key, other] = await Promise.all([newKey(), newKey()]);
  const [token, kept] = await Promise.all([key, other].map(({ id }) => minted({ by: { kind: 'api_key', id } })));
  await database.db.apiKey.update({ where: { id: key.id }, data: { revokedAt: new Date() } });
  expect([await statusOf(token as Caller), await statusOf(kept as Caller)]).toEqual([401, 200]);
});

describe('open streams', () => {
  async function stream(caller: Caller) {
    upstream.answer = (req, res: ServerResponse) => {
      req.resume();
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 0\n\n');
    };
    const { req, answered } = open(running, caller, { method: 'GET' });
    req.end();
    const res = await answered;
    expect(res.statusCode).toBe(200);
    res.resume();
    return { ended: once(res, 'end') };
  }

  const ends: [string, () => Promise<unknown>][] = [
    ['the session ends', () => database.db.session.delete({ where: { id: sessionId } })],
    ['the user is blocked', ENDS[2]?.[2] as () => Promise<unknown>],
  ];
  test.each(ends)('#186 one is announced to have ended when %s, and the record tells', async (_what, end) => {
    const { ended } = await stream(await minted());
    await end();
    await ended;
    await until(async () => (await recorded()) !== null);
    expect(await recorded()).toMatchObject({ grantId: null, detail: { because: 'revoked', minterId: sessionId } });
  });

  test('#186 one of an API key ends with the key', async () => {
    const key = await newKey();
    const { ended } = await stream(await minted({ by: { kind: 'api_key', id: key.id } }));
    await database.db.apiKey.update({ where: { id: key.id }, data: { lastUsedAt: new Date() } });
    await database.db.apiKey.update({ where: { id: key.id }, data: { revokedAt: new Date() } });
    await ended;
  });

  test('#186 what nobody announces is found by the look that comes every few seconds', async () => {
    const { ended } = await stream(await minted());
    await database.db.assignment.updateMany({ where: { userId: user.id }, data: { removedAt: new Date() } });
    await ended;
  });

  const recorded = () => database.db.auditEvent.findFirst({ where: { kind: 'stream.ended', ownerUserId: user.id } });
});

test('#153 every binding that it names is compared with the rows', async () => {
  await minted();
  const instance = await database.db.connectionInstance.findFirstOrThrow({ where: { connectionId: connection.id } });
  const check = openConnectCheck(database);
  const good = {
    minter: { kind: 'session' as const, id: sessionId },
    userId: user.id,
    instanceId: instance.id,
    connectionId: connection.id,
    connectResourceId: connection.resource.id,
    connectionVersion: 1,
    executionContext: `organization:${organizationId}`,
  };
  const other = await makeConnection(database, { organizationId, assignees: [user] });
  const wrong = [
    { minter: { kind: 'api_key' as const, id: sessionId } },
    { minter: { kind: 'session' as const, id: (await newSession(admin)).id } },
    { userId: admin.id },
    { instanceId: uuidv7() },
    { connectionId: other.id },
    { connectResourceId: other.resource.id },
    { connectionVersion: 2 },
    { executionContext: 'personal' },
  ];
  // Asked at once: they share a statement, and each gets its own answer.
  const [first, ...others] = await Promise.all([good, ...wrong.map((part) => ({ ...good, ...part }))].map(check));
  expect(first).toMatchObject({ live: true, routeKey: connection.resource.routeKey });
  expect(others).toEqual(wrong.map(() => ({ live: false, because: 'grant' })));
});

test('#152 a payload of one source is nothing under the name of the other, or of a third', async () => {
  const token = await minted();
  const claims = JSON.parse(Buffer.from(token.token.split('.')[1] as string, 'base64url').toString());
  const [key] = running.keyring.signing;
  const signed = (changes: Record<string, unknown>) =>
    new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: key?.alg as string, typ: 'at+jwt', kid: key?.kid as string })
      .sign(key?.privateKey as CryptoKey);
  const statuses: number[] = [];
  for (const changes of [
    {},
    { token_source: 'oauth_client' },
    { token_source: 'session' },
    { token_source: undefined },
    { minted_by: 'admin' },
    { minter_id: undefined },
    { aud: `${running.config.url}/graphql` },
  ]) {
    statuses.push(await statusOf({ ...token, token: await signed(changes) }));
  }
  expect(statuses).toEqual([200, 401, 401, 401, 401, 401, 401]);
});
