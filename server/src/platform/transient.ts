/** Telling what will pass from what will not: a transient fault is 503 with Retry-After, never a refusal. */

/** A fault that will pass: the caller may try again after `retryAfter` seconds. */
export class Unavailable extends Error {
  readonly retryAfter: number;
  constructor(cause?: unknown, retryAfter = 2) {
    super('temporarily unavailable', { cause });
    this.retryAfter = retryAfter;
  }
}

const CONNECTION_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
// P1xxx: cannot reach or log in; P1017 closed; P2024 pool; P2028 transaction API; P2034 write conflict.
const PRISMA_TRANSIENT = /^(P1\d{3}|P2024|P2028|P2034|P2037)$/;
// Classes 08 connection, 40 rollback, 53 resources, 55P03 lock, 57 operator intervention (shutdown, timeout), 58 system.
const SQL_TRANSIENT = /^(08|40|53|55P03|57|58|25P03|25006|XX000)/;

/** The SQLSTATE inside whatever Prisma, an adapter, `pg` or PGlite threw; undefined where there is none. */
export function sqlState(error: unknown): string | undefined {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 6; depth++) {
    const found = at as Record<string, unknown>;
    for (const candidate of [found.originalCode, found.code]) {
      if (typeof candidate === 'string' && /^[0-9A-Z]{5}$/.test(candidate) && !/^P\d{4}$/.test(candidate))
        return candidate;
    }
    if (found.kind === 'TransactionWriteConflict') return '40001';
    if (found.kind === 'UniqueConstraintViolation') return '23505';
    const meta = found.meta as Record<string, unknown> | undefined;
    at = meta?.driverAdapterError ?? found.cause;
  }
  return undefined;
}

/** A write that a unique index refused. */
export const isUniqueViolation = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'P2002' || sqlState(error) === '23505';

/** A transaction that the database ended to let another go on: safe to run again. */
export const isSerializationFailure = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'P2034' || ['40001', '40P01'].includes(sqlState(error) ?? '');

/** Whether a fault will pass by itself: lost or refused connections, exhausted pools, lock and statement time-outs, shutdown. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Unavailable) return true;
  const state = sqlState(error);
  if (state && SQL_TRANSIENT.test(state)) return true;
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 6; depth++) {
    const { code, kind, name, message, cause } = at as Record<string, unknown>;
    if (typeof code === 'string' && (PRISMA_TRANSIENT.test(code) || CONNECTION_ERRORS.has(code))) return true;
    if (
      typeof kind === 'string' &&
      /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections|TlsConnectionError|TransactionAlreadyClosed)$/.test(
        kind,
      )
    )
      return true;
    if (name === 'PrismaClientInitializationError' || name === 'PrismaClientRustPanicError') return true;
    if (typeof message === 'string' && TRANSIENT_MESSAGE.test(message)) return true;
    at = cause ?? (at as { meta?: { driverAdapterError?: unknown } }).meta?.driverAdapterError;
  }
  return false;
}

// What `pg` and its pool throw without any code.
const TRANSIENT_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|not queryable|Unable to start a transaction|PGlite is closed/i;
