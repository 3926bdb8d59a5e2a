/** better-auth, set up: passwords, single sign-on, sessions in the database as digests, ids of ours, nothing that is not offered. */
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
import type { Result } from '../../platform/result.ts';
import { isTransient } from '../../platform/transient.ts';
import { sessionCookieName } from './cookies.ts';
import type { SignUpRefusal } from './policy.ts';
import { withHashedSessions } from './session-digest.ts';
import { judgeIdentity, ssoPlugins } from './sso.ts';

/** The header in which better-auth finds the client's address. Whatever a client sends under this name is overwritten. */
export const ADDRESS_HEADER = 'x-grantway-client-address';

const SESSION_SECONDS = 14 * 86_400;

/** What one request may do beyond what its path says. */
type Allowed = {
  /** The role of an account that it makes; absent: it may make none. */
  newRole?: 'admin' | 'user';
  /** Judges whether single sign-on may make an account for an address. Asked before better-auth opens its transaction. */
  judge?: (email: string) => Promise<Result<'admin' | 'user', SignUpRefusal>>;
  /** The person of a session that was looked up a moment ago: whether they are blocked is known. */
  isKnown?: boolean;
};

/** What one request carries past better-auth, which has no place for it. */
type Passing = Allowed & {
  createdUserId: string | null;
  sessionUserId: string | null;
  linkedUserId: string | null;
  databaseAway: boolean;
  /** Why single sign-on may make no account. */
  refusal?: SignUpRefusal;
};

export type AuthAnswer = {
  response: Response;
  /** Where an account was made. */
  createdUserId: string | null;
  /** Where a session began. */
  sessionUserId: string | null;
  /** Where single sign-on was connected with an account that there was. */
  linkedUserId: string | null;
  /** The answer is about a fault that will pass. */
  databaseAway: boolean;
};

export type Auth = {
  answer: (request: Request, allowed?: Allowed) => Promise<AuthAnswer>;
};

type AuthDeps = { config: Config; database: Database; keyring: Keyring; log: Log };

export function openAuth({ config, database, keyring, log }: AuthDeps): Auth {
  const passing = new AsyncLocalStorage<Passing>();
  const here = (): Passing | undefined => passing.getStore();
  const db = withHashedSessions(database.db).$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(args);
        } catch (error) {
          // better-auth turns every fault into an answer of its own; this is how ours comes through.
          const request = here();
          if (request && isTransient(error)) request.databaseAway = true;
          throw error;
        }
      },
    },
  });
  const limit = { window: 60, max: config.limits.signInsPerMinute };
  const auth = betterAuth({
    appName: 'Grantway',
    baseURL: config.url,
    basePath: '/api/auth',
    secret: secretOf(keyring),
    database: prismaAdapter(db, { provider: 'postgresql', transaction: true }),
    trustedOrigins: [config.url, ...config.allowedOrigins],
    telemetry: { enabled: false },
    // Its spans would tell the messages of errors, and those what was sent.
    experimental: { instrumentation: { enabled: false } },
    // Signing up is not signing in: both answers of a sign-up look alike (#255), and whoever knows the password signs in next.
    emailAndPassword: { enabled: true, autoSignIn: false, minPasswordLength: 8, maxPasswordLength: 128 },
    plugins: ssoPlugins(config.oidc, async (email) => {
      const request = here();
      const judged = await request?.judge?.(email);
      if (request && judged?.ok) request.newRole = judged.value;
      if (request && judged?.ok === false) request.refusal = judged.reason;
    }),
    user: {
      additionalFields: { role: { type: 'string', input: false, defaultValue: 'user' } },
      validateUserInfo: ({ user, source }) => judgeIdentity(user, source, here()?.refusal),
    },
    account: {
      // Sealed, in the browser that began it: nothing of it is in the table, and no other browser can end it.
      storeStateStrategy: 'cookie',
      // An account that nobody has confirmed is anybody's: single sign-on is never connected with it by itself (#258).
      accountLinking: { enabled: true, requireLocalEmailVerified: true, trustedProviders: [] },
      updateAccountOnSignIn: false,
    },
    onAPIError: { errorURL: `${config.url}/sign-in` },
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
        '/sign-in/email': limit,
        '/sign-up/email': limit,
        '/sign-in/social': limit,
        '/change-password': limit,
      },
    },
    advanced: {
      // The name carries its own prefix: better-auth's would be `__Secure-`, which another host of the site may set.
      useSecureCookies: false,
      cookiePrefix: 'grantway',
      cookies: { session_token: { name: sessionCookieName(config.url) } },
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/', secure: config.url.startsWith('https:') },
      database: { generateId: () => uuidv7() },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER], ipv6Subnet: 64 },
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user) => {
            const role = here()?.newRole;
            // The last word, whatever way led here.
            if (role === undefined) throw new APIError('FORBIDDEN', CLOSED);
            return { data: { ...user, image: null, role } };
          },
          after: async (user) => {
            const request = here();
            if (request) request.createdUserId = user.id;
          },
        },
      },
      account: {
        create: {
          // We act for nobody at the sign-on provider, so what it gave for that is not kept (#268).
          before: async (account) => ({ data: { ...account, accessToken: null, refreshToken: null, idToken: null } }),
          after: async ({ providerId, userId }) => {
            const request = here();
            if (request && providerId !== 'credential') request.linkedUserId = userId;
          },
        },
      },
      session: {
        create: {
          before: async (session) => {
            const request = here();
            // A change of the password has its transaction open by now, which the embedded database's one connection must not wait for.
            if (!request?.isKnown) await refuseBlocked(database, session.userId);
            if (request) request.sessionUserId = session.userId;
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
    answer: async (request, allowed = {}) => {
      const store: Passing = {
        ...allowed,
        createdUserId: null,
        sessionUserId: null,
        linkedUserId: null,
        databaseAway: false,
      };
      const response = await passing.run(store, () => auth.handler(request));
      const { createdUserId, sessionUserId, databaseAway } = store;
      const linkedUserId = store.linkedUserId === createdUserId ? null : store.linkedUserId;
      return { response, createdUserId, sessionUserId, linkedUserId, databaseAway };
    },
  };
}

const CLOSED = { message: 'New accounts are closed here.', code: 'SIGN_UP_CLOSED' };

/** Who they are was proved by now, so this tells nobody else whether there is such an account (#255). */
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
