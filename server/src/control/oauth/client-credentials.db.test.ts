import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { approvedForm, openTestOAuth, register, type TestOAuth } from '../../testing/oauth-app.ts';
import {
  CALLBACK,
  makeClient,
  makeConnection,
  makeUser,
  type SceneClient,
  type SceneConnection,
} from '../../testing/scene.ts';

let database: Database;
let oauth: TestOAuth;
let user: { id: string; name: string; email: string };
let connection: SceneConnection;
let client: SceneClient;
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
  user = await makeUser(database);
  connection = await makeConnection(database, { userId: user.id });
  client = await makeClient(database);
});
afterAll(() => database.close());

type Body = Record<string, string>;
const bodyOf = async (response: Response) => (await response.json()) as Body;
const errorOf = async (response: Response) => [response.status, (await bodyOf(response)).error];

const approved = (by: SceneClient = client) => approvedForm(database, { user, client: by, connection });
const refreshOf = (refreshToken: unknown, changes: Body = {}): Body => ({
  grant_type: 'refresh_token',
  refresh_token: String(refreshToken),
  client_id: client.clientId,
  ...changes,
});

describe('client authentication', () => {
  const basic = (id: unknown, secret: unknown) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(String(id))}:${encodeURIComponent(String(secret))}`).toString('base64')}`,
  });
  /** A confidential client with a code to redeem. */
  const confidential = async (method: string) => {
    const registered = await register(oauth, { redirect_uris: [CALLBACK], token_endpoint_auth_method: method });
    const row = await database.db.oAuthClient.findUniqueOrThrow({ where: { clientId: String(registered.client_id) } });
    const { client_id: id, ...form } = await approved(row);
    return { id: String(id), secret: String(registered.client_secret), form: form as Body };
  };

  test('#87 basic, exactly as registered; what was refused has not consumed the code', async () => {
    const { id, secret, form } = await confidential('client_secret_basic');
    const sentByPost = await oauth.post('/oauth/token', { ...form, client_id: id, client_secret: secret });
    expect([sentByPost.status, sentByPost.headers.get('www-authenticate')]).toEqual([401, null]);
    expect(await errorOf(await oauth.post('/oauth/token', { ...form, client_id: id }))).toEqual([
      401,
      'invalid_client',
    ]);
    const wrong = await oauth.post('/oauth/token', form, basic(id, 'wrong'));
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect(await errorOf(wrong)).toEqual([401, 'invalid_client']);
    expect(
      await errorOf(await oauth.post('/oauth/token', { ...form, client_secret: secret }, basic(id, secret))),
    ).toEqual([400, 'invalid_request']);
    expect(await errorOf(await oauth.post('/oauth/token', { ...form, client_id: 'other' }, basic(id, secret)))).toEqual(
      [401, 'invalid_client'],
    );
    expect((await oauth.post('/oauth/token', form, basic(id, secret))).status).toBe(200);
  });

  test('#87 post, exactly as registered', async () => {
    const { id, secret, form } = await confidential('client_secret_post');
    expect(await errorOf(await oauth.post('/oauth/token', form, basic(id, secret)))).toEqual([401, 'invalid_client']);
    expect(
      await errorOf(await oauth.post('/oauth/token', { ...form, client_id: id, client_secret: `${secret}x` })),
    ).toEqual([401, 'invalid_client']);
    expect((await oauth.post('/oauth/token', { ...form, client_id: id, client_secret: secret })).status).toBe(200);
  });

  test('#87 a public client that sends a secret is refused; an empty one is none', async () => {
    const form = await approved();
    expect(await errorOf(await oauth.post('/oauth/token', { ...form, client_secret: 'x' }))).toEqual([
      401,
      'invalid_client',
    ]);
    expect(await errorOf(await oauth.post('/oauth/token', { ...form, client_assertion: 'x' }))).toEqual([
      401,
      'invalid_client',
    ]);
    expect((await oauth.post('/oauth/token', { ...form, client_secret: '' })).status).toBe(200);
  });

  test('field note D33: an unknown client is 401 invalid_client and its user is told what to do', async () => {
    const response = await oauth.post('/oauth/token', { ...(await approved()), client_id: 'client_gone' });
    const body = await bodyOf(response);
    expect([response.status, body.error]).toEqual([401, 'invalid_client']);
    expect(body.error_description).toMatch(/add it again/);
  });

  test.each(['Basic', 'Basic !', 'Basic Og==', `Basic ${Buffer.from('%zz:x').toString('base64')}`])(
    'a broken header %s is invalid_client',
    async (authorization) => {
      const response = await oauth.post(
        '/oauth/token',
        { grant_type: 'refresh_token', refresh_token: 'x' },
        { authorization },
      );
      expect([response.status, response.headers.get('www-authenticate')?.slice(0, 5)]).toEqual([401, 'Basic']);
    },
  );

  test('#89 field note D37: failures are limited by client and address; successes and other clients are not', async () => {
    const other = await makeClient(database);
    oauth.from('203.0.113.9');
    const form = refreshOf('gwr_wrong', { client_id: other.clientId });
    const statuses = [];
    for (let count = 0; count < 121; count++) statuses.push((await oauth.post('/oauth/token', form)).status);
    expect([statuses.filter((status) => status === 400).length, statuses.at(-1)]).toEqual([120, 429]);
    expect((await oauth.post('/oauth/token', await approved())).status).toBe(200);
    oauth.from('203.0.113.10');
    expect((await oauth.post('/oauth/token', form)).status).toBe(400);
    oauth.from('198.51.100.7');
  });

  test('#89 field note D37: sign-ins that were ended are no failures of their client: one of them that goes on asking is told to wait, the others refresh', async () => {
    oauth.from('203.0.113.11');
    const signIn = async () =>
      refreshOf((await bodyOf(await oauth.post('/oauth/token', await approved()))).refresh_token);
    const living = await signIn();
    for (let count = 0; count < 3; count++) {
      const ended = await signIn();
      await oauth.post('/oauth/revoke', { token: String(ended.refresh_token), client_id: client.clientId });
      const answers = [];
      for (let times = 0; times < 61; times++) answers.push(await oauth.post('/oauth/token', ended));
      expect(new Set(answers.slice(0, 60).map(({ status }) => status))).toEqual(new Set([400]));
      expect(await bodyOf(answers[0] as Response)).toMatchObject({ error: 'invalid_grant' });
      expect(answers[60]?.status).toBe(429);
      expect(Number(answers[60]?.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await oauth.post('/oauth/token', living)).status).toBe(200);
    oauth.from('198.51.100.7');
  });
});
