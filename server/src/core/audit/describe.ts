/** What an event says to a person: one plain sentence, made of its kind, its detail, and the names of those whom it is about. */
import type { AuditKind, RevocationReason } from './events.ts';

type Detail = Readonly<Record<string, unknown>>;

/** Whom an event is about, as its reader may know them. A name that is absent is not told. */
export type About = {
  /** The client's verified host, which may stand as it is. */
  host?: string | null | undefined;
  /** The name that a client gives itself. */
  client?: string | null | undefined;
  connection?: string | null | undefined;
  /** Whether the reader is who acted. */
  byReader?: boolean | undefined;
};

/** Names in quotes and cut short: whoever named the thing does not get to write the sentence. */
const quoted = (value: unknown, otherwise: string): string =>
  typeof value === 'string' && value !== '' ? `“${plain(value)}”` : otherwise;

const plain = (text: string): string => {
  const flat = text.replace(/[\s\p{Cc}\p{Cf}“”]+/gu, ' ').trim();
  return flat.length > 80 ? `${flat.slice(0, 79)}…` : flat;
};

const REASONS: Record<RevocationReason, string> = {
  user_revoked: 'its user took it back',
  client_revoked: 'the client signed out',
  code_replayed: 'an authorization code was used twice',
  refresh_reused: 'a refresh token was used again long after it was replaced',
  client_deleted: 'the client was deleted',
  client_changed: 'the client changed what it registered',
  client_blocked: 'an administrator blocked the client',
  client_host_denied: 'an administrator lets no client of its host in',
  connection_disabled: 'the connection was disabled',
  connection_deleted: 'the connection was deleted',
  connection_changed: 'the connection was changed',
  route_rotated: 'the connection got a new address',
  assignment_removed: 'the connection is no longer assigned to its user',
  organization_revoked: 'an administrator of the organization took it back',
  membership_removed: 'its user left the organization',
  user_blocked: 'its user was blocked',
  user_erased: 'its user was erased',
  expired: 'it expired',
  idle: 'it was not used for a long time',
  superseded: 'a newer authorization took its place',
  backup_restored: 'a backup was restored, which knew less than had happened since',
};

/** Why something ended, as the second half of a sentence. */
export const describeReason = (reason: unknown, { byReader }: About = {}): string => {
  if (reason === 'user_revoked' && byReader) return 'you took it back';
  return typeof reason === 'string' && Object.hasOwn(REASONS, reason)
    ? REASONS[reason as RevocationReason]
    : 'of a reason that is not recorded';
};

const FIELDS: Record<string, string> = {
  name: 'name',
  remoteUrl: 'remote URL',
  authMode: 'sign-in mode',
  sharingMode: 'sharing',
  pathPassthrough: 'path passthrough',
  staticHeaderNames: 'static headers',
  auxiliaryHeaders: 'auxiliary headers',
  providerIssuer: 'provider',
  providerResource: 'resource at the provider',
  providerScopes: 'scopes at the provider',
  providerScopesSource: 'origin of the scopes',
  providerAuthorizeParameters: 'parameters of the sign-in',
  providerPkceUnannounced: 'sign-in without announced PKCE',
};

const listed = (value: unknown): string =>
  Array.isArray(value) ? value.map((item) => FIELDS[String(item)] ?? plain(String(item))).join(', ') : '';

const many = (count: unknown): boolean => typeof count === 'number' && count > 1;

const client = ({ host, client: name }: About, otherwise = 'A client'): string => host ?? quoted(name, otherwise);
/** Nothing where the connection may not be named. */
const at = ({ connection: name }: About, how: string): string => (name ? ` ${how} ${quoted(name, '')}` : '');
const of = (about: About): string => (about.host || about.client ? ` of ${client(about)}` : '');
const authorization = (about: About): string =>
  about.host || about.client || about.connection
    ? `The authorization${of(about)}${at(about, 'to use')}`
    : 'An authorization';
const reader = ({ byReader }: About): string => (byReader ? 'You' : 'Someone');

const connection = (detail: Detail): string => `The connection ${quoted(detail.name, '')}`.trimEnd();

const REVOKED_UPSTREAM: Record<string, string> = {
  given_up: 'The provider could not be told that a sign-in ended; what was kept of it here is deleted.',
  superseded:
    'A sign-in that had ended was replaced by a new one before the provider could be told; what was kept of it here is deleted.',
};

