/** Upstreams that gave no answer: why, as far as the client may know. */
import { errors } from 'undici';
import { type Refusal, upstreamNotHttp, upstreamTooSlow, upstreamUnreachable, upstreamUnusable } from './challenge.ts';

/** What an error of undici, or of the socket under it, is told the client as. */
export function failureOf(error: Error): Refusal {
  if (error instanceof errors.HTTPParserError) return upstreamNotHttp;
  if (isUnusable(error)) return upstreamUnusable;
  return TOO_SLOW.has((error as { code?: string }).code ?? '') ? upstreamTooSlow : upstreamUnreachable;
}

// Of the socket, and of the waiting for headers.
const TOO_SLOW = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT']);

/** It did answer: with headers without end, with two lengths, with 101, or with a 100 that nobody asked for, which undici does not take. */
const isUnusable = (error: Error): boolean =>
  error instanceof errors.HeadersOverflowError ||
  error instanceof errors.ResponseContentLengthMismatchError ||
  (error instanceof errors.SocketError && /^bad (response|upgrade)$/.test(error.message));
