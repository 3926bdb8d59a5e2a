import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { authenticateApiKey, createApiKey } from '../../core/people/api-key.ts';
import { makeResetLink } from '../../core/people/password.ts';
import type { Database } from '../../platform/database.ts';
import { type Keyring, newSealingJwk, newSigningJwk, readKeyring } from '../../platform/keys.ts';
import { hashSecret, INVITATION, newSecret } from '../../platform/secret.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { until } from '../../testing/gateway.ts';
import { type Mailbox, openMailbox } from '../../testing/mailbox.ts';
import { makeOrganization } from '../../testing/scene.ts';
import { ada, cookieOf, openSignInApp } from '../../testing/sign-in-app.ts';

let database: Database;
let keyring: Keyring;
let mailbox: Mailbox;
beforeAll(async () => {
  database = await openTestDatabase();
  keyring = await readKeyring(JSON.stringify({ keys: [newSealingJwk(), await newSigningJwk('ES256')] }));
  mailbox = await openMailbox();
});
afterAll(async () => {
  await mailbox.close();
  await database.close();
});
beforeEach(async () => {
  await database.db.user.deleteMany();
  await database.db.verification.deleteMany();
  await database.db.signInAttempt.deleteMany();
  await database.db.rateLimit.deleteMany();
});

const eve = { name: 'Eve', email: 'eve@example.com', password: 'another horse' };
const withMail = () => ({ GRANTWAY_SMTP_URL: mailbox.url, GRANTWAY_MAIL_FROM: 'grantway@example.com' });
const open = (settings: Record<string, string> = {}, clock?: () => Date) =>
  openSignInApp(database, keyring, { GRANTWAY_SIGN_UP: 'open', ...settings }, undefined, clock);
type App = ReturnType<typeof open>;

const tokenIn = (text: string): string => /#token=(\S+)/.exec(text)?.[1] ?? '';
const signIn = (app: App, { email, password }: { email: string; password: string }) =>
  app.post('/api/auth/sign-in/email', { email, password });
/** What a stranger can tell of an answer. */
const seen = async (response: Response) => ({
  status: response.status,
  body: await response.json(),
  headers: [...response.headers].filter(([name]) => !/^(date|content-length)$/.test(name)),
});
const kinds = async () => (await database.db.auditEvent.findMany({ select: { kind: true } })).map(({ kind }) => kind);
const later = (seconds: number) => () => new Date(Date.now() + seconds * 1000);

