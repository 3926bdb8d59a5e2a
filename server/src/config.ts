/** The settings: environment → one frozen Config, read once. A wrong value stops the start with one line that names it. */
import { join, resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isPublicUrl, readIssuer } from './config-issuer.ts';
import { PEOPLE_ENVIRONMENT, type PeopleSettings, readPeopleSettings } from './config-people.ts';
import { readTracingSettings, TRACING_ENVIRONMENT, type TracingSettings } from './config-tracing.ts';
import { readAllowList } from './platform/http/address-guard.ts';

/** Thrown for a wrong setting; its message is the line that the operator sees. */
export class WrongSetting extends Error {}

const ROOT = join(import.meta.dirname, '../..');

const seconds = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );
const upstreams = list.superRefine((entries, context) => {
  try {
    readAllowList(entries);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});
/** A list whose every entry is what it should be: one that is not would be found out by the first request. */
const listOf = (what: string, isOne: (entry: string) => boolean) =>
  list.superRefine((entries, context) => {
    const wrong = entries.find((entry) => !isOne(entry));
    if (wrong !== undefined) context.addIssue({ code: 'custom', message: `"${wrong}" is not ${what}` });
  });
const isAddressOrRange = (entry: string): boolean => ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry);
const isHostName = (entry: string): boolean => /^[a-z0-9.-]+(:\d+)?$/.test(entry);
const isOrigin = (entry: string): boolean => /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+\/?$/i.test(entry);

const databaseUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
  .refine((text) => URL.canParse(text), 'is not a URL')
  .optional();

const ENVIRONMENT = {
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number')
    .default('4000')
    .transform(Number)
    .pipe(z.number().min(1, 'must be a port number').max(65_535, 'must be a port number')),
  GRANTWAY_URL: z
    .string()
    .optional()
    .transform((text, context) => readIssuer(text, context)),
  DATABASE_URL: databaseUrl,
  GRANTWAY_DIRECT_DATABASE_URL: databaseUrl,
  GRANTWAY_DATA: z.string().min(1).default(join(ROOT, 'data')),
  GRANTWAY_KEYS: z.string().min(1).optional(),
  GRANTWAY_PLANES: z
    .string()
    .regex(/^(control|gateway|control,gateway|gateway,control)$/, 'must be control, gateway or control,gateway')
    .default('control,gateway'),
  ...PEOPLE_ENVIRONMENT,
  ...TRACING_ENVIRONMENT,
  GRANTWAY_ALLOW_UPSTREAMS: upstreams,
  GRANTWAY_ALLOWED_ORIGINS: listOf('an origin, such as https://app.example.com', isOrigin),
  GRANTWAY_CLIENT_DOCUMENTS: z
    .enum(['allow', 'approve', 'deny'], { error: 'must be allow, approve or deny' })
    .default('allow'),
  GRANTWAY_CLIENT_HOSTS_ALLOWED: listOf('a host name', isHostName),
  GRANTWAY_CLIENT_HOSTS_DENIED: listOf('a host name', isHostName),
  GRANTWAY_OWN_DOCUMENT: z.enum(['auto', 'never'], { error: 'must be auto or never' }).default('auto'),
  GRANTWAY_TRUST_PROXY: listOf('an address or a CIDR range', isAddressOrRange),
  GRANTWAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  // One connection holds the lock behind which the first account is made by another.
  GRANTWAY_DATABASE_POOL: z.coerce.number().int().min(2).default(10),
  GRANTWAY_ACCESS_TOKEN_SECONDS: seconds(15 * 60),
  GRANTWAY_CODE_SECONDS: z.coerce.number().int().positive().max(600).default(60),
  GRANTWAY_CONSENT_SECONDS: seconds(5 * 60),
  GRANTWAY_REFRESH_IDLE_SECONDS: seconds(30 * 86_400),
  GRANTWAY_GRANT_IDLE_SECONDS: seconds(90 * 86_400),
  GRANTWAY_UNUSED_CLIENT_SECONDS: seconds(30 * 86_400),
  GRANTWAY_AUDIT_DAYS: seconds(365),
  GRANTWAY_REPLAY_WINDOW_SECONDS: z.coerce.number().int().min(0).default(60),
  GRANTWAY_REPLAY_LIMIT: z.coerce.number().int().min(0).default(20),
  GRANTWAY_REGISTRATIONS_PER_MINUTE: seconds(30),
  GRANTWAY_SIGN_INS_PER_MINUTE: seconds(10),
  GRANTWAY_UPSTREAM_HEADERS_SECONDS: seconds(120),
  GRANTWAY_REQUESTS_PER_MINUTE: seconds(6_000),
  GRANTWAY_REFUSALS_PER_MINUTE: seconds(6_000),
  GRANTWAY_REQUESTS_AT_ONCE: seconds(200),
  GRANTWAY_CONNECTIONS_PER_ADDRESS: seconds(1_000),
  GRANTWAY_HEADERS_SECONDS: seconds(10),
  GRANTWAY_REQUEST_SECONDS: seconds(60),
  GRANTWAY_DRAIN_SECONDS: z.coerce.number().int().min(0).max(600).default(0),
  GRANTWAY_METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  GRANTWAY_DEMO_URL: z.url().optional(),
};

