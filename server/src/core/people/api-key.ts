/** API keys: what a program of a person, or of an organization, shows instead of a session. The table keeps their digests alone. */
import type { ApiKey } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { API_KEY, hashSecret, looksLikeSecret, newSecret } from '../../platform/secret.ts';
import { readName } from '../../platform/shown-text.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { isTransient, Unavailable } from '../../platform/transient.ts';
import { record } from '../audit/record.ts';
import { roleIn } from '../connections/manageable.ts';
import type { Caller } from '../grants/caller.ts';
import { type ApiKeyScope, isApiKeyScope } from './api-key-scope.ts';
import type { KeyHolder } from './viewer.ts';

export type NewApiKey = {
  userId: string;
  /** Null: the person's own, good wherever they are. */
  organizationId: string | null;
  name: string;
  scopes: readonly ApiKeyScope[];
  /** Seconds; absent: until it is revoked. */
  expiresIn?: number | undefined;
};

export type ApiKeyRefusal =
  | { kind: 'not_found' }
  | { kind: 'invalid'; field: 'name' | 'scopes' | 'expiresIn' | null; message: string };

const MAX_KEYS = 50;
const MAX_LIFETIME = 366 * 86_400;
/** So many characters of a key tell it from others; they say nothing of the rest. */
const SHOWN = 10;

/**
 * Makes a key and tells it, once. Being in the organization is enough: the key may never do more than its maker may then.
 * @throws Unavailable
 */
