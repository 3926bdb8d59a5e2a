/** What a client may learn of a fault: refusals as they are, what will pass as 503, and of all else only that it happened. */
import { randomUUID } from 'node:crypto';
import { PothosValidationError } from '@pothos/core';
import { GraphQLError } from 'graphql';
import type { Log } from '../../platform/log.ts';
import { isTransient, Unavailable } from '../../platform/transient.ts';
import { badInput } from './context.ts';

export const unavailable = (retryAfter = 2): GraphQLError =>
  new GraphQLError('Grantway cannot reach its database. Try again in a moment.', {
    extensions: { code: 'SERVICE_UNAVAILABLE', http: { status: 503, headers: { 'retry-after': String(retryAfter) } } },
  });

/** The error that a client is shown in place of this one. */
export function openMask(log: Log): (error: unknown) => GraphQLError {
  return (error) => {
    const cause = causeOf(error);
    // Pothos's own are GraphQL errors too, and repeat what was sent.
    if (cause instanceof GraphQLError && !(cause instanceof PothosValidationError))
      return error instanceof GraphQLError ? error : cause;
    const masked = maskCause(log, cause);
    if (!(error instanceof GraphQLError)) return masked;
    const { nodes, source, positions, path } = error;
    return new GraphQLError(masked.message, { nodes, source, positions, path, extensions: masked.extensions });
  };
}

/** What was thrown, under the wraps of the executor. */
function causeOf(error: unknown): unknown {
  let at = error;
  while (at instanceof GraphQLError && at.originalError) at = at.originalError;
  return at;
}

function maskCause(log: Log, cause: unknown): GraphQLError {
  if (isTransient(cause)) return unavailable(cause instanceof Unavailable ? cause.retryAfter : undefined);
  if (cause instanceof PothosValidationError)
    return badInput('An argument is not valid: look at the page size and the cursor.');
  const reference = randomUUID();
  log.error({ err: cause, reference }, 'a GraphQL operation failed');
  return new GraphQLError('Something went wrong here. Try again.', {
    extensions: { code: 'INTERNAL_SERVER_ERROR', reference, unexpected: true, http: { status: 500 } },
  });
}
