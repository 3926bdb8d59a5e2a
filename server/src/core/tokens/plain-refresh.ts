/** The refresh that is nothing but a refresh, in one statement and one commit. Whatever else a refresh may be is decided in refresh-token.ts. */
import { openBatched } from '../../platform/batched.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/random.ts';
import { hasRoom } from '../../platform/rate-limit.ts';
import { hashSecret, looksLikeSecret, REFRESH_TOKEN } from '../../platform/secret.ts';
import { arrayText, type TextRow } from '../../platform/statement.ts';
import { STANDING_TABLES, STANDS } from '../grants/standing.ts';
import type { GrantOfToken } from './grant-of-token.ts';
import { newSuccessor } from './successor.ts';

/** A refresh with all that is checked of it. */
export type PlainRefresh = {
  refreshToken: string;
  /** The client as it presents itself: by a method of registration, with the digest of its secret or, for none, nothing. */
  clientId: string;
  method: string;
  secretHash: string;
  /** The counter of the client's failures that must have room: its key, but for the client's row in front. */
  bucket: string;
  /** The connect resource that was named, as `user/OWNER/CONNECTION/KEY`; empty: the grant's. */
  route: string;
  /** The scopes asked for; empty: the grant's. */
  scopes: readonly string[];
};

export type PlainlyRefreshed = { grant: GrantOfToken; familyId: string; refreshToken: string; scopes: string[] };

/** Refreshes; null where nothing was changed and `refresh` has to decide. @throws whatever the database throws: `refresh` decides then too. */
export type RefreshPlainly = (asked: PlainRefresh) => Promise<PlainlyRefreshed | null>;

const NAME = 'grantway-refresh';
const OWNER = `CASE WHEN n.owner_organization_id IS NULL THEN 'user/' || n.owner_user_id ELSE 'org/' || n.owner_organization_id END`;
/** Where each column of an answer stands. */
const ANSWER = [
  'ord',
  'grant_id',
  'family_id',
  'user_id',
  'oauth_client_id',
  'instance_id',
  'connection_id',
  'connect_resource_id',
  'connection_version',
  'execution_context',
  'scopes',
  'owner_user_id',
  'owner_organization_id',
  'route_key',
] as const;
const at = (name: (typeof ANSWER)[number]): number => ANSWER.indexOf(name);

/**
 * The grant's row is locked before anything is spent, as everywhere, and the token's with it. Nothing is ever waited for: what somebody
 * else holds at this moment is left to `refresh`, which waits and reads again afterwards. What was changed between the statement's
 * beginning and its lock is seen in the locked rows themselves, which PostgreSQL then reads and judges anew: whoever ends a grant or a
 * family changes the grant's row or the token's. And whoever comes after the lock waits for it, and ends what was inserted here.
 */
const TEXT = `
  WITH held AS (
    SELECT k.ord, k.next_id, k.next_hash, k.sealed, t.id AS token_id, t.generation, f.id AS family_id,
      g.id AS grant_id, g.user_id, g.oauth_client_id, g.instance_id, g.connection_id, g.connect_resource_id, g.connection_version,
      g.execution_context, array_to_string(g.scopes, ' ') AS scopes, n.owner_user_id, n.owner_organization_id, r.route_key
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::text[])
      WITH ORDINALITY AS k(token_hash, client_id, method, secret_hash, bucket, route, scopes, next_id, next_hash, sealed, ord)
    JOIN refresh_token t ON t.token_hash = k.token_hash
    JOIN token_family f ON f.id = t.family_id
    JOIN oauth_grant g ON g.id = f.grant_id ${STANDING_TABLES}
    WHERE t.rotated_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() AND f.revoked_at IS NULL
    AND ${STANDS}
    AND c.client_id = k.client_id AND c.token_endpoint_auth_method = k.method AND COALESCE(c.secret_hash, '') = k.secret_hash
    AND 'refresh_token' = ANY(c.grant_types)
    AND k.route IN ('', ${OWNER} || '/' || n.id || '/' || r.route_key)
    AND string_to_array(k.scopes, ' ') <@ g.scopes
    AND ${hasRoom("$12 || c.id::text || '/' || k.bucket", '$13::int')}
    FOR NO KEY UPDATE OF g, t SKIP LOCKED
  ), spent AS (
    UPDATE refresh_token t SET rotated_at = clock_timestamp(), sealed_successor = h.sealed FROM held h
    WHERE t.id = h.token_id AND t.rotated_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
    RETURNING t.rotated_at, h.*
  ), made AS (
    INSERT INTO refresh_token (id, family_id, generation, token_hash, expires_at)
    SELECT next_id, family_id, generation + 1, next_hash, rotated_at + $11::int * interval '1 second' FROM spent
  ), listed AS (
    INSERT INTO rotated_token (refresh_token_id, rotated_at) SELECT token_id, rotated_at FROM spent
  )
  SELECT ${ANSWER.join(', ')} FROM spent`;

