import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { hashSecret } from '../../platform/secret.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openTestOAuth, type TestOAuth } from '../../testing/oauth-app.ts';
import { personalScene, type SignIn, signIn } from '../../testing/scene.ts';
import { openRefreshDoor } from './refresh-door.ts';

let database: Database;
let oauth: TestOAuth;
let server: Server;
let how: SignIn;
/** Which requests the door answered by itself. */
const answered: boolean[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
  const door = openRefreshDoor(oauth.server);
  const listen = getRequestListener(oauth.app.fetch, { overrideGlobalObjects: false });
  server = createServer(async (request, response) => {
    const done = await door(request, response);
    answered.push(done);
    if (!done) await listen(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  how = await personalScene(database);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await database.close();
});

const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
const form = (refreshToken: string | null, changes: Record<string, string> = {}) =>
  new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: String(refreshToken),
    client_id: how.client.clientId,
    ...changes,
  }).toString();
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const post = (body: string, path = '/oauth/token', headers: Record<string, string> = FORM) =>
  fetch(url(path), { method: 'POST', body, headers });
/** What an answer says, without what is new in each: members, and headers that are not the connection's own. */
const said = async (response: Response) => {
  const body = (await response.json()) as Record<string, string>;
  const own = ['date', 'connection', 'keep-alive', 'x-request-id', 'content-length', 'content-type'];
  const { access_token, refresh_token, ...rest } = body;
  return {
    status: response.status,
    type: response.headers.get('content-type')?.split(';')[0],
    headers: Object.fromEntries([...response.headers].filter(([name]) => !own.includes(name))),
    body: { ...rest, access: access_token?.split('.').length, refresh: refresh_token?.length },
  };
};
const route = () => `user/${how.user.id}/${how.connection.id}/${how.connection.resource.routeKey}`;

test('#107 at the door a refresh gets what it gets inside, no-store included, and is rotated once', async () => {
  const { refreshToken } = await signIn(database, how);
  const atTheDoor = await post(form(refreshToken, { scope: 'mcp:access offline_access' }));
  const token = ((await atTheDoor.clone().json()) as { refresh_token: string }).refresh_token;
  expect(answered.at(-1)).toBe(true);
  expect(atTheDoor.headers.get('x-request-id')).toMatch(/^[\w-]+$/);
  const inside = await oauth.post('/oauth/token', form(token));
  expect(await said(atTheDoor)).toEqual(await said(inside));
  const row = await database.db.refreshToken.findUniqueOrThrow({ where: { tokenHash: hashSecret(token) } });
  expect(row.generation).toBe(2);
});

test.each([['/token'], ['/oauth/token/'], ['with its route']])('%s is a door too', async (path) => {
  const { refreshToken } = await signIn(database, how);
  const at = path === 'with its route' ? `/oauth/token/${route()}` : path;
  const response = await post(form(refreshToken), at);
  expect([response.status, answered.at(-1)]).toEqual([200, true]);
});

test('whatever is not a plain refresh is answered as if there were no door', async () => {
  const { refreshToken } = await signIn(database, how);
  const other = '/oauth/token/user/x';
  const cases: [body: string, path?: string, headers?: Record<string, string>][] = [
    [form('gwr_x')],
    [form(refreshToken, { client_id: 'nobody' })],
    [form(refreshToken, { client_secret: 'nobody knows' })],
    [form(refreshToken, { resource: 'https://evil.example/mcp' })],
    [form(refreshToken, { scope: 'mcp:access email' })],
    [form(refreshToken, { grant_type: 'password' })],
    [`${form(refreshToken)}&client_id=twice`],
    [`${form(refreshToken)}&more=%zz`],
    [form(refreshToken), other],
    [form(refreshToken), '/oauth/token', { 'content-type': 'text/plain' }],
    [`${form(refreshToken)}&more=${'x'.repeat(40_000)}`],
    ['', '/oauth/token', FORM],
  ];
  for (const [body, path, headers] of cases) {
    const [there, inside] = [await post(body, path, headers), await oauth.post(path ?? '/oauth/token', body, headers)];
    expect([body, answered.at(-1)]).toEqual([body, false]);
    expect([body, await said(there)]).toEqual([body, await said(inside)]);
    expect(there.status).not.toBe(200);
  }
  // None of it has used the token up; a body without a length is no reason to refuse.
  const chunked = await fetch(url('/oauth/token'), {
    method: 'POST',
    headers: FORM,
    body: new Blob([form(refreshToken)]).stream(),
    duplex: 'half',
  } as RequestInit);
  expect([chunked.status, answered.at(-1)]).toEqual([200, false]);
  expect([(await post(`${form(refreshToken)}&more=é`)).status, answered.at(-1)]).toEqual([200, false]);
  expect([(await fetch(url('/oauth/token'))).status, answered.at(-1)]).toEqual([405, false]);
});

test('a body that comes in pieces is read at the door, one that does not come soon is waited for inside', async () => {
  const send = async (pause: number, refreshToken: string | null): Promise<string> => {
    const body = form(refreshToken);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk;
    });
    socket.write(
      `POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: ${FORM['content-type']}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`,
    );
    socket.write(body.slice(0, 20));
    await new Promise((resolve) => setTimeout(resolve, pause));
    socket.write(body.slice(20));
    await new Promise((resolve) => socket.once('close', resolve));
    return got.slice(0, 15);
  };
  expect(await send(30, (await signIn(database, how)).refreshToken)).toBe('HTTP/1.1 200 OK');
  expect(answered.at(-1)).toBe(true);
  expect(await send(1_100, (await signIn(database, how)).refreshToken)).toBe('HTTP/1.1 200 OK');
  expect(answered.at(-1)).toBe(false);
});

test('#124 where the statement fails, the full way answers', async () => {
  const { refreshToken } = await signIn(database, how);
  const broken = openRefreshDoor({
    ...oauth.server,
    refreshPlainly: () => Promise.reject(new Error('relation "refresh_token" does not exist')),
  });
  const listen = getRequestListener(oauth.app.fetch, { overrideGlobalObjects: false });
  const other = createServer(async (request, response) => {
    if (!(await broken(request, response))) await listen(request, response);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/oauth/token`, {
    method: 'POST',
    body: form(refreshToken),
    headers: FORM,
  });
  expect(response.status).toBe(200);
  other.closeAllConnections();
  other.close();
});

test('#118 a hundred presentations of one token that come one after the other, each before the last was answered, are one burst', async () => {
  const { refreshToken } = await signIn(database, how);
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(form(refreshToken))));
  const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { refresh_token: string }[];
  // On a machine that is busy with other tests some may have waited too long: 503, and safe to try again.
  expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  expect(new Set(bodies.flatMap((body) => body.refresh_token ?? [])).size).toBe(1);
  const row = await database.db.refreshToken.findUniqueOrThrow({
    where: { tokenHash: hashSecret(String(refreshToken)) },
  });
  expect(row.replays).toBeLessThan(10);
  // Each alone counts as ever: a token that leaked is of use so often, and no more.
  const alone: number[] = [];
  for (let n = row.replays; n <= 20; n++) alone.push((await post(form(refreshToken))).status);
  expect([alone.filter((status) => status === 200).length, alone.at(-1)]).toEqual([alone.length - 1, 400]);
});
