// Failures in sentences that a person can act on.
import { CombinedError } from '@urql/core';

export function failureText(error: unknown): string {
  if (!(error instanceof CombinedError)) return 'Something on this page went wrong. Reload it to try again.';
  if (error.networkError) {
    const status: unknown = error.response?.status;
    if (status === 429) return 'Too many requests from here. Wait a minute, then try again.';
    if (typeof status === 'number' && status >= 500) return 'Grantway cannot answer right now. Try again in a moment.';
    return 'Grantway cannot be reached. Check that you are connected, then try again.';
  }
  switch (error.graphQLErrors[0]?.extensions.code) {
    case 'UNAUTHENTICATED':
      return 'Your session has ended. Sign in again.';
    case 'FORBIDDEN':
      return 'Your account may not do this.';
    case 'BAD_USER_INPUT':
      return error.graphQLErrors[0]?.message ?? 'Grantway could not read the request.';
    case 'SERVICE_UNAVAILABLE':
      return 'Grantway cannot answer right now. Try again in a moment.';
    default:
      return 'Grantway could not complete this. Nothing was lost; try again, and if it keeps failing, tell the operator.';
  }
}
