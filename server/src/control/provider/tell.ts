/** How a failed sign-in at a provider is told: to the client, to the person, and to the record. */
import type { AuthorizationError } from '../../core/authorizations/redirect.ts';
import type { CallbackFailure } from '../../core/providers/exchange.ts';

export type Told = {
  /** What a client that waits is answered. */
  error: AuthorizationError;
  /** A sentence of ours: none of the provider's texts is passed on (SECURITY #209, #215). */
  description: string;
  /** For log and record: an error code of the provider, or a word of ours. */
  reason: string;
};

/** Puts a failure into words. A provider's own error codes but "denied" say nothing to a client of ours (SECURITY #217). */
export function tell(failure: CallbackFailure): Told {
  switch (failure.kind) {
    case 'provider_error': {
      const reason = failure.error;
      if (reason === 'access_denied')
        return { error: 'access_denied', description: 'The sign-in at the provider of the server was denied.', reason };
      const description = 'The provider of the server refused the sign-in.';
      return { error: reason === 'temporarily_unavailable' ? reason : 'server_error', description, reason };
    }
    case 'refused':
      return {
        error: 'server_error',
        description:
          failure.error === 'invalid_client'
            ? 'The provider of the server does not know Grantway as its client. Sign in again. Where the client was entered by hand, the owner of the connection has to enter it anew.'
            : 'The provider of the server refused to finish the sign-in.',
        reason: failure.error,
      };
    case 'transient':
      return {
        error: 'temporarily_unavailable',
        description: 'The provider of the server did not answer. Try again in a moment.',
        reason: 'unreachable',
      };
    case 'not_taken':
      return {
        error: 'server_error',
        description:
          'The server does not accept the sign-in of its own provider. Ask the owner of the connection to look at its scopes and its provider.',
        reason: 'not_taken',
      };
    case 'unusable':
      return {
        error: 'server_error',
        description: `The provider of the server cannot be used: ${failure.because}.`,
        reason: 'unusable_answer',
      };
  }
}
