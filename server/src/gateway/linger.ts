/** The end of an answer that comes before the end of its request, and closes the connection. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_BODY_BYTES } from './body.ts';

const IDLE_MS = 1_000;
const LINGER_MS = 10_000;
const LINGER_BYTES = 2 * MAX_BODY_BYTES;

/**
 * Says the rest of an answer, and closes when the rest of the request has come: a socket that is closed with something unread resets the
 * other side, which may then read nothing any more (RFC 9112 §9.6). What comes is thrown away, until it pauses for a second, for ten
 * seconds at most, and twice of what a body may have. Where the headers do not say the length of the answer its reader waits for all that.
 */
export function linger(req: IncomingMessage, res: ServerResponse, rest = ''): void {
  let bytes = 0;
  const end = (): void => {
    clearTimeout(idle);
    clearTimeout(late);
    res.end();
  };
  const idle = setTimeout(end, IDLE_MS);
  const late = setTimeout(end, LINGER_MS);
  req.on('data', (chunk: Buffer) => {
    idle.refresh();
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) end();
  });
  req.once('end', end);
  res.once('close', end);
  res.write(rest);
}