export type Config = PeopleSettings &
  Readonly<{
    /** `{base}`: the issuer, without a trailing slash. */
    url: string;
    host: string;
    port: number;
    databaseUrl: string | undefined;
    /** PostgreSQL itself, where `databaseUrl` is a pooler in transaction mode. */
    directDatabaseUrl: string | undefined;
    dataDirectory: string;
    /** A JWK Set, or the path of a file that holds one; absent: a file in the data directory. */
    keys: string | undefined;
    planes: { control: boolean; gateway: boolean };
    /** Host names, addresses and ranges that upstreams may have although they are private. */
    allowUpstreams: readonly string[];
    allowedOrigins: readonly string[];
    /** Which hosts' metadata documents make a client: the lists decide their hosts, admins or the mode all others. */
    clientDocuments: Readonly<{
      mode: 'allow' | 'approve' | 'deny';
      allowedHosts: readonly string[];
      deniedHosts: readonly string[];
    }>;
    /** Whether providers are given the address of our client metadata document, which they then fetch. */
    ownDocument: boolean;
    /** Addresses and ranges of proxies whose X-Forwarded-For is believed. */
    trustProxy: readonly string[];
    logLevel: string;
    poolSize: number;
    /** Seconds, but for the days that the record is kept. */
    lifetimes: Readonly<{
      accessToken: number;
      code: number;
      consent: number;
      refreshIdle: number;
      grantIdle: number;
      replayWindow: number;
      unusedClient: number;
      upstreamHeaders: number;
      /** How long a process that was told to stop still serves, so that a balancer sees it is not ready. */
      drain: number;
      /** How long a client may take to send its headers, and a whole request. */
      headers: number;
      request: number;
      auditDays: number;
    }>;
    limits: Readonly<{ replays: number; registrationsPerMinute: number; signInsPerMinute: number }>;
    /** What one sign-in of a client (a grant and a client have multiples of it), and one network address, may take of a process. */
    share: Readonly<{
      requestsPerMinute: number;
      requestsAtOnce: number;
      refusalsPerMinute: number;
      connectionsPerAddress: number;
    }>;
    /** Who reads `/metrics` shows it; absent: nobody does. */
    metricsToken: string | undefined;
    /** How traces are recorded; null: not at all. */
    tracing: TracingSettings | null;
    /** An MCP server to offer to the first account. */
    demoUrl: string | undefined;
    /** The built SPA. */
    siteDirectory: string;
  }>;

