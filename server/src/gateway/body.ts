/** The request body on its way upstream: a small one is kept in memory, any other is streamed. It is never parsed. */
import type { IncomingMessage } from 'node:http';

/** `kept` gives null when the client left before the end. */
export type Body =
  | { kind: 'none' }
  | { kind: 'kept'; bytes: () => Buffer | Promise<Buffer | null> }
  | { kind: 'streamed'; length: number | undefined };

/** Up to here a body is sent in one piece with its headers, and could be sent again. */
const KEEP_BYTES = 65_536;
/** Above this a request is refused: no MCP message is that large, and an upload without end is an attack. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Takes the body of a request. A small one is read at once, while the grant is being checked. */
export function takeBody(req: IncomingMessage): Body {
  const declared = req.headers['content-length'];
  if (declared === undefined) {
    return req.headers['transfer-encoding'] === undefined ? { kind: 'none' } : { kind: 'streamed', length: undefined };
  }
  // Digits alone: Node's parser has seen to it.
  const length = Number(declared);
  if (length === 0) return { kind: 'none' };
  return length <= KEEP_BYTES ? { kind: 'kept', bytes: keep(req) } : { kind: 'streamed', length };
}

/** A body piece by piece, as the dispatcher takes it. */
export type Upload = AsyncIterable<Buffer>;

/**
 * The body of a request that is streamed. Whoever leaves it leaves the request as it is, unlike the request itself, which the dispatcher
 * would destroy: what of it is still on its way could not be read then, and the answer would be lost with it.
 */
export const uploadOf = (req: IncomingMessage): Upload => req.iterator({ destroyOnReturn: false });

/** @returns what gives the bytes: at once where they have all come, which they mostly have by the time that anyone asks. */
function keep(req: IncomingMessage): () => Buffer | Promise<Buffer | null> {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let whole: Buffer | undefined;
  let broken = false;
  let tell: ((bytes: Buffer | null) => void) | undefined;
  req.on('data', (chunk: Buffer) => {
    if (first === undefined) first = chunk;
    else if (more === undefined) more = [first, chunk];
    else more.push(chunk);
  });
  req.on('end', () => {
    whole = more ? Buffer.concat(more) : (first ?? Buffer.alloc(0));
    tell?.(whole);
  });
  req.on('error', () => {
    broken = true;
    tell?.(null);
  });
  return () =>
    whole ??
    new Promise((resolve) => {
      if (broken) resolve(null);
      else tell = resolve;
    });
}
