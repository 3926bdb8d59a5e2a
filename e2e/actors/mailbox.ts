/** A real mail server on loopback, and the links in what it was given. */
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { portOf } from '../fixtures/port.ts';

export type Mailbox = {
  /** For GRANTWAY_SMTP_URL. */
  url: string;
  /** The text of the next mail to an address, waited for. */
  next: (to: string) => Promise<string>;
  stop: () => Promise<void>;
};

export async function openMailbox(): Promise<Mailbox> {
  const mails: { to: string; text: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    onData: async (stream, session, done) => {
      const parts: Buffer[] = [];
      for await (const part of stream) parts.push(part as Buffer);
      const text = Buffer.concat(parts).toString('utf8').replace(/=\r\n/g, '').replace(/=3D/g, '=');
      for (const { address } of session.envelope.rcptTo) mails.push({ to: address, text });
      done();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${portOf(server.server as Server)}`,
    next: async (to) => {
      for (let waited = 0; waited < 500; waited++) {
        const at = mails.findIndex((mail) => mail.to === to);
        if (at >= 0) return mails.splice(at, 1)[0]?.text ?? '';
        await pause(20);
      }
      throw new Error(`No mail came for ${to}.`);
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The path of the link in a mail, with its fragment. */
export const linkIn = (text: string): string => {
  const link = /https?:\/\/\S+#token=\S+/.exec(text)?.[0];
  if (!link) throw new Error(`There is no link in: ${text}`);
  const { pathname, hash } = new URL(link);
  return pathname + hash;
};
