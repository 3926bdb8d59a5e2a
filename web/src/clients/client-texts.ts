// What is said of a client and its use on other pages too: apart from the words of the page about clients.
export const names = { unverified: 'Unverified MCP client', thisUnverified: 'this unverified MCP client' };

/** Why something ended, by the reason as the server gives it. */
export const reasons: Record<string, string> = {
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

export const unknownReason = 'no reason was recorded';

export const usage = {
  sentence: (requests: number, failed: number, days: number) => {
    const main = `${requests.toLocaleString('en')} ${requests === 1 ? 'request' : 'requests'} in ${days} days`;
    return failed > 0 ? `${main}, ${failed.toLocaleString('en')} failed or denied` : main;
  },
};
