import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openLog } from '../../platform/log.ts';
import { type Mailer, openMailer } from '../../platform/mail.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp } from '../../testing/graphql-app.ts';
import { type Mailbox, openMailbox } from '../../testing/mailbox.ts';
import { ask as askFor, makeClient, makeConnection, makeUser, show } from '../../testing/scene.ts';
import { inert } from './new-client-mail.ts';

let database: Database;
let mailbox: Mailbox;
let mailer: Mailer;
beforeAll(async () => {
  database = await openTestDatabase();
  mailbox = await openMailbox();
  mailer = openMailer({ url: mailbox.url, from: 'grantway@example.com' }, openLog('silent'));
});
afterAll(async () => {
  await mailer.close();
  await mailbox.close();
  await database.close();
});

const APPROVE = `mutation ($id: String!) { it: authorizationApprove(input: { requestId: $id }) { __typename } }`;

test('field note 1.20: a person is told of a client when they authorize it for the first time, and of the next one', async () => {
  const told = await openGraphqlApp(database, { mailer });
  const silent = await openGraphqlApp(database, { mailer, settings: { GRANTWAY_MAIL_NEW_CLIENTS: 'off' } });
  const user = await makeUser(database);
  const connection = await makeConnection(database, { userId: user.id }, 'Issue tracker');
  const approve = async (world: typeof told, name: string, client = makeClient(database, { name })) => {
    const { handle } = await askFor(database, { user, client: await client, connection });
    await show(database, handle);
    const cookie = { cookie: 'grantway_browser=the-browser-of-these-tests' };
    expect((await world.ask(user, APPROVE, { id: handle }, cookie)).data.it.__typename).toBe(
      'AuthorizationApprovePayload',
    );
    return client;
  };
  const client = await approve(told, 'Coding agent');
  const mail = await mailbox.next();
  expect(mail.to).toEqual([user.email]);
  expect(mail.text).toContain('“Coding agent” was authorized with your account to use “Issue tracker”.');
  expect(mail.text).toContain('http://localhost:4000/clients');
  await approve(told, 'Coding agent', Promise.resolve(client));
  await approve(silent, 'Quiet agent');
  await approve(told, 'Another agent');
  expect((await mailbox.next()).text).toContain('“Another agent”');
  expect(mailbox.mails).toHaveLength(2);
});

test('what a client calls itself is no link, no line and no second sentence', () => {
  expect(inert('Go to https://evil.example/x now', '-')).toBe('“Go to https evil example x now”');
  expect(inert('a”\r\nBcc: eve@evil.example', '-')).toBe('“a Bcc eve evil example”');
  expect(inert('x'.repeat(500), '-')).toHaveLength(62);
  expect(inert(' \u200b', 'none')).toBe('none');
  expect(inert(null, 'none')).toBe('none');
});