describe('#255 signing up tells nobody who has an account', () => {
  test('without mail: the same answer, and no session; whoever knows the password signs in', async () => {
    const app = open();
    await app.post('/api/auth/sign-up/email', ada);
    const free = await seen(await app.post('/api/auth/sign-up/email', eve));
    const taken = await seen(await app.post('/api/auth/sign-up/email', { ...ada, password: 'a guess of hers' }));
    expect(taken).toEqual(free);
    expect(free).toMatchObject({ status: 200, body: { next: 'sign-in' } });
    expect((await signIn(app, eve)).status).toBe(200);
    expect((await signIn(app, { ...ada, password: 'a guess of hers' })).status).toBe(401);
    expect((await signIn(app, ada)).status).toBe(200);
  });

  test('with mail: the same answer; the owner reads that they have one, the other gets a link to begin', async () => {
    const app = open(withMail());
    await app.post('/api/auth/sign-up/email', ada);
    const taken = await seen(await app.post('/api/auth/sign-up/email', { ...ada, password: undefined }));
    expect(await mailbox.next()).toMatchObject({ to: [ada.email], subject: 'You have a Grantway account already' });
    const free = await seen(await app.post('/api/auth/sign-up/email', { ...eve, password: undefined }));
    expect(taken).toEqual(free);
    expect(free).toMatchObject({ status: 200, body: { next: 'mail' } });
    // Nothing is there before the address is proved, and nobody else chooses its password.
    expect(await database.db.user.count()).toBe(1);
    const mail = await mailbox.next();
    expect(mail.text).toContain(`${app.config.url}/sign-up/finish#token=gwl_`);
    const finish = (password: string) => app.post('/api/auth/sign-up/finish', { token: tokenIn(mail.text), password });
    expect((await finish('short')).status).toBe(400);
    const answers = await Promise.all([finish(eve.password), finish(eve.password)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    const signedIn = answers.find(({ status }) => status === 200) as Response;
    expect(await app.viewerWith(cookieOf(signedIn))).toMatchObject({ email: eve.email, role: 'user' });
    expect(await database.db.user.findUnique({ where: { email: eve.email } })).toMatchObject({ emailVerified: true });
  });

  test('nobody is sent more than a few mails, and the answer stays the same', async () => {
    const app = open(withMail());
    await app.post('/api/auth/sign-up/email', ada);
    const before = mailbox.mails.length;
    for (let i = 0; i < 8; i++) {
      expect((await app.post('/api/auth/password/forgot', { email: ada.email })).status).toBe(200);
    }
    await until(() => mailbox.mails.length >= before + 5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(mailbox.mails.length).toBe(before + 5);
    for (let i = before; i < mailbox.mails.length; i++) await mailbox.next();
  });

  test('#254 strangers are slowed down by network at every door', async () => {
    const app = open({ ...withMail(), GRANTWAY_SIGN_INS_PER_MINUTE: '2' });
    const paths = ['sign-up/email', 'password/forgot', 'password/reset', 'sign-up/finish', 'email/verify'];
    for (const path of paths) {
      await database.db.rateLimit.deleteMany();
      const answers = [];
      for (let i = 0; i < 3; i++) answers.push(await app.post(`/api/auth/${path}`, { email: 'x' }));
      expect(
        answers.map(({ status }) => status),
        path,
      ).toEqual(path === 'email/verify' ? [401, 401, 429] : [400, 400, 429]);
      expect(answers[2]?.headers.get('retry-after'), path).toBeTruthy();
    }
  });
});

describe('who may make an account', () => {
  test('an address of the domains, where there are some', async () => {
    const app = open({ ...withMail(), GRANTWAY_SIGN_UP_DOMAINS: 'example.com' });
    await app.post('/api/auth/sign-up/email', { ...ada, email: 'ada@example.org' });
    const answer = await app.post('/api/auth/sign-up/email', { ...eve, email: 'eve@evil.example' });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: 'DOMAIN_NOT_ALLOWED' });
  });

  test('#259 by invitation: with its token, for its address, while it is open', async () => {
    const app = open({ GRANTWAY_SIGN_UP: 'invite' });
    await app.post('/api/auth/sign-up/email', ada);
    const organization = await makeOrganization(database);
    const invite = async (email: string, expiresAt: Date, more: object = {}) => {
      const token = newSecret(INVITATION);
      const data = { organizationId: organization.id, email, tokenHash: hashSecret(token), expiresAt, ...more };
      await database.db.invitation.create({ data });
      return token;
    };
    const good = await invite('Eve@Example.com', later(60)());
    const attempt = async (body: object) => (await app.post('/api/auth/sign-up/email', { ...eve, ...body })).status;
    expect(await attempt({})).toBe(403);
    expect(await attempt({ invitation: newSecret(INVITATION) })).toBe(403);
    expect(await attempt({ invitation: good, email: 'mallory@example.com' })).toBe(403);
    expect(await attempt({ invitation: await invite(eve.email, later(-60)()) })).toBe(403);
    expect(await attempt({ invitation: await invite(eve.email, later(60)(), { revokedAt: new Date() }) })).toBe(403);
    expect(await attempt({ invitation: good })).toBe(200);
    expect((await signIn(app, eve)).status).toBe(200);
  });

  test('nobody with a password, where passwords are off', async () => {
    await open().post('/api/auth/sign-up/email', ada);
    const app = open({
      GRANTWAY_PASSWORD_SIGN_IN: 'off',
      GRANTWAY_OIDC_ISSUER: 'http://127.0.0.1:9',
      GRANTWAY_OIDC_CLIENT_ID: 'grantway',
    });
    for (const path of ['sign-in/email', 'sign-up/email', 'sign-up/finish', 'password/forgot', 'password/reset']) {
      const answer = await app.post(`/api/auth/${path}`, ada);
      expect(answer.status, path).toBe(403);
      expect(await answer.json(), path).toMatchObject({ code: 'PASSWORDS_OFF' });
    }
    const away = await app.post('/api/auth/sign-in/sso', { returnTo: '/' });
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('10');
  });
});

/** A key of the only account. */
async function makeKey(): Promise<string> {
  const { id: userId } = await database.db.user.findFirstOrThrow();
  const wanted = { userId, organizationId: null, name: 'CI', scopes: ['grants:read' as const] };
  const made = await createApiKey(database, wanted, new Date());
  if (!made.ok) throw new Error(made.reason.kind);
  return made.value.key;
}

describe('a new password', () => {
  test('#255 #256 #252 by mail: the answer tells nothing, the link works once, every session ends', async () => {
    const app = open(withMail());
    const cookie = cookieOf(await app.post('/api/auth/sign-up/email', ada));
    const key = await makeKey();
    const known = await seen(await app.post('/api/auth/password/forgot', { email: ada.email }));
    const unknown = await seen(await app.post('/api/auth/password/forgot', { email: 'nobody@example.com' }));
    expect(unknown).toEqual(known);
    const mail = await mailbox.next();
    expect(mail).toMatchObject({ to: [ada.email], subject: 'A new password for Grantway' });
    expect(mail.text).toContain(`${app.config.url}/reset-password#token=gwl_`);
    const [row] = await database.db.verification.findMany();
    expect(JSON.stringify(row)).not.toContain(tokenIn(mail.text));
    const reset = (password: string) => app.post('/api/auth/password/reset', { token: tokenIn(mail.text), password });
    const answers = await Promise.all(['first new one', 'second new one', 'third new one'].map(reset));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect(await app.viewerWith(cookie)).toBeNull();
    expect((await signIn(app, ada)).status).toBe(401);
    const told = await mailbox.next();
    expect(told).toMatchObject({ subject: 'Your Grantway password was changed' });
    expect(told.text).toContain('every API key of yours');
    expect(await authenticateApiKey(database, key, new Date())).toBeNull();
    expect(await kinds()).toContain('password.reset');
  });

  test('#256 the link is built from the settings, whatever host the request named', async () => {
    const app = open(withMail());
    await app.post('/api/auth/sign-up/email', ada);
    const poisoned = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    await app.post('/api/auth/password/forgot', { email: ada.email }, poisoned);
    expect((await mailbox.next()).text).not.toContain('evil');
  });

  test('#256 a link is over after an hour, and with any other that was followed', async () => {
    const app = open(withMail());
    await app.post('/api/auth/sign-up/email', ada);
    await app.post('/api/auth/password/forgot', { email: ada.email });
    await app.post('/api/auth/password/forgot', { email: ada.email });
    const [first, second] = [await mailbox.next(), await mailbox.next()];
    const late = open(withMail(), later(3_601));
    const body = { token: tokenIn(first.text), password: 'a new password' };
    expect((await late.post('/api/auth/password/reset', body)).status).toBe(400);
    expect((await app.post('/api/auth/password/reset', body)).status).toBe(200);
    expect((await app.post('/api/auth/password/reset', { ...body, token: tokenIn(second.text) })).status).toBe(400);
    await mailbox.next();
  });

  test('of who is blocked stays what it is', async () => {
    const app = open(withMail());
    await app.post('/api/auth/sign-up/email', ada);
    await app.post('/api/auth/password/forgot', { email: ada.email });
    const { text } = await mailbox.next();
    await database.db.user.updateMany({ data: { blockedAt: new Date() } });
    expect((await app.post('/api/auth/password/reset', { token: tokenIn(text), password: 'a new one' })).status).toBe(
      400,
    );
  });

  test('by an admin, where there is no mail: shown once, on the record, and it proves no address', async () => {
    const app = open();
    expect((await app.post('/api/auth/password/forgot', { email: ada.email })).status).toBe(403);
    await app.post('/api/auth/sign-up/email', ada);
    const { id } = await database.db.user.findFirstOrThrow();
    const link = await makeResetLink(database, { userId: id, actorUserId: id }, new Date());
    const body = { token: link.ok && link.value, password: 'handed over' };
    expect((await app.post('/api/auth/password/reset', body)).status).toBe(200);
    expect((await signIn(app, { ...ada, password: 'handed over' })).status).toBe(200);
    expect(await database.db.user.findFirst()).toMatchObject({ emailVerified: false });
    expect(await kinds()).toContain('password.reset_link_created');
  });

  test.each([[false], [true]])(
    'changed by who knows the old one, API keys end as the person says: %s',
    async (endApiKeys) => {
      const app = open();
      const cookie = cookieOf(await app.post('/api/auth/sign-up/email', ada));
      const key = await makeKey();
      const body = { currentPassword: 'a wrong horse', newPassword: 'a longer horse', endApiKeys };
      expect((await app.post('/api/auth/password/change', body, { cookie })).status).toBe(400);
      expect(await authenticateApiKey(database, key, new Date())).not.toBeNull();
      const right = { ...body, currentPassword: ada.password };
      expect((await app.post('/api/auth/password/change', right, { cookie })).status).toBe(200);
      expect((await authenticateApiKey(database, key, new Date())) === null).toBe(endApiKeys);
    },
  );

  test('#250 #252 changed by who knows the old one: the others end, this browser gets another session', async () => {
    const app = open();
    const here = cookieOf(await app.post('/api/auth/sign-up/email', ada));
    const there = cookieOf(await signIn(app, ada));
    const change = (currentPassword: string) =>
      app.post('/api/auth/password/change', { currentPassword, newPassword: 'a longer horse' }, { cookie: here });
    expect((await change('a wrong horse')).status).toBe(400);
    const { id } = await database.db.user.findFirstOrThrow();
    const link = await makeResetLink(database, { userId: id, actorUserId: id }, new Date());
    const changed = await change(ada.password);
    expect(changed.status).toBe(200);
    // Nor does a link that was on its way set another one.
    const late = { token: link.ok && link.value, password: 'of somebody else' };
    expect((await app.post('/api/auth/password/reset', late)).status).toBe(400);
    expect(await changed.json()).not.toHaveProperty('token');
    for (const cookie of [here, there]) expect(await app.viewerWith(cookie)).toBeNull();
    expect(await app.viewerWith(cookieOf(changed))).toMatchObject({ email: ada.email });
    expect((await app.post('/api/auth/password/change', {}, { cookie: here })).status).toBe(401);
    expect(await kinds()).toContain('password.changed');
  });
});

test('#258 an address is confirmed by its link, once, in the session of its account alone', async () => {
  const app = open(withMail());
  const cookie = cookieOf(await app.post('/api/auth/sign-up/email', ada));
  expect((await app.post('/api/auth/email/ask', {})).status).toBe(401);
  expect((await app.post('/api/auth/email/ask', {}, { cookie })).status).toBe(200);
  const token = tokenIn((await mailbox.next()).text);
  expect((await app.post('/api/auth/password/reset', { token, password: 'not its purpose' })).status).toBe(400);
  expect((await app.post('/api/auth/email/verify', { token })).status).toBe(401);
  expect(await database.db.user.findFirst()).toMatchObject({ emailVerified: false });
  expect((await app.post('/api/auth/email/verify', { token }, { cookie })).status).toBe(200);
  expect((await app.post('/api/auth/email/verify', { token }, { cookie })).status).toBe(400);
  expect(await database.db.user.findFirst()).toMatchObject({ emailVerified: true });
});

test('a wrong password is on the record of its account, a few times, and nobody else’s', async () => {
  const app = open();
  await app.post('/api/auth/sign-up/email', ada);
  const { id } = await database.db.user.findFirstOrThrow();
  for (let i = 0; i < 6; i++) await signIn(app, { ...ada, password: 'a wrong horse' });
  await signIn(app, { ...ada, email: 'nobody@example.com' });
  const refused = () => database.db.auditEvent.findMany({ where: { kind: 'session.refused', ownerUserId: id } });
  await until(async () => (await refused()).length === 3);
  expect((await refused()).every(({ outcome }) => outcome === 'denied')).toBe(true);
});
