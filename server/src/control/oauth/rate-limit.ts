/** How often strangers may ask: by network address, counted for all replicas together. */
import type { Context } from 'hono';
import type { Config } from '../../config.ts';
import type { Database } from '../../platform/database.ts';
import { addressBucket } from '../../platform/http/client-address.ts';
import { type Limiter, openLimiter } from '../../platform/rate-limit.ts';
import { oauthError } from './oauth-error.ts';

export type Limits = {
  /** Registrations. */
  registration: Limiter;
  /** Authorization requests, each of which is a row (SECURITY #81). */
  authorization: Limiter;
  /** Sign-ins of clients that are known by a document, each of which may make us fetch it. */
  document: Limiter;
  /** Failures at the token endpoint and its like (SECURITY #89). Successes never count: hosted clients share one address (field note D37). */
  failure: Limiter;
  /**
   * Refusals of one refresh token that has ended. They are no guesses, and count for nobody else: where many sign-ins of a hosted client
   * are revoked at once, all others from its address still refresh.
   */
  ended: Limiter;
};

const AUTHORIZATIONS_PER_MINUTE = 120;
const FAILURES_PER_MINUTE = 120;
const ENDED_PER_MINUTE = 60;

export const openLimits = (database: Database, config: Config): Limits => ({
  registration: openLimiter(database, 'register', { points: config.limits.registrationsPerMinute, seconds: 60 }),
  authorization: openLimiter(database, 'authorize', { points: AUTHORIZATIONS_PER_MINUTE, seconds: 60 }),
  document: openLimiter(database, 'document', { points: AUTHORIZATIONS_PER_MINUTE, seconds: 60 }),
  failure: openLimiter(database, 'client-failure', { points: FAILURES_PER_MINUTE, seconds: 60 }),
  ended: openLimiter(database, 'ended-token', { points: ENDED_PER_MINUTE, seconds: 60 }),
});

/** What a limit by address counts as one. */
export const bucketOf = (server: { addressOf: (context: Context) => string }, context: Context): string =>
  addressBucket(server.addressOf(context));

/** The answer to one too many: in the shape that OAuth clients read (RFC 6585 §4). */
export const tooMany = (retryAfter: number): Response =>
  oauthError(429, 'too_many_requests', `Too many requests. Try again in ${retryAfter} s.`, {
    'retry-after': String(retryAfter),
  });
