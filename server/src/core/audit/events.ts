/** What may be recorded. A kind is `noun.verb`, as the mutation and the file that did it are named. */

export const AUDIT_KINDS = [
  'connection.created',
  'connection.updated',
  'connection.enabled',
  'connection.disabled',
  'connection.deleted',
  'connection.route_rotated',
  'connection.credentials_set',
  'client.registered',
  'client.changed',
  'client.deleted',
  'authorization.approved',
  'authorization.denied',
  'authorization.code_refused',
  'grant.issued',
  'grant.reused',
  'grant.activated',
  'grant.revoked',
  'family.started',
  'family.revoked',
  'refresh.reused',
  'stream.ended',
  'runtime.denied',
  'provider.signed_in',
  'provider.sign_in_failed',
  'provider.needs_reauth',
  'provider.disconnected',
  'provider.revoked',
  'user.created',
  'user.blocked',
  'user.unblocked',
  'user.erased',
  'member.removed',
  'organization.deleted',
  'assignment.created',
  'assignment.removed',
] as const;

export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Why a grant or a family ended. */
export const REVOCATION_REASONS = [
  'user_revoked',
  'client_revoked',
  'code_replayed',
  'refresh_reused',
  'client_deleted',
  'client_changed',
  'connection_disabled',
  'connection_deleted',
  'connection_changed',
  'route_rotated',
  'assignment_removed',
  'membership_removed',
  'user_blocked',
  'user_erased',
  'expired',
  'idle',
  'superseded',
] as const;

export type RevocationReason = (typeof REVOCATION_REASONS)[number];
