/** The question asked on every single request: does this grant still stand? One prepared statement, never cached. */
import type { Database } from '../../platform/database.ts';
import { STANDING_COLUMNS, STANDING_TABLES, type Standing } from './standing.ts';

/** What a token claims to be bound to; each member is compared with the rows. */
export type GrantClaims = {
  grantId: string;
  familyId: string;
  userId: string;
  clientId: string;
  instanceId: string;
  connectionId: string;
  connectResourceId: string;
  connectionVersion: number;
  executionContext: string;
  scopes: readonly string[];
};

/** What the gateway needs to reach the upstream on behalf of a living grant. */
export type Upstream = {
  remoteUrl: string;
  authMode: 'none' | 'static_headers' | 'oauth_dynamic' | 'oauth_static';
  pathPassthrough: boolean;
  auxiliaryHeaders: { name: string; value: string }[];
  /** Where the sealed static headers lie; null for none. */
  secretId: string | null;
  secretVersion: number | null;
  /** The user's sign-in at the provider, and which of its tokens is the current one; null for none. */
  providerGrantId: string | null;
  providerGrantVersion: number | null;
};

export type LiveAnswer =
  | { live: true; routeKey: string; upstream: Upstream }
  /** `route` gone → 404; `grant` (revoked, expired, rebound, its family or instance dead) → 401; `user` may not → 403. */
  | { live: false; because: 'route' | 'grant' | 'user' };

/** The columns of an Upstream over a connection `n` and its instance `i`, and the tables that they need beside those. */
export const UPSTREAM_COLUMNS = `
    n.remote_url AS "remoteUrl", n.auth_mode::text AS "authMode",
    n.path_passthrough AS "pathPassthrough", n.auxiliary_headers AS "auxiliaryHeaders",
    s.id AS "secretId", s.version AS "secretVersion",
    w.id AS "providerGrantId", w.version AS "providerGrantVersion"`;
export const UPSTREAM_TABLES = `
  LEFT JOIN connection_secret s ON s.connection_id = n.id AND s.kind = 'static_headers'
  LEFT JOIN provider_grant w ON w.instance_id = i.id AND w.revoked_at IS NULL`;

/** The upstream of a row that was read with those columns. */
export const upstreamOf = ({
  remoteUrl,
  authMode,
  pathPassthrough,
  auxiliaryHeaders,
  secretId,
  secretVersion,
  providerGrantId,
  providerGrantVersion,
}: Upstream): Upstream => ({
  remoteUrl,
  authMode,
  pathPassthrough,
  auxiliaryHeaders,
  secretId,
  secretVersion,
  providerGrantId,
  providerGrantVersion,
});

type Row = Standing & { ord: number; bound: boolean; familyLive: boolean; routeKey: string } & Upstream;

const NAME = 'grantway-live';
const TEXT = `
  SELECT k.ord::int, ${STANDING_COLUMNS},
    (u.id = k.user_id AND c.client_id = k.client_id AND i.id = k.instance_id AND n.id = k.connection_id AND r.id = k.resource_id
      AND g.connection_version = k.version AND g.execution_context = k.context
      AND string_to_array(k.scopes, ' ') <@ g.scopes) AS bound,
    (f.id IS NOT NULL AND f.revoked_at IS NULL) AS "familyLive",
    r.route_key AS "routeKey", ${UPSTREAM_COLUMNS}
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::int[], $9::text[], $10::text[])
    WITH ORDINALITY AS k(grant_id, family_id, user_id, client_id, instance_id, connection_id, resource_id, version, context, scopes, ord)
  JOIN oauth_grant g ON g.id = k.grant_id ${STANDING_TABLES}
  LEFT JOIN token_family f ON f.id = k.family_id AND f.grant_id = g.id ${UPSTREAM_TABLES}`;

/** Asks whether the grant behind a token stands now. @throws whatever the database throws: the caller answers 503, never a refusal. */
export type LiveCheck = (claims: GrantClaims) => Promise<LiveAnswer>;

type Waiting = { claims: GrantClaims; resolve: (answer: LiveAnswer) => void; reject: (error: unknown) => void };

// Above this, one statement would make the first of its callers wait for the last.
const MAX_BATCH = 64;

/**
 * The live check over one database. Questions that are asked in the same turn of the event loop share one round trip; a statement
 * is sent only after each of its questions was asked, so sharing never makes an answer older.
 */
export function openLiveCheck(database: Database): LiveCheck {
  let waiting: Waiting[] = [];
  const send = (): void => {
    const batches = waiting;
    waiting = [];
    for (let from = 0; from < batches.length; from += MAX_BATCH)
      void answer(database, batches.slice(from, from + MAX_BATCH));
  };
  return (claims) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(send);
      waiting.push({ claims, resolve, reject });
    });
}

async function answer(database: Database, batch: Waiting[]): Promise<void> {
  try {
    const column = <T>(pick: (claims: GrantClaims) => T): T[] => batch.map(({ claims }) => pick(claims));
    const rows = (await database.query(NAME, TEXT, [
      column((claims) => claims.grantId),
      column((claims) => claims.familyId),
      column((claims) => claims.userId),
      column((claims) => claims.clientId),
      column((claims) => claims.instanceId),
      column((claims) => claims.connectionId),
      column((claims) => claims.connectResourceId),
      column((claims) => claims.connectionVersion),
      column((claims) => claims.executionContext),
      // Scopes hold no spaces (RFC 6749 §3.3), and PostgreSQL has no arrays of arrays of different lengths.
      column((claims) => claims.scopes.join(' ')),
    ])) as Row[];
    const byOrder = new Map(rows.map((row) => [row.ord, row]));
    for (const [index, { resolve }] of batch.entries()) resolve(judge(byOrder.get(index + 1)));
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

function judge(row: Row | undefined): LiveAnswer {
  if (!row?.bound) return { live: false, because: 'grant' };
  if (!row.routeLive) return { live: false, because: 'route' };
  if (!row.grantLive || !row.familyLive || !row.clientLive) return { live: false, because: 'grant' };
  if (!row.userLive || !row.mayUse) return { live: false, because: 'user' };
  if (row.instanceStatus !== 'active') return { live: false, because: 'grant' };
  return { live: true, routeKey: row.routeKey, upstream: upstreamOf(row) };
}