// Each statement waits for the disk once, so some have to share it. All of them must not: then this process, the database and its disk
// would take turns, each idle while the others work. So two are under way, neither with more than a part of those that refresh at once.
// One that takes so long is waiting for something that the others need not wait for.
const BATCHES = { limit: 16, lanes: 2, enough: 8, slowMs: 250 };

type Waiting = { asked: PlainRefresh; successor: string; values: string[] };

/**
 * The plain refresh over one database. Those that come while others are under way share the next statement and its commit, and each is
 * answered only after that. One of them that is not plain is left out, and disturbs no other.
 */
export function openPlainRefresh(
  database: Database,
  settings: { refreshIdle: number; failures: { prefix: string; points: number } },
): RefreshPlainly {
  const constants = [settings.refreshIdle, settings.failures.prefix, settings.failures.points].map(String);
  const ask = openBatched<Waiting, PlainlyRefreshed | null>(BATCHES, async (batch) => {
    const columns = (batch[0] as Waiting).values.map((_, column) =>
      arrayText(batch.map(({ values }) => values[column] as string)),
    );
    const rows = await database.rows(NAME, TEXT, [...columns, ...constants]);
    const byOrder = new Map(rows.map((row) => [Number(row[at('ord')]) - 1, row]));
    return batch.map((one, index) => read(one, byOrder.get(index)));
  });
  const under = new Set<string>();
  return async (asked) => {
    if (!looksLikeSecret(REFRESH_TOKEN, asked.refreshToken)) return null;
    const tokenHash = hashSecret(asked.refreshToken);
    // The same token a second time: one of them is a replay.
    if (under.has(tokenHash)) return null;
    under.add(tokenHash);
    const { token: successor, sealed } = newSuccessor(asked.refreshToken);
    const { clientId, method, secretHash, bucket, route, scopes } = asked;
    const values = [
      ...[tokenHash, clientId, method, secretHash, bucket, route, scopes.join(' ')],
      ...[newId(), hashSecret(successor), sealed],
    ];
    return ask({ asked, successor, values }).finally(() => under.delete(tokenHash));
  };
}

function read({ asked, successor }: Waiting, row: TextRow | undefined): PlainlyRefreshed | null {
  if (!row) return null;
  const text = (name: (typeof ANSWER)[number]): string => row[at(name)] as string;
  const owner = {
    ownerUserId: row[at('owner_user_id')] as string | null,
    ownerOrganizationId: row[at('owner_organization_id')] as string | null,
  };
  const granted = text('scopes').split(' ');
  return {
    familyId: text('family_id'),
    refreshToken: successor,
    scopes: asked.scopes.length > 0 ? [...asked.scopes] : granted,
    grant: {
      grantId: text('grant_id'),
      userId: text('user_id'),
      clientId: asked.clientId,
      oauthClientId: text('oauth_client_id'),
      instanceId: text('instance_id'),
      connectionId: text('connection_id'),
      connectResourceId: text('connect_resource_id'),
      connectionVersion: Number(text('connection_version')),
      executionContext: text('execution_context'),
      scopes: granted,
      ownerOrganizationId: owner.ownerOrganizationId,
      connectAddress: { ...owner, connectionId: text('connection_id'), routeKey: text('route_key') },
      refreshes: true,
    },
  };
}
