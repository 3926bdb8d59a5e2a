/** better-auth, set up: e-mail and password, sessions in the database as digests, ids of ours, nothing that is not offered. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { hkdfSync } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { APIError } from 'better-auth/api';
import { v7 as uuidv7 } from 'uuid';
import type { Config } from '../../config.ts';
import type { Database } from '../../platform/database.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Log } from '../../platform/log.ts';
import { isTransient } from '../../platform/transient.ts';
import { sessionCookieName } from './cookies.ts';
import { withHashedSessions } from './session-digest.ts';

/** The header in which better-auth finds the client's address. Whatever a client sends under this name is overwritten. */
export const ADDRESS_HEADER = 'x-grantway-client-address';

const SESSION_SECONDS = 14 * 86_400;

/** What one request carries past better-auth, which has no place for it. */
type Passing = { newRole: 'admin' | 'user' | null; createdUserId: string | null; databaseAway: boolean };

export type Auth = {
  /**
   * Answers one request; `newRole` is what a sign-up makes, null for any other request. `createdUserId` where an account was made;
   * `databaseAway` where the answer is about a fault that will pass.
   */
  answer: (
    request: Request,
    newRole: Passing['newRole'],
  ) => Promise<{ response: Response; createdUserId: string | null; databaseAway: boolean }>;
};

export function openAuth({
  config,
  database,
  keyring,
  log,
}: {
  config: Config;
  database: Database;
  keyring: Keyring;
  log: Log;
}): Auth {
  const passing = new AsyncLocalStorage<Passing>();
  const db = withHashedSessions(database.db).$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(args);
        } catch (error) {
          // better-auth turns every fault into an answer of its own; this is how ours comes through.
          const here = passing.getStore();
          if (here && isTransient(error)) here.databaseAway = true;
          throw error;
        }
      },
    },
  });
  const https = config.url.startsWith('https:');
  const auth = betterAuth({
    appName: 'Grantway',
    baseURL: config.url,
    basePath: '/api/auth',
    secret: secretOf(keyring),
    database: prismaAdapter(db, { provider: 'postgresql', transaction: true }),
    trustedOrigins: [config.url, ...config.allowedOrigins],
    telemetry: { enabled: false },
    emailAndPassword: { enabled: true, minPasswordLength: 8, maxPasswordLength: 128 },
    user: { additionalFields: { role: { type: 'string', input: false, defaultValue: 'user' } } },
    session: {
      expiresIn: SESSION_SECONDS,
      // A session ends 14 days after sign-in, used or not: nothing but sign-in makes one longer.
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
    },
    rateLimit: {
      enabled: true,
      storage: 'database',
      modelName: 'signInAttempt',
      window: 60,
      max: 120,
      customRules: {
        '/sign-in/email': { window: 60, max: config.limits.signInsPerMinute },
        '/sign-up/email': { window: 60, max: config.limits.signInsPerMinute },
      },
    },
    advanced: {
      // The name carries its own prefix: better-auth's would be `__Secure-`, which another host of the site may set.
      useSecureCookies: false,
      cookiePrefix: 'grantway',
      cookies: { session_token: { name: sessionCookieName(config.url) } },
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/', secure: https },
      database: { generateId: () => uuidv7() },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER], ipv6Subnet: 64 },
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user) => ({ data: { ...user, role: passing.getStore()?.newRole ?? 'user' } }),
          after: async (user) => {
            const here = passing.getStore();
            if (here) here.createdUserId = user.id;
          },
        },
      },
      session: {
        create: {
          before: async (session) => {
            // At sign-up the user's row is still inside better-auth's transaction, where this connection cannot see it.
            if (!passing.getStore()?.newRole) await refuseBlocked(database, session.userId);
          },
        },
      },
    },
    logger: {
      level: 'warn',
      // Its details may hold what a person typed: they are for whoever debugs, and only in the form of an error.
      log: (level, message, ...details) =>
        log[level]({ err: details.find((detail) => detail instanceof Error) }, `sign-in: ${message}`),
    },
  });
  return {
    answer: async (request, newRole) => {
      const here: Passing = { newRole, createdUserId: null, databaseAway: false };
      const response = await passing.run(here, () => auth.handler(request));
      return { response, createdUserId: here.createdUserId, databaseAway: here.databaseAway };
    },
  };
}

/** The password was right by now, so this tells nobody else whether there is such an account (#255). */
async function refuseBlocked(database: Database, userId: string): Promise<void> {
  const user = await database.db.user.findUnique({
    where: { id: userId },
    select: { blockedAt: true, deletedAt: true },
  });
  if (user && user.blockedAt === null && user.deletedAt === null) return;
  throw new APIError('FORBIDDEN', {
    message: 'This account is blocked. Ask an administrator.',
    code: 'ACCOUNT_BLOCKED',
  });
}

/**
 * A key for cookie signatures, made of the keyring's oldest sealing key (HKDF, RFC 5869): one secret fewer to keep, and the same in a
 * process that started before a rotation as in one that started after it.
 */
function secretOf(keyring: Keyring): string {
  const key = keyring.sealing.reduce((one, other) => (other.usableFrom <= one.usableFrom ? other : one)).key;
  return Buffer.from(hkdfSync('sha256', key, 'grantway', 'session cookies', 32)).toString('base64url');
}
