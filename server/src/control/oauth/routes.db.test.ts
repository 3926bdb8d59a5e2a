import { PassThrough } from 'node:stream';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openLog } from '../../platform/log.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openTestOAuth, type TestOAuth } from '../../testing/oauth-app.ts';
import {
  makeClient,
  makeConnection,
  makeUser,
  type SceneClient,
  type SceneConnection,
  signIn,
} from '../../testing/scene.ts';

let database: Database;
let oauth: TestOAuth;
let user: { id: string; name: string; email: string };
let connection: SceneConnection;
let client: SceneClient;
let route: string;
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
  user = await makeUser(database);
  connection = await makeConnection(database, { userId: user.id });
  client = await makeClient(database);
  route = `user/${user.id}/${connection.id}/${connection.resource.routeKey}`;
});
afterAll(() => database.close());

type Body = Record<string, string>;
const bodyOf = async (response: Response) => (await response.json()) as Body;

const refreshOf = (refreshToken: unknown, changes: Body = {}): Body => ({
  grant_type: 'refresh_token',
  refresh_token: String(refreshToken),
  client_id: client.clientId,
  ...changes,
});

describe('every answer stays out of caches', () => {
  const paths = () => [
    '/oauth/token',
    '/token',
    `/oauth/token/${route}`,
    '/oauth/token/user/1/2/3',
    '/oauth/token/',
    '/oauth/revoke',
    '/oauth/introspect',
    '/oauth/userinfo',
    '/oauth/register',
    '/oauth/register/resource/x',
    '/oauth/register/x',
  ];
  const stored = (response: Response) => [response.headers.get('cache-control'), response.headers.get('pragma')];

  test('refused ones, by any method, mounted or not', async () => {
    const root = new Hono().route('/', oauth.app);
    for (const path of paths()) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
        const response = await root.request(path, { method });
        expect([method, path, response.status < 500, ...stored(response)]).toEqual([
          method,
          path,
          true,
          'no-store',
          'no-cache',
        ]);
      }
    }
  });

  test("thrown ones too, scoped or not: the seed's second warning; and what throws tells nothing", async () => {
    const broken = await openTestOAuth({
      ...database,
      db: new Proxy(
        {},
        {
          get: () => {
            throw new Error('secret detail');
          },
        },
      ) as never,
    });
    const root = new Hono().route('/', broken.app);
    for (const path of ['/oauth/token', '/token', `/oauth/token/${route}`, '/oauth/revoke', '/oauth/introspect']) {
      for (const app of [root, broken.app]) {
        const response = await app.request(path, {
          method: 'POST',
          body: 'grant_type=refresh_token&refresh_token=x&client_id=x',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        });
        const text = await response.text();
        expect([response.status, ...stored(response)]).toEqual([500, 'no-store', 'no-cache']);
        expect(response.headers.get('access-control-allow-origin')).toBe('*');
        expect(JSON.parse(text).error).toBe('server_error');
        expect(text).not.toMatch(/secret detail|at /);
      }
    }
  });

  test('#124 what will pass is 503 with Retry-After, never invalid_grant', async () => {
    const gone = () => Promise.reject(Object.assign(new Error('x'), { code: 'P1001' }));
    const { refreshToken } = await signIn(database, { user, client, connection });
    const db = new Proxy(database.db, {
      get: (target, name) => (name === '$transaction' ? gone : Reflect.get(target, name)),
    });
    // A plain refresh is one statement of its own: that is away too.
    const away = await openTestOAuth({ ...database, db, query: gone, rows: gone });
    const response = await away.post(`/oauth/token/${route}`, refreshOf(refreshToken));
    expect([response.status, response.headers.get('retry-after'), ...stored(response)]).toEqual([
      503,
      '2',
      'no-store',
      'no-cache',
    ]);
    expect((await bodyOf(response)).error).toBe('temporarily_unavailable');
    const limiterAway = await openTestOAuth({ ...database, query: gone });
    expect((await limiterAway.postJson('/oauth/register', {})).status).toBe(503);
    expect((await oauth.post('/oauth/token', refreshOf(refreshToken))).status).toBe(200);
  });
});

test.each([
  ['what will pass', 'temporarily unavailable', Object.assign(new Error('x'), { code: 'P1001' })],
  ['what should not be', 'a request failed', new Error('x')],
])('#275 %s is told in the log by its route, not by its path: that ends in a key', async (_what, said, error) => {
  const away = { ...database, query: () => Promise.reject(error), rows: () => Promise.reject(error) };
  const db = new Proxy({} as never, {
    get: () => {
      throw error;
    },
  });
  const stream = new PassThrough();
  const broken = await openTestOAuth({ ...away, db }, {}, openLog('trace', stream));
  const resource = `mcp-connect/${route}`;
  const ask = { response_type: 'code', client_id: client.clientId, redirect_uri: 'http://127.0.0.1/callback' };
  const answers = [
    await broken.post(`/oauth/token/${route}`, refreshOf('x')),
    await broken.postJson(`/oauth/register/resource/${resource}`, { redirect_uris: [ask.redirect_uri] }),
    await broken.get(`/oauth/authorize/${route}?${new URLSearchParams(ask)}`),
  ];
  expect(answers.map(({ status }) => status >= 500)).toEqual([true, true, true]);
  const text = String(stream.read());
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ msg }) => msg)).toContain(said);
  expect(lines.flatMap((line) => line.route ?? [])).toEqual([
    '/oauth/token/*',
    '/oauth/register/resource/*',
    '/oauth/authorize/*',
  ]);
  expect(text).not.toContain(connection.resource.routeKey);
});
