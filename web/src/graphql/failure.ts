// Failures in sentences that a person can act on.
import { CombinedError } from '@urql/core';
import { failures as texts } from './texts.ts';

export function failureText(error: unknown): string {
  if (!(error instanceof CombinedError)) return texts.page;
  if (error.networkError) {
    const status: unknown = error.response?.status;
    if (status === 429) return texts.tooMany;
    if (typeof status === 'number' && status >= 500) return texts.away;
    return texts.unreachable;
  }
  switch (error.graphQLErrors[0]?.extensions.code) {
    case 'UNAUTHENTICATED':
      return texts.signedOut;
    case 'FORBIDDEN':
      return texts.forbidden;
    case 'BAD_USER_INPUT':
      return error.graphQLErrors[0]?.message ?? texts.unreadable;
    case 'SERVICE_UNAVAILABLE':
      return texts.away;
    default:
      return texts.incomplete;
  }
}
