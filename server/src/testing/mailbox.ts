/** A real SMTP server on loopback that keeps what it is given. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived: the envelope's addresses, its headers, and its text decoded. */
export type ReceivedMail = { to: string[]; subject: string; text: string; raw: string };

export type Mailbox = {
  /** For `GRANTWAY_SMTP_URL`. */
  url: string;
  mails: ReceivedMail[];
  /** The next mail, whether it is there already or comes within a few seconds. */
  next: () => Promise<ReceivedMail>;
  /** How it answers the next mail; null: it takes it. */
  refuseNext: (code: number | null) => void;
  close: () => Promise<void>;
};

export async function openMailbox(): Promise<Mailbox> {
  const mails: ReceivedMail[] = [];
  let taken = 0;
  let refusal: number | null = null;
  const arrivals = new Set<() => void>();
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    // Senders keep their connections for the next mail.
    closeTimeout: 100,
    onData: async (stream, session, done) => {
      let raw = '';
      for await (const chunk of stream.setEncoding('utf8')) raw += chunk;
      if (refusal !== null) {
        const error = Object.assign(new Error('not now'), { responseCode: refusal });
        refusal = null;
        return done(error);
      }
      mails.push(
        read(
          raw,
          session.envelope.rcptTo.map(({ address }) => address),
        ),
      );
      done();
      for (const arrived of arrivals) arrived();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = (server.server as Server).address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuseNext: (code) => {
      refusal = code;
    },
    next: async () => {
      for (let waited = 0; mails.length <= taken; waited++) {
        if (waited > 500) throw new Error('no mail came');
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            arrivals.delete(wake);
            resolve();
          };
          arrivals.add(wake);
          setTimeout(wake, 10);
        });
      }
      return mails[taken++] as ReceivedMail;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Reads what our own mailer writes: one part, 7bit, quoted-printable or base64. */
function read(raw: string, to: string[]): ReceivedMail {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const header = (name: string): string =>
    new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, 'im').exec(head)?.[1]?.replace(/\r\n[ \t]/g, ' ') ?? '';
  const encoding = header('content-transfer-encoding').toLowerCase();
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : encoding === 'quoted-printable'
        ? unquote(body)
        : body;
  return { to, subject: header('subject'), text: text.trim(), raw };
}

/** RFC 2045 §6.7. */
const unquote = (text: string): string =>
  Buffer.from(
    text
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