/** Reads the settings. @throws WrongSetting naming the first one that is wrong. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  // An empty variable is an absent one: compose files and shells cannot unset.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = z.object(ENVIRONMENT).safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new WrongSetting(`${issue?.path.join('.') || 'settings'}: ${issue?.message ?? 'wrong'}`);
  }
  const env = parsed.data;
  const url = env.GRANTWAY_URL ?? `http://localhost:${env.PORT}`;
  // Else an embedded database would be made where somebody means theirs.
  if (env.GRANTWAY_DIRECT_DATABASE_URL && !env.DATABASE_URL)
    complain('DATABASE_URL', 'GRANTWAY_DIRECT_DATABASE_URL needs it');
  return Object.freeze({
    url,
    host: env.HOST,
    port: env.PORT,
    databaseUrl: env.DATABASE_URL,
    directDatabaseUrl: env.GRANTWAY_DIRECT_DATABASE_URL,
    dataDirectory: resolve(env.GRANTWAY_DATA),
    keys: env.GRANTWAY_KEYS,
    planes: { control: env.GRANTWAY_PLANES.includes('control'), gateway: env.GRANTWAY_PLANES.includes('gateway') },
    ...readPeopleSettings(env, complain),
    allowUpstreams: env.GRANTWAY_ALLOW_UPSTREAMS,
    allowedOrigins: env.GRANTWAY_ALLOWED_ORIGINS,
    clientDocuments: {
      mode: env.GRANTWAY_CLIENT_DOCUMENTS,
      allowedHosts: env.GRANTWAY_CLIENT_HOSTS_ALLOWED,
      deniedHosts: env.GRANTWAY_CLIENT_HOSTS_DENIED,
    },
    ownDocument: env.GRANTWAY_OWN_DOCUMENT === 'auto' && isPublicUrl(url),
    trustProxy: env.GRANTWAY_TRUST_PROXY,
    logLevel: env.GRANTWAY_LOG_LEVEL,
    poolSize: env.GRANTWAY_DATABASE_POOL,
    lifetimes: {
      accessToken: env.GRANTWAY_ACCESS_TOKEN_SECONDS,
      code: env.GRANTWAY_CODE_SECONDS,
      consent: env.GRANTWAY_CONSENT_SECONDS,
      refreshIdle: env.GRANTWAY_REFRESH_IDLE_SECONDS,
      grantIdle: env.GRANTWAY_GRANT_IDLE_SECONDS,
      replayWindow: env.GRANTWAY_REPLAY_WINDOW_SECONDS,
      unusedClient: env.GRANTWAY_UNUSED_CLIENT_SECONDS,
      auditDays: env.GRANTWAY_AUDIT_DAYS,
      upstreamHeaders: env.GRANTWAY_UPSTREAM_HEADERS_SECONDS,
      drain: env.GRANTWAY_DRAIN_SECONDS,
      headers: env.GRANTWAY_HEADERS_SECONDS,
      request: env.GRANTWAY_REQUEST_SECONDS,
    },
    limits: {
      replays: env.GRANTWAY_REPLAY_LIMIT,
      registrationsPerMinute: env.GRANTWAY_REGISTRATIONS_PER_MINUTE,
      signInsPerMinute: env.GRANTWAY_SIGN_INS_PER_MINUTE,
    },
    share: {
      requestsPerMinute: env.GRANTWAY_REQUESTS_PER_MINUTE,
      refusalsPerMinute: env.GRANTWAY_REFUSALS_PER_MINUTE,
      requestsAtOnce: env.GRANTWAY_REQUESTS_AT_ONCE,
      connectionsPerAddress: env.GRANTWAY_CONNECTIONS_PER_ADDRESS,
    },
    metricsToken: env.GRANTWAY_METRICS_TOKEN,
    tracing: readTracingSettings(env),
    demoUrl: env.GRANTWAY_DEMO_URL,
    siteDirectory: join(ROOT, 'web/dist'),
  });
}

function complain(setting: string, what: string): never {
  throw new WrongSetting(`${setting}: ${what}`);
}

/** Settings that look like ours and are not: most likely misspelt. */
export const unknownSettings = (environment: NodeJS.ProcessEnv): string[] =>
  Object.keys(environment).filter((name) => name.startsWith('GRANTWAY_') && !(name in ENVIRONMENT));