const SENTENCES: Record<AuditKind, (detail: Detail, about: About) => string> = {
  'connection.created': (detail) => `${connection(detail)} was created.`,
  'connection.updated': (detail) =>
    `${connection(detail)} was changed${listed(detail.changed) && `: ${listed(detail.changed)}`}.`,
  'connection.enabled': (detail) => `${connection(detail)} was enabled.`,
  'connection.disabled': (detail) => `${connection(detail)} was disabled.`,
  'connection.deleted': (detail) => `${connection(detail)} was deleted.`,
  'connection.route_rotated': (detail) => `${connection(detail)} got a new address; the old one stopped working.`,
  'connection.credentials_set': (detail) => `The credentials of ${quoted(detail.name, 'a connection')} were replaced.`,
  'provider.registered': (detail) =>
    `Grantway registered at ${quoted(detail.issuer, 'a provider')} for ${quoted(detail.name, 'a connection')}.`,
  'client.registered': (detail) => `The client ${quoted(detail.name, 'without a name')} registered.`,
  'client.changed': (detail) => `The client ${quoted(detail.name, 'without a name')} changed its registration.`,
  'client.deleted': (detail) => `The client ${quoted(detail.name, 'without a name')} was deleted.`,
  'client.blocked': (detail) =>
    `The client ${quoted(detail.name, 'without a name')} was blocked${detail.reason ? `: ${quoted(detail.reason, '')}` : ''}.`,
  'client.unblocked': (detail) => `The client ${quoted(detail.name, 'without a name')} was unblocked.`,
  'client_host.approved': (detail) => `Clients of the host ${quoted(detail.host, 'without a name')} are let in.`,
  'client_host.denied': (detail) =>
    `No client of the host ${quoted(detail.host, 'without a name')} is let in any more.`,
  'authorization.approved': (_, about) =>
    `${client(about)} was authorized to use ${quoted(about.connection, 'a connection')}.`,
  'authorization.denied': (_, about) =>
    `${client(about)} asked for authorization${at(about, 'to use')} and was denied.`,
  'authorization.code_refused': (_, about) => `${client(about)} presented an authorization code that was refused.`,
  'grant.reused': (_, about) =>
    `${client(about)} was authorized again${at(about, 'to use')}; the authorization it had was kept.`,
  'grant.activated': (_, about) =>
    `The authorization of ${client(about, 'a client')}${at(about, 'to use')} became active.`,
  'grant.revoked': (detail, about) => `${authorization(about)} ended, because ${describeReason(detail.reason, about)}.`,
  'family.started': (detail, about) =>
    `${client(about)} signed in${at(about, 'to')}${detail.label ? ` from ${quoted(detail.label, '')}` : ''}.`,
  'family.revoked': (detail, about) =>
    `The sign-in ${detail.label ? `${quoted(detail.label, '')}${of(about)}` : `of ${client(about, 'a client')}`} ended, because ${describeReason(detail.reason, about)}.`,
  'refresh.reused': (_, about) =>
    about.host || about.client
      ? `${client(about)} presented a refresh token that had been replaced, and was refused.`
      : 'A refresh token that had been replaced was presented again, and refused.',
  'connect_token.minted': (detail) =>
    `A connect token was minted by ${detail.mintedBy === 'api_key' ? 'an API key' : 'a signed-in person'}.`,
  'stream.ended': (detail, about) =>
    `An open stream${of(about)}${at(about, 'to')} was cut${detail.reason ? `, because ${describeReason(detail.reason, about)}` : ''}.`,
  'runtime.denied': (_, about) => `Requests of ${client(about, 'a client')}${at(about, 'to')} were turned away.`,
  'provider.signed_in': (detail) =>
    `${connection(detail)} was signed in at its provider${detail.account ? ` as ${quoted(detail.account, '')}` : ''}.`,
  'provider.sign_in_failed': (_, about) =>
    `A sign-in at the provider of ${quoted(about.connection, 'a connection')} failed.`,
  'provider.needs_reauth': (detail) =>
    detail.reason === 'insufficient_scope'
      ? `The server of ${quoted(detail.name, 'a connection')} asks for more than its provider granted: ${listed(detail.scopes)}.`
      : detail.reason === 'invalid_client'
        ? `The provider of ${quoted(detail.name, 'a connection')} no longer knows Grantway as its client: sign in again. A client that was entered by hand has to be entered anew first.`
        : `The provider of ${quoted(detail.name, 'a connection')} no longer accepts its sign-in: it has to be made again.`,
  'provider.disconnected': (detail) => `${connection(detail)} was signed out at its provider.`,
  'provider.revoked': (detail) =>
    REVOKED_UPSTREAM[String(detail.outcome)] ?? 'A sign-in that had ended was ended at the provider too.',
  'user.created': (detail) =>
    detail.role === 'admin' ? 'The account was created, as administrator.' : 'The account was created.',
  // Not why: see `tellable`.
  'user.blocked': () => 'The account was blocked.',
  'user.unblocked': () => 'The account was unblocked.',
  'user.erased': () => 'The account was erased.',
  'member.invited': (detail) => `A person was invited as ${quoted(detail.role, 'member')}.`,
  'member.joined': (detail) => `An invited person joined the organization as ${quoted(detail.role, 'member')}.`,
  'member.role_changed': (detail) => `A member became ${quoted(detail.role, 'another role')}.`,
  'invitation.revoked': () => 'An invitation was withdrawn.',
  'organization.created': (detail) => `The organization ${quoted(detail.name, 'without a name')} was made.`,
  'organization.renamed': (detail) => `The organization is now called ${quoted(detail.name, 'otherwise')}.`,
  'user.role_changed': (detail) =>
    detail.role === 'admin' ? 'The account became an administrator.' : 'The account is no longer an administrator.',
  'session.started': (detail, about) =>
    `${reader(about)} signed in ${detail.method === 'sso' ? 'with single sign-on' : `with ${about.byReader ? 'your' : 'the'} password`}.`,
  'session.refused': () => 'Someone tried to sign in with a wrong password.',
  'session.ended': (detail, { byReader }) => {
    if (byReader) return many(detail.count) ? `You ended ${detail.count} sessions.` : 'You ended a session.';
    return many(detail.count) ? `${detail.count} sessions were ended.` : 'A session was ended.';
  },
  'password.changed': (detail, { byReader }) =>
    `${byReader ? 'You changed your password' : 'The password was changed'}; every other session${detail.apiKeys === undefined ? '' : ' and every API key'} ended.`,
  'password.reset': () => 'The password was set anew by a link; every session and every API key ended.',
  'password.reset_link_created': () => 'An administrator made a link to a new password.',
  'backup.restored': () => 'A backup was restored: what it had brought back to life was ended.',
  'email.verified': () => 'The email address was confirmed.',
  'account.linked': () => 'Single sign-on was connected with the account.',
  'member.removed': () => 'A member left the organization.',
  'organization.deleted': () => 'The organization was deleted.',
  'assignment.created': (_, about) => `${quoted(about.connection, 'A connection')} was assigned to a member.`,
  'assignment.removed': (_, about) => `${quoted(about.connection, 'A connection')} is no longer assigned to a member.`,
  'api_key.created': (detail) => `The API key ${quoted(detail.name, 'without a name')} was made.`,
  'api_key.revoked': (detail) => `The API key ${quoted(detail.name, 'without a name')} was revoked.`,
};

/**
 * The detail of an event as whoever it concerns may read it. Why somebody was blocked is for the gateway's administrators: it may tell of
 * others, and of what is being looked into. The row keeps it, for whoever runs the database.
 */
export function tellable(kind: string, detail: unknown): unknown {
  if (kind !== 'user.blocked' || typeof detail !== 'object' || detail === null) return detail;
  const { reason: _forAdministrators, ...told } = detail as Detail;
  return told;
}

/** Does not tell what it does not know: a kind of a newer version of the program is only named. */
export function describe(kind: string, detail: unknown, about: About = {}): string {
  const sentence = Object.hasOwn(SENTENCES, kind) ? SENTENCES[kind as AuditKind] : undefined;
  if (!sentence) return `Something happened: ${plain(kind)}.`;
  const known = typeof detail === 'object' && detail !== null && !Array.isArray(detail);
  return sentence(known ? (detail as Detail) : {}, about);
}
