/** Where an authorization request stands. */
import { builder } from './builder.ts';

export const AuthorizationRequestStatus = builder.enumType('AuthorizationRequestStatus', {
  description: 'Where an authorization request stands.',
  values: {
    PENDING: { value: 'pending', description: 'It waits for the viewer.' },
    AWAITING_PROVIDER: {
      value: 'awaiting_provider',
      description: 'Allowed; the sign-in at the provider of the connection is still to come.',
    },
    APPROVED: { value: 'approved', description: 'Allowed; the answer went to the client.' },
    DENIED: { value: 'denied', description: 'The viewer said no.' },
    EXPIRED: { value: 'expired', description: 'Nobody decided it in time.' },
    REVOKED: { value: 'revoked', description: 'Withdrawn, because something that it hung on ended.' },
  } as const,
});
