/** Keeps session tokens as digests: better-auth writes and looks up the cookie's value, the table holds only its SHA-256. */
import type { PrismaClient } from '@grantway/prisma/client';
import { hashSecret } from '../../platform/secret.ts';

/** A session's token as the table holds it. The token is random, so a plain digest is enough (#251). */
export const sessionDigest = hashSecret;

/**
 * The Prisma client for better-auth: in whatever it asks of `session`, tokens are replaced by their digests, and in what it gets back
 * by the tokens it named. Does not reach a session that another model's query includes: better-auth makes none.
 */
export function withHashedSessions(db: PrismaClient) {
  return db.$extends({
    query: {
      session: {
        async $allOperations({ args, query }) {
          const raw = new Map<string, string>();
          const result: unknown = await query(hashTokens(args, raw) as typeof args);
          return restoreTokens(result, raw) as never;
        },
      },
    },
  });
}

/** Every `token` below, in `where` and `data` alike, whatever filter it stands in. */
function hashTokens(value: unknown, raw: Map<string, string>, isToken = false): unknown {
  if (typeof value === 'string' && isToken) {
    const digest = sessionDigest(value);
    raw.set(digest, value);
    return digest;
  }
  if (Array.isArray(value)) return value.map((item) => hashTokens(item, raw, isToken));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'mode' ? item : hashTokens(item, raw, isToken || key === 'token'),
    ]),
  );
}

function restoreTokens(result: unknown, raw: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(result)) return result.map((row) => restoreTokens(row, raw));
  if (typeof result !== 'object' || result === null || !('token' in result)) return result;
  return { ...result, token: raw.get(String(result.token)) ?? result.token };
}
