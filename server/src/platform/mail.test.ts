import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Mailbox, openMailbox } from '../testing/mailbox.ts';
import { openLog } from './log.ts';
import { type Mailer, openMailer } from './mail.ts';

let mailbox: Mailbox;
let mailer: Mailer;
beforeEach(async () => {
  mailbox = await openMailbox();
  mailer = openMailer({ url: mailbox.url, from: 'Grantway <gateway@example.com>' }, openLog('silent'), [20, 20]);
});
afterEach(async () => {
  await mailer.close();
  await mailbox.close();
});

test('a mail arrives as it was written, with letters of any script and long lines', async () => {
  const text = `Grüße, Ἀδα\n\n${'x'.repeat(200)} https://gateway.example.com/a#token=${'y'.repeat(60)}`;
  mailer.post({ to: 'ada@example.com', subject: 'Hello', text });
  const mail = await mailbox.next();
  expect(mail).toMatchObject({ to: ['ada@example.com'], subject: 'Hello' });
  expect(mail.text.replace(/\r\n/g, '\n')).toBe(text);
  expect(mail.raw).toMatch(/^From: Grantway <gateway@example\.com>$/m);
});

test('an address is one address, and a name in it writes no headers', async () => {
  await mailer.send({ to: 'ada@example.com, eve@evil.example', subject: 'a', text: 'b' }).catch(() => {});
  await mailer.send({ to: 'ada@example.com\r\nBcc: eve@evil.example', subject: 'a', text: 'b' }).catch(() => {});
  await mailer.send({ to: 'ada@example.com', subject: 'a\r\nBcc: eve@evil.example', text: 'b' });
  expect(mailbox.mails.flatMap(({ to }) => to)).not.toContain('eve@evil.example');
  expect(mailbox.mails.map(({ raw }) => raw).join('')).not.toMatch(/^bcc:/im);
});

test('a server that is busy is asked again; one that refuses for good is not', async () => {
  mailbox.refuseNext(451);
  mailer.post({ to: 'ada@example.com', subject: 'later', text: 'b' });
  expect((await mailbox.next()).subject).toBe('later');
  mailbox.refuseNext(550);
  mailer.post({ to: 'ada@example.com', subject: 'never', text: 'b' });
  await mailer.close();
  expect(mailbox.mails.map(({ subject }) => subject)).toEqual(['later']);
});

test('a server that is away is no fault of the caller', async () => {
  const lost = openMailer({ url: 'smtp://127.0.0.1:1', from: 'a@example.com' }, openLog('silent'), []);
  lost.post({ to: 'ada@example.com', subject: 'a', text: 'b' });
  await expect(lost.send({ to: 'ada@example.com', subject: 'a', text: 'b' })).rejects.toThrow();
  await lost.close();
});
