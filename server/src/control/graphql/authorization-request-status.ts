/** Where an authorization request stands. */
import { builder } from './builder.ts';

export const AuthorizationRequestStatus = builder.enumType('AuthorizationRequestStatus', {
  description: 'Where an authorization request stands.',
  values: {
    PENDING: { value: 'pending' },
    AWAITING_PROVIDER: { value: 'awaiting_provider' },
    APPROVED: { value: 'approved' },
    DENIED: { value: 'denied' },
    EXPIRED: { value: 'expired' },
    REVOKED: { value: 'revoked' },
  } as const,
});
