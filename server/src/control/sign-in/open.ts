/** Sign-in: what its acts share, and who is signed in. The routes are in routes.ts. */
import type { Context } from 'hono';
import type { Config } from '../../config.ts';
import type { ViewerOf } from '../../core/people/viewer.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { addressBucket } from '../../platform/http/client-address.ts';
import { readJson } from '../../platform/http/json.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Log } from '../../platform/log.ts';
import type { Mailer } from '../../platform/mail.ts';
import { type Limiter, openLimiter } from '../../platform/rate-limit.ts';
import { type Attempts, keyOf, openAttempts } from './attempts.ts';
import { ADDRESS_HEADER, type Auth, openAuth } from './auth.ts';
import { refusal } from './refusal.ts';
import { openViewerOf } from './viewer.ts';

export type SignInDeps = {
  config: Config;
  database: Database;
  keyring: Keyring;
  log: Log;
  clock: Clock;
  mailer: Mailer | null;
  addressOf: (context: Context) => string;
};

/** A request with its body read: nothing large, and nothing but a JSON object. */
export type ReadRequest = { context: Context; body: Record<string, unknown> };

export type SignIn = {
  deps: SignInDeps;
  auth: Auth;
  attempts: Attempts;
  viewerOf: ViewerOf;
  hasAccounts: () => Promise<boolean>;
  /** Takes one from what strangers may do from this network; the refusal where there is nothing left. @throws Unavailable */
  refuseNetwork: (context: Context) => Promise<Response | null>;
  /** Whether one more mail may go to an address that anybody can name; counted whether it is anyone's. @throws Unavailable */
  mayMail: (email: string) => Promise<boolean>;
  /** The same request to better-auth, at our own URL whatever `Host` said, with the client's address where better-auth looks for it. */
  forward: (context: Context, path: string, body?: object) => Request;
  /** Does what the answer does not tell: it must not depend on how long this takes (#255). */
  behind: (work: () => Promise<void>) => void;
};

const MAX_BODY = 16_384;
/** So many mails an hour: enough for who lost one, too few to bother anyone with. */
const MAILS = { points: 5, seconds: 3_600 };

export function openSignInParts(deps: SignInDeps): SignIn {
  const { config, database } = deps;
  const strangers: Limiter = openLimiter(database, 'sign-in-strangers', {
    points: config.limits.signInsPerMinute,
    seconds: 60,
  });
  const mails = openLimiter(database, 'account-mail', MAILS);
  return {
    deps,
    auth: openAuth(deps),
    attempts: openAttempts(database),
    viewerOf: openViewerOf({ database, clock: deps.clock, base: config.url }),
    hasAccounts: async () => (await database.db.user.findFirst({ select: { id: true } })) !== null,
    refuseNetwork: async (context) => {
      const allowance = await strangers.take(addressBucket(deps.addressOf(context)));
      if (allowance.allowed) return null;
      const headers = { 'retry-after': String(allowance.retryAfter) };
      return refusal(429, 'TOO_MANY_ATTEMPTS', 'Too many attempts from here. Try again later.', headers);
    },
    mayMail: async (email) => (await mails.take(keyOf(email))).allowed,
    forward: (context, path, body) => forward(deps, context, path, body),
    behind: (work) => {
      work().catch((error: unknown) => deps.log.error({ err: error }, 'sign-in: what follows an answer was not done'));
    },
  };
}

/** The request's body, or the refusal. */
export async function readBody(context: Context): Promise<ReadRequest | Response> {
  const body = await readJson(context.req.raw, MAX_BODY);
  if (!body.ok) {
    if (body.reason === 'too_large') return refusal(413, 'BODY_TOO_LARGE', 'The request is too large.');
    if (body.reason === 'wrong_type') return refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON, as application/json.');
    return refusal(400, 'INVALID_BODY', 'The request is not readable JSON.');
  }
  if (typeof body.value !== 'object' || body.value === null || Array.isArray(body.value)) {
    return refusal(400, 'INVALID_BODY', 'The request is not a JSON object.');
  }
  return { context, body: body.value as Record<string, unknown> };
}

function forward({ config, addressOf }: SignInDeps, context: Context, path: string, body?: object): Request {
  const headers = new Headers(context.req.raw.headers);
  headers.delete('content-length');
  headers.set(ADDRESS_HEADER, addressOf(context));
  const { method, signal } = context.req.raw;
  const { search } = new URL(context.req.raw.url);
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return new Request(config.url + path + (method === 'GET' ? search : ''), { method, headers, signal, ...sent });
}
