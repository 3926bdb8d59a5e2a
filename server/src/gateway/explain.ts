/** What a client is told of something that was thrown. */
import { SealBroken } from '../platform/seal.ts';
import { Unavailable } from '../platform/transient.ts';
import { brokenCredentials, type Refusal, rpcRefusal, unavailable } from './challenge.ts';
import type { Exchange } from './exchange.ts';

/** Logs what is no passing fault. The text says nothing of what went wrong inside. */
export function explain({ plane, id }: Exchange, error: unknown): Refusal {
  if (error instanceof Unavailable) return unavailable(error.retryAfter);
  plane.log.error({ err: error, requestId: id }, 'a request failed');
  if (error instanceof SealBroken) return brokenCredentials;
  return rpcRefusal(500, 'Something went wrong in Grantway. Try again.');
}
