/** Upstreams that gave no answer: why, as far as the client may know. */
import { errors } from 'undici';
import { type Refusal, upstreamNotHttp, upstreamTooSlow, upstreamUnreachable } from './challenge.ts';

/** What an error of undici, or of the socket under it, is told the client as. */
export function failureOf(error: Error): Refusal {
  if (error instanceof errors.HTTPParserError) return upstreamNotHttp;
  return TOO_SLOW.has((error as { code?: string }).code ?? '') ? upstreamTooSlow : upstreamUnreachable;
}

// Of the socket, and of the waiting for headers.
const TOO_SLOW = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT']);
