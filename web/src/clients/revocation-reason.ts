// Why something ended, in words.
const words: Record<string, string> = {
  user_revoked: 'you revoked it',
  client_revoked: 'the client gave it back',
  code_replayed: 'its sign-in code was used twice, which a thief would do',
  refresh_reused: 'an old token was used again, which a thief would do',
  client_deleted: 'the client was removed',
  client_blocked: 'an administrator blocked the client',
  client_host_denied: 'an administrator lets no client of its host in',
  client_changed: 'the client changed what it is registered for',
  connection_disabled: 'the connection was disabled',
  connection_deleted: 'the connection was deleted',
  connection_changed: 'the connection was changed',
  route_rotated: 'the connect URL was rotated',
  assignment_removed: 'your use of the connection ended',
  membership_removed: 'your membership ended',
  user_blocked: 'the account was blocked',
  user_erased: 'the account was erased',
  superseded: 'a newer permission of the same client replaced it',
  backup_restored: 'Grantway was restored from a backup',
  expired: 'its time was over',
  idle: 'it was not used for a long time',
};

export function reasonText(reason: string | null): string {
  if (!reason) return 'no reason was recorded';
  return words[reason] ?? reason.replaceAll('_', ' ');
}
