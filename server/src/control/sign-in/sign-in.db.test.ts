import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { invite } from '../../core/people/invite.ts';
import type { Database } from '../../platform/database.ts';
import { type Keyring, newSealingJwk, newSigningJwk, readKeyring } from '../../platform/keys.ts';
import { Unavailable } from '../../platform/transient.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { until } from '../../testing/gateway.ts';
import { ada, cookieOf, openSignInApp } from '../../testing/sign-in-app.ts';
import { openAttempts } from './attempts.ts';
import { demoLine } from './first-account.ts';

let database: Database;
let keyring: Keyring;
let address = '192.0.2.1';
beforeAll(async () => {
  database = await openTestDatabase();
  keyring = await readKeyring(JSON.stringify({ keys: [newSealingJwk(), await newSigningJwk('ES256')] }));
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.user.deleteMany();
  await database.db.signInAttempt.deleteMany();
  await database.db.rateLimit.deleteMany();
});

const open = (settings: Record<string, string> = {}, on: Database = database) =>
  openSignInApp(on, keyring, settings, () => address);

describe('the first account', () => {
  test('becomes the admin, signed in, on the record', async () => {
    const { post, viewerWith, routes } = open();
    expect(await (await routes.request('/api/setup')).json()).toEqual({
      signUp: 'first',
      hasAccounts: false,
      passwordSignIn: true,
      sso: null,
      mail: false,
    });
    const response = await post('/api/auth/sign-up/email', ada);
    expect(response.status).toBe(200);
    expect(await viewerWith(cookieOf(response))).toMatchObject({
      name: 'Ada',
      email: 'ada@example.com',
      role: 'admin',
    });
    expect(await (await routes.request('/api/setup')).json()).toMatchObject({ hasAccounts: true });
    const user = await database.db.user.findFirstOrThrow();
    expect(user.id[14]).toBe('7');
    expect(await database.db.auditEvent.count({ where: { kind: 'user.created', ownerUserId: user.id } })).toBe(1);
  });

  test('of two that come at once one is made, and the other is told why not', async () => {
    const { post } = open();
    const { post: other } = open();
    const answers = await Promise.all([
      post('/api/auth/sign-up/email', ada),
      other('/api/auth/sign-up/email', { ...ada, email: 'eve@example.com' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(await database.db.user.count()).toBe(1);
    expect(await database.db.user.count({ where: { role: 'admin' } })).toBe(1);
    expect(await answers.find(({ status }) => status === 403)?.json()).toMatchObject({
      code: 'SIGN_UP_CLOSED',
      message: expect.stringContaining('no further ones'),
    });
  });

  test('where sign-up is open, only the first of those that come at once is an admin', async () => {
    const { post } = open({ GRANTWAY_SIGN_UP: 'open' });
    const people = ['a', 'b', 'c', 'd'].map((name) =>
      post('/api/auth/sign-up/email', { ...ada, email: `${name}@example.com` }),
    );
    expect((await Promise.all(people)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await database.db.user.count({ where: { role: 'admin' } })).toBe(1);
  });

  test('gets the demo connection, and the line that adds it', async () => {
    const { post, config } = open({
      GRANTWAY_DEMO_URL: 'http://127.0.0.1:4001/mcp',
      GRANTWAY_ALLOW_UPSTREAMS: '127.0.0.1',
    });
    expect(await demoLine({ config, database })).toBeNull();
    await post('/api/auth/sign-up/email', ada);
    const connection = await database.db.connection.findFirstOrThrow({ include: { resources: true } });
    expect(connection).toMatchObject({ name: 'Demo: everything', remoteUrl: 'http://127.0.0.1:4001/mcp' });
    const path = `${connection.ownerUserId}/${connection.id}/${connection.resources[0]?.routeKey}`;
    expect(await demoLine({ config, database })).toBe(
      `claude mcp add --transport http grantway-demo http://localhost:4000/mcp-connect/user/${path}`,
    );
  });

  test('is made also where the demo connection cannot be', async () => {
    const { post } = open({ GRANTWAY_DEMO_URL: 'http://10.0.0.1/mcp' });
    expect((await post('/api/auth/sign-up/email', ada)).status).toBe(200);
    expect(await database.db.connection.count()).toBe(0);
  });

  test('its role cannot be asked for', async () => {
    const { post } = open({ GRANTWAY_SIGN_UP: 'open' });
    await post('/api/auth/sign-up/email', ada);
    await post('/api/auth/sign-up/email', { ...ada, email: 'eve@example.com', role: 'admin' });
    expect(await database.db.user.count({ where: { role: 'admin' } })).toBe(1);
  });
});

describe('a session', () => {
  test('#251 its cookie is HttpOnly, Lax, of this host alone; the table holds no part of it', async () => {
    const { post } = open({ GRANTWAY_URL: 'https://gateway.example.com' });
    const response = await post('/api/auth/sign-up/email', ada);
    const [line = ''] = response.headers.getSetCookie();
    expect(line).toMatch(/^__Host-grantway_session=/);
    expect(line).toMatch(/; Path=\//);
    expect(line).toMatch(/; HttpOnly/);
    expect(line).toMatch(/; Secure/);
    expect(line).toMatch(/; SameSite=Lax/i);
    expect(line).not.toMatch(/Domain/i);
    const token = decodeURIComponent(line.split('=')[1]?.split(';')[0] ?? '').split('.')[0] as string;
    expect(token.length).toBeGreaterThanOrEqual(32);
    const [row] = await database.db.$queryRaw<unknown[]>`SELECT * FROM session`;
    expect(JSON.stringify(row)).not.toContain(token);
  });

  test('#250 is a new one at each sign-in, whatever cookie came along', async () => {
    const { post, viewerWith } = open();
    const first = cookieOf(await post('/api/auth/sign-up/email', ada));
    const second = cookieOf(await post('/api/auth/sign-in/email', ada, { cookie: first }));
    expect(second).not.toBe(first);
    expect(await viewerWith(second)).toMatchObject({ email: ada.email });
    expect(await viewerWith(first)).toBeNull();
  });

  test('#252 ends at sign-out, at once', async () => {
    const { post, viewerWith } = open();
    const cookie = cookieOf(await post('/api/auth/sign-up/email', ada));
    expect((await post('/api/auth/sign-out', {}, { cookie })).status).toBe(200);
    expect(await viewerWith(cookie)).toBeNull();
    expect(await database.db.session.count()).toBe(0);
  });

  test('#252 is over when its time is, or when nobody was seen for a week', async () => {
    const { post, viewerWith } = open();
    const cookie = cookieOf(await post('/api/auth/sign-up/email', ada));
    const { expiresAt } = await database.db.session.findFirstOrThrow();
    await database.db.session.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } });
    expect(await viewerWith(cookie)).toBeNull();
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    await database.db.session.updateMany({ data: { expiresAt, updatedAt: daysAgo(6) } });
    expect(await viewerWith(cookie)).not.toBeNull();
    await until(async () => (await database.db.session.findFirstOrThrow()).updatedAt > daysAgo(1));
    await database.db.session.updateMany({ data: { updatedAt: daysAgo(8) } });
    expect(await viewerWith(cookie)).toBeNull();
  });

  test('#253 of a blocked or erased person is dead, and they get no new one', async () => {
    const { post, viewerWith, routes } = open();
    const cookie = cookieOf(await post('/api/auth/sign-up/email', ada));
    for (const data of [{ blockedAt: new Date() }, { blockedAt: null, deletedAt: new Date() }]) {
      await database.db.user.updateMany({ data });
      expect(await viewerWith(cookie)).toBeNull();
      expect(await (await routes.request('/api/auth/get-session', { headers: { cookie } })).json()).toBeNull();
      const answer = await post('/api/auth/sign-in/email', ada);
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  test('is told by get-session; no answer repeats its token, where a script could read it', async () => {
    const { post, routes } = open();
    const signedUp = await post('/api/auth/sign-up/email', ada);
    const cookie = cookieOf(signedUp);
    const token = decodeURIComponent(cookie).split('=')[1]?.split('.')[0] as string;
    const text = await (await routes.request('/api/auth/get-session', { headers: { cookie } })).text();
    expect(JSON.parse(text)).toMatchObject({ user: { email: ada.email, role: 'admin' } });
    expect(text + (await signedUp.text())).not.toContain(token);
    expect(await (await post('/api/auth/sign-in/email', ada)).json()).not.toHaveProperty('token');
  });

  test('a cookie that is not one of ours is nobody', async () => {
    const { viewerWith } = open();
    for (const value of ['', 'x', 'a.b', '%', '%00.%00', `${'a'.repeat(32)}.c2ln`, 'a'.repeat(9_999), "' OR 1=1--.x"]) {
      expect(await viewerWith(`grantway_session=${value}`), value).toBeNull();
    }
    expect(await viewerWith('grantway_session=a; grantway_session=b')).toBeNull();
  });
});

describe('sign-in', () => {
  test('#255 an unknown address and a wrong password are answered alike', async () => {
    const { post } = open();
    await post('/api/auth/sign-up/email', ada);
    const wrong = await post('/api/auth/sign-in/email', { ...ada, password: 'wrong horse!' });
    const unknown = await post('/api/auth/sign-in/email', { ...ada, email: 'nobody@example.com' });
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(await wrong.json()).toEqual(await unknown.json());
  });

  test('#254 is slowed down by address, and by /64 in IPv6; what a client claims to be does not count', async () => {
    const { post } = open({ GRANTWAY_SIGN_INS_PER_MINUTE: '3' });
    const attempt = (headers = {}) => post('/api/auth/sign-in/email', { ...ada, password: 'wrong horse!' }, headers);
    for (let i = 0; i < 3; i++) expect((await attempt()).status).toBe(401);
    expect(
      (await attempt({ 'x-grantway-client-address': '203.0.113.9', 'x-forwarded-for': '203.0.113.9' })).status,
    ).toBe(429);
    address = '2001:db8::1';
    for (let i = 0; i < 3; i++) expect((await attempt()).status).toBe(401);
    address = '2001:db8::ffff:2';
    expect((await attempt()).status).toBe(429);
    address = '2001:db8:0:1::1';
    expect((await attempt()).status).toBe(401);
    address = '192.0.2.1';
  });

  test('#254 is slowed down by account too, from however many networks, whether it exists or not', async () => {
    const { post } = open({ GRANTWAY_SIGN_INS_PER_MINUTE: '1' });
    await post('/api/auth/sign-up/email', ada);
    for (const email of [ada.email, 'nobody@example.com']) {
      const attempt = async (i: number) => {
        address = `198.51.100.${i}`;
        return post('/api/auth/sign-in/email', { email: email.toUpperCase(), password: 'wrong horse!' });
      };
      await database.db.signInAttempt.deleteMany();
      // The guesses of before, counted as any other process would have: each takes its time to be judged.
      for (let i = 0; i < 27; i++) await openAttempts(database).noteWrong(email);
      for (let i = 0; i < 3; i++) expect((await attempt(i)).status).toBe(401);
      const refused = await attempt(30);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    address = '192.0.2.1';
  });

  test('#260 from another site changes nothing', async () => {
    const { post, viewerWith } = open();
    const cookie = cookieOf(await post('/api/auth/sign-up/email', ada));
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ];
    for (const headers of foreign) {
      expect((await post('/api/auth/sign-out', {}, { cookie, ...headers })).status).toBe(403);
      expect((await post('/api/auth/sign-in/email', ada, headers)).status).toBe(403);
    }
    expect(await viewerWith(cookie)).not.toBeNull();
  });

  test('bad input gets a sentence, never a 500', async () => {
    const { post } = open();
    const bodies = [
      '',
      '{',
      '[]',
      'null',
      '{"email":1}',
      { ...ada, email: 'no address' },
      { ...ada, password: 'short' },
    ];
    const more = [
      { ...ada, password: 'x'.repeat(129) },
      { ...ada, name: '' },
      { ...ada, name: 'a\nb' },
      { ...ada, name: '\u200b\u3164' },
      { ...ada, name: 'Ada\u202e nimdA' },
      { ...ada, email: 'ad\u200ba@example.com' },
      { ...ada, name: 7 },
    ];
    for (const body of [...bodies, ...more]) {
      const response = await post('/api/auth/sign-up/email', body);
      expect(response.status, JSON.stringify(body)).toBe(400);
      expect(await response.json()).toMatchObject({ message: expect.stringMatching(/\w/) });
    }
    expect((await post('/api/auth/sign-up/email', 'x'.repeat(20_000))).status).toBe(413);
    expect((await post('/api/auth/sign-in/email', 'a=b', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('/api/auth/sign-in/email', { email: "'", password: '\u0000' })).status).toBe(400);
    expect(await database.db.user.count()).toBe(0);
  });

  test('what is not offered does not exist', async () => {
    const { post, routes } = open();
    for (const path of [
      'delete-user',
      'change-email',
      'sign-in/social',
      'sign-in/oauth2',
      'change-password',
      'verify-email',
      'request-password-reset',
      'list-sessions',
      'reset-password',
      'link-social',
      'update-user',
    ]) {
      expect((await post(`/api/auth/${path}`, {})).status, path).toBe(404);
    }
    expect((await routes.request('/api/auth/ok')).status).toBe(404);
  });
});

describe('when sign-up is by invitation', () => {
  test('the first account is made, the second is refused', async () => {
    const { post } = open({ GRANTWAY_SIGN_UP: 'invite' });
    expect((await post('/api/auth/sign-up/email', ada)).status).toBe(200);
    const refused = await post('/api/auth/sign-up/email', { ...ada, email: 'eve@example.com' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ message: expect.stringContaining('invitation') });
  });

  test('#259 whoever holds the link of an invitation makes the account that it was sent to, and no other', async () => {
    const { post } = open({ GRANTWAY_SIGN_UP: 'invite' });
    await post('/api/auth/sign-up/email', ada);
    const owner = await database.db.user.findFirstOrThrow();
    const acme = await database.db.organization.create({
      data: { name: 'Acme', memberships: { create: { userId: owner.id, role: 'owner' } } },
    });
    const wish = { organizationId: acme.id, email: 'bea@example.com', role: 'member' as const, actorUserId: owner.id };
    const invited = await invite(database, wish, new Date());
    const invitation = invited.ok ? invited.value.token : '';
    const bea = { ...ada, name: 'Bea', email: 'Bea@example.com' };
    for (const wrong of [{ ...bea, email: 'eve@example.com', invitation }, { ...bea, invitation: 'gwi_x' }, bea])
      expect((await post('/api/auth/sign-up/email', wrong)).status).toBe(403);
    expect((await post('/api/auth/sign-up/email', { ...bea, invitation })).status).toBe(200);
    const made = await database.db.user.findUniqueOrThrow({ where: { email: 'bea@example.com' } });
    expect(made.role).toBe('user');
    // Closed to everyone but the first.
    const { post: closed } = open({ GRANTWAY_SIGN_UP: 'first' });
    expect((await closed('/api/auth/sign-up/email', { ...bea, email: 'b@example.com', invitation })).status).toBe(403);
  });
});

test('when the database is away nobody is called signed out, and every answer is 503', async () => {
  const other = await openTestDatabase();
  const { post, viewerWith, routes } = open({}, other);
  const cookie = cookieOf(await post('/api/auth/sign-up/email', ada));
  await other.close();
  await expect(viewerWith(cookie)).rejects.toThrow(Unavailable);
  for (const response of [
    await routes.request('/api/setup'),
    await post('/api/auth/sign-in/email', ada),
    await post('/api/auth/sign-up/email', ada),
    await post('/api/auth/sign-out', {}, { cookie }),
  ]) {
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
  }
});