export async function createApiKey(
  database: Database,
  input: NewApiKey,
  now: Date,
): Promise<Result<{ id: string; key: string }, ApiKeyRefusal>> {
  const read = readName(input.name, 'Give the key a name.');
  if (!read.ok) return invalid('name', read.reason);
  const name = read.value;
  const scopes = [...new Set(input.scopes)].sort();
  if (scopes.length === 0)
    return invalid('scopes', 'Choose what the key is good for: without a scope it could do nothing.');
  const { userId, organizationId, expiresIn } = input;
  if (expiresIn !== undefined && !(expiresIn >= 60 && expiresIn <= MAX_LIFETIME))
    return invalid('expiresIn', 'A key lasts between one minute and 366 days, or until it is revoked.');
  const key = newSecret(API_KEY);
  return transact(database, async (tx) => {
    // Behind the user's row: who is blocked at this moment is left without a key (the block ends those that it finds).
    const [user] = await tx.$queryRaw<{ live: boolean }[]>`
      SELECT blocked_at IS NULL AND deleted_at IS NULL AS live FROM "user" WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
    if (!user?.live) return refused({ kind: 'not_found' as const });
    if (organizationId !== null && (await roleIn(tx, userId, organizationId)) === null)
      return refused({ kind: 'not_found' as const });
    if ((await tx.apiKey.count({ where: { userId, revokedAt: null } })) >= MAX_KEYS)
      return invalid(null, `You have ${MAX_KEYS} keys. Revoke one that nothing uses.`);
    const { id } = await tx.apiKey.create({
      data: {
        userId,
        organizationId,
        name,
        scopes,
        start: key.slice(0, SHOWN),
        hash: hashSecret(key),
        expiresAt: expiresIn === undefined ? null : new Date(now.getTime() + expiresIn * 1000),
      },
    });
    const detail = { keyId: id, name, scopes };
    await record(tx, now, {
      kind: 'api_key.created',
      actorUserId: userId,
      ...ownerOf({ userId, organizationId }),
      detail,
    });
    return ok({ id, key });
  });
}

const invalid = (field: 'name' | 'scopes' | 'expiresIn' | null, message: string) =>
  refused({ kind: 'invalid' as const, field, message });

const ownerOf = ({ userId, organizationId }: Pick<ApiKey, 'userId' | 'organizationId'>) => ({
  ownerUserId: userId,
  ownerOrganizationId: organizationId,
});

/** Seconds between two notes of a key's use: a busy key must not write at every request. */
const TOUCH_EVERY = 60;

type Row = Omit<KeyHolder, 'sessionId' | 'apiKey'> & { keyId: string; scopes: string[]; isStale: boolean };

/**
 * Whose key this is, and what it is good for; null for anything that is not a live key. Everything that it hangs on is asked each time:
 * its expiry and revocation, the account (blocked, erased), and for an organization's key the organization and the membership.
 * Does not check scopes. @throws Unavailable
 */
export async function authenticateApiKey(database: Database, presented: string, now: Date): Promise<KeyHolder | null> {
  if (!looksLikeSecret(API_KEY, presented)) return null;
  try {
    const stale = new Date(now.getTime() - TOUCH_EVERY * 1000);
    const [row] = await database.db.$queryRaw<Row[]>`
      SELECT k.id AS "keyId", k.scopes, k.organization_id AS "onlyIn", u.id AS "userId", u.name, u.email,
        (CASE WHEN k.organization_id IS NULL THEN u.role::text ELSE 'user' END) AS role,
        (k.last_used_at IS NULL OR k.last_used_at < ${stale}) AS "isStale"
      FROM api_key k JOIN "user" u ON u.id = k.user_id
      LEFT JOIN organization o ON o.id = k.organization_id AND o.deleted_at IS NULL
      LEFT JOIN membership m ON m.organization_id = o.id AND m.user_id = k.user_id AND m.removed_at IS NULL
      WHERE k.hash = ${hashSecret(presented)} AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ${now})
        AND u.blocked_at IS NULL AND u.deleted_at IS NULL AND (k.organization_id IS NULL OR m.id IS NOT NULL)`;
    if (!row) return null;
    const { keyId, scopes, isStale, ...holder } = row;
    if (isStale)
      await database.db.$executeRaw`
        UPDATE api_key SET last_used_at = ${now}
        WHERE id = ${keyId}::uuid AND (last_used_at IS NULL OR last_used_at < ${stale})`;
    // A scope that a later version took away is good for nothing.
    return { ...holder, sessionId: null, apiKey: { id: keyId, scopes: scopes.filter(isApiKeyScope) } };
  } catch (error) {
    throw isTransient(error) ? new Unavailable(error) : error;
  }
}

/**
 * Ends a key: one's own, or one of an organization that one runs. Again: changes nothing. Does not tell an unknown one from another's.
 * @throws Unavailable
 */
export async function revokeApiKey(
  database: Database,
  caller: Caller,
  keyId: string,
  now: Date,
): Promise<Result<{ id: string }, { kind: 'not_found' }>> {
  return transact(database, async (tx) => {
    const key = await tx.apiKey.findFirst({ where: { id: keyId } });
    if (!key || !(await mayEnd(tx, caller, key))) return refused({ kind: 'not_found' as const });
    const { count } = await tx.apiKey.updateMany({ where: { id: keyId, revokedAt: null }, data: { revokedAt: now } });
    const detail = { keyId, name: key.name };
    if (count === 1)
      await record(tx, now, { kind: 'api_key.revoked', actorUserId: caller.userId, ...ownerOf(key), detail });
    return ok({ id: keyId });
  });
}

async function mayEnd(tx: Tx, { userId, onlyIn }: Caller, key: ApiKey): Promise<boolean> {
  if (onlyIn && key.organizationId !== onlyIn) return false;
  if (key.userId === userId) return true;
  if (key.organizationId === null) return false;
  const role = await roleIn(tx, userId, key.organizationId);
  return role === 'owner' || role === 'admin';
}

/** Ends keys for good with what they hang on: a member's in one organization, or all of a person's. @returns how many */
export async function endApiKeys(
  tx: Tx,
  which: { userIds?: readonly string[]; organizationId?: string },
  now: Date,
): Promise<number> {
  const { userIds, organizationId } = which;
  const { count } = await tx.apiKey.updateMany({
    where: {
      ...(userIds ? { userId: { in: [...userIds] } } : {}),
      ...(organizationId ? { organizationId } : {}),
      revokedAt: null,
    },
    data: { revokedAt: now },
  });
  return count;
}
