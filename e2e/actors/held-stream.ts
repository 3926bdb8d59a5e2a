/** An event stream that a client holds at one process, under the name that all of them have. */
import { request } from 'node:http';

export type HeldStream = {
  /** Resolves with how it ended: by its own end, or torn off. */
  ended: Promise<'ended' | 'cut'>;
  /** How many bytes have come. */
  received: () => number;
};

/** Resolves when the first bytes of the upstream have come. `url` is the connect URL, `address` where the process is. */
export function holdStream(address: string, url: string, accessToken: string): Promise<HeldStream> {
  const { host, pathname } = new URL(url);
  const { hostname, port } = new URL(address);
  const headers = { host, authorization: `Bearer ${accessToken}`, accept: 'text/event-stream' };
  return new Promise((resolve, reject) => {
    const sent = request({ host: hostname, port, path: pathname, headers }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`There is no stream: ${answer.statusCode}.`));
      let received = 0;
      const ended = new Promise<'ended' | 'cut'>((end) => {
        answer.once('end', () => end('ended')).once('close', () => end('cut'));
      });
      answer.on('error', () => {});
      answer.on('data', (chunk: Buffer) => {
        received += chunk.length;
        resolve({ ended, received: () => received });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}
