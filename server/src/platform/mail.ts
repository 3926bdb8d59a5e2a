/** Mail by SMTP: handed over after commit, sent behind the answer, tried again when the server is away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { Log } from './log.ts';

/** A mail in plain text to one address. */
export type Mail = { to: string; subject: string; text: string };

export type Mailer = {
  /**
   * Hands a mail over to be sent soon. Never waits and never throws: three attempts, then the log. It lives in this process alone, so
   * what waits is lost when the process is killed; nothing may depend on its arrival. Call it after commit.
   */
  post: (mail: Mail) => void;
  /** Sends now. @throws Error when the server is away or refuses. */
  send: (mail: Mail) => Promise<void>;
  /** Lets what is being sent finish for a few seconds, and gives up what waits for another attempt. */
  close: () => Promise<void>;
};

export type MailSettings = { url: string; from: string };

// A mail server that stops answering must hold neither a connection nor the memory of mails for long.
const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };
const PAUSES_MS = [2_000, 30_000];
const MAX_WAITING = 500;
const GRACE_MS = 3_000;

/** Opens no connection yet: a mail server that is away must not keep the process from starting. */
export function openMailer({ url, from }: MailSettings, log: Log, pausesMs: readonly number[] = PAUSES_MS): Mailer {
  // No file or address that a mail's text might name is ever read.
  const guarded = { disableFileAccess: true, disableUrlAccess: true };
  const transport = createTransport({ url, pool: true, maxConnections: 2, ...PATIENCE, ...guarded }, { from });
  const waiting = new Set<Promise<void>>();
  const stopping = new AbortController();
  const send = async ({ to, subject, text }: Mail): Promise<void> => {
    // As an object it is one address: a string would be read as a list, and "a@x, b@y" would reach both.
    await transport.sendMail({
      to: { name: '', address: to },
      subject,
      text,
      headers: { 'auto-submitted': 'auto-generated' },
    });
  };
  const deliver = async (mail: Mail): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await send(mail);
      } catch (error) {
        const pause = pausesMs[attempt];
        if (pause === undefined || isFinal(error) || stopping.signal.aborted) {
          // The address is a person's, and the text may hold a link that signs in: the log gets neither.
          return log.warn({ err: error, subject: mail.subject }, 'a mail was not sent');
        }
        await sleep(pause, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
      }
    }
  };
  return {
    post: (mail) => {
      if (waiting.size >= MAX_WAITING) return log.warn({ subject: mail.subject }, 'a mail was not sent: too many wait');
      const delivered = deliver(mail).finally(() => waiting.delete(delivered));
      waiting.add(delivered);
    },
    send,
    close: async () => {
      stopping.abort();
      await Promise.race([Promise.all(waiting), sleep(GRACE_MS, undefined, { ref: false })]);
      transport.close();
    },
  };
}

/** A reply of 5xx (RFC 5321 §4.2.1) will be the same next time. */
const isFinal = (error: unknown): boolean => {
  const { responseCode } = error as { responseCode?: number };
  return responseCode !== undefined && responseCode >= 500;
};
