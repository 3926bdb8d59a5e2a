/** What a resolver is given. */
import { GraphQLError } from 'graphql';
import type { ContactDeps } from '../../core/connections/contact.ts';
import type { EndStreams } from '../../core/grants/streams.ts';
import type { KeyHolder, Viewer } from '../../core/people/viewer.ts';
import type { ProviderDeps } from '../../core/providers/deps.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { AllowList } from '../../platform/http/address-guard.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Mailer } from '../../platform/mail.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Limiter } from '../../platform/rate-limit.ts';
import type { Live } from './live.ts';

/** The same for every request. */
export type Surroundings = {
  /** `{base}`: the issuer. */
  base: string;
  codeLifetime: number;
  allowUpstreams: AllowList;
  database: Database;
  keyring: Keyring;
  clock: Clock;
  endStreams: EndStreams;
  /** The way to upstreams, for a look at them that a person asks for. */
  contact: ContactDeps;
  /** How often a person may ask for one. */
  contacts: Limiter;
  /** Null where no mail can be sent. */
  mailer: Mailer | null;
  /** Whether a person is told by mail of each client that is new to them. */
  mailNewClients: boolean;
  live: Live;
  /** Absent where nobody counts. */
  metrics: Metrics | undefined;
  /** The way to the providers of upstreams. */
  providers: ProviderDeps;
  /** How often a person may have a server looked at. */
  discoveries: Limiter;
  /** How many mails a person may have sent to addresses that they name, and how many one such address gets. */
  invitationMails: { bySender: Limiter; byAddress: Limiter };
};

export type Context = Surroundings & {
  /** Null when signed out. */
  viewer: Viewer | KeyHolder | null;
  /** The cookie that binds authorization requests to this browser; null when it has none. */
  browserBinding: string | null;
  /** Asks again who is signed in with this request, as it may have ended since. @throws when the database is away */
  viewerNow: () => Promise<Viewer | KeyHolder | null>;
};

/** The person signed in, or the API key that acts for one. @throws UNAUTHENTICATED */
export function viewerIn({ viewer }: Context): Viewer | KeyHolder {
  if (!viewer) throw unauthenticated();
  return viewer;
}

/** An administrator of this gateway, in a browser or by a key of their own. @throws FORBIDDEN */
export function adminIn(context: Context): Viewer | KeyHolder {
  const viewer = viewerIn(context);
  if (viewer.role !== 'admin') throw adminsOnly();
  return viewer;
}

export const adminsOnly = (): GraphQLError =>
  new GraphQLError('This is for administrators of this gateway.', {
    extensions: { code: 'FORBIDDEN', http: { status: 403 } },
  });

export const unauthenticated = (): GraphQLError =>
  new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });

export const forbidden = (): GraphQLError =>
  new GraphQLError('You are not in this organization.', { extensions: { code: 'FORBIDDEN', http: { status: 403 } } });

export const forbiddenKey = (scope: string): GraphQLError =>
  new GraphQLError(`This needs an API key with the scope ${scope}.`, {
    extensions: { code: 'FORBIDDEN', http: { status: 403 } },
  });

export const badInput = (sentence: string): GraphQLError =>
  new GraphQLError(sentence, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });

export const tooOften = (retryAfter: number): GraphQLError =>
  new GraphQLError(`Too many at once. Try again in ${retryAfter} seconds.`, {
    extensions: { code: 'RATE_LIMITED', http: { status: 429, headers: { 'retry-after': String(retryAfter) } } },
  });
