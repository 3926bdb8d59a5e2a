/** A person's grants, gathered by the client that holds them: what the Authorized clients page lists. */
import { Prisma } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';
import type { ExecutionContext } from './grant.ts';

/** `revoked`: someone or something ended it; `expired`: its time was over, or nobody used it. */
export type Standing = 'active' | 'revoked' | 'expired';
export type ClientOrder = 'last_used' | 'longest_unused' | 'newest' | 'last_ended';

export type Wanted = {
  userId: string;
  /** Undefined: any. */
  executionContext: ExecutionContext | undefined;
  standing: Standing;
  connectionId?: string | undefined;
  /** Plain words, sought in the names of client and connection; undefined: all. */
  search?: string | undefined;
};

/** A client with its grants that match, the most recently used first; at most 50 of them. `key`: where it is in the order. */
export type ClientOfGrants = { clientId: string; grantIds: string[]; key: string };

const STANDING: Record<Standing, Prisma.Sql> = {
  active: Prisma.sql`g.status = 'active'`,
  revoked: Prisma.sql`g.status = 'revoked' AND g.revocation_reason NOT IN ('expired', 'idle')`,
  expired: Prisma.sql`g.status = 'revoked' AND g.revocation_reason IN ('expired', 'idle')`,
};

const USED = Prisma.sql`COALESCE(g.last_used_at, g.approved_at)`;
/** By the latest of which instants of its grants a client is placed. */
const AT: Record<ClientOrder, Prisma.Sql> = {
  last_used: USED,
  longest_unused: USED,
  newest: Prisma.sql`g.approved_at`,
  last_ended: Prisma.sql`COALESCE(g.revoked_at, g.approved_at)`,
};

const MAX_GRANTS = 50;

function matching({ userId, executionContext, standing, connectionId, search }: Wanted): Prisma.Sql {
  const conditions = [Prisma.sql`g.user_id = ${userId}::uuid`, STANDING[standing]];
  if (executionContext !== undefined) conditions.push(Prisma.sql`g.execution_context = ${executionContext}`);
  if (connectionId !== undefined) conditions.push(Prisma.sql`g.connection_id = ${connectionId}::uuid`);
  if (search !== undefined) {
    // By the database's idea of small letters on both sides: one of the locale C knows none but a to z.
    const words = Prisma.sql`lower(${search})`;
    conditions.push(Prisma.sql`(position(${words} IN lower(COALESCE(c.name, ''))) > 0 OR position(${words} IN lower(n.name)) > 0
      OR c.kind = 'metadata_document' AND position(${words} IN lower(c.client_id)) > 0)`);
  }
  // Only names are looked up elsewhere: of a thousand grants, for nothing.
  const names =
    search === undefined
      ? Prisma.empty
      : Prisma.sql`JOIN oauth_client c ON c.id = g.oauth_client_id JOIN connection n ON n.id = g.connection_id`;
  return Prisma.sql`FROM oauth_grant g ${names} WHERE ${Prisma.join(conditions, ' AND ')}`;
}

/**
 * The clients behind a place in the order, at most `take`, and how many match in all. A client that is used meanwhile may move past the
 * place: whoever pages through sees it again or not at all, as with every list by last use.
 */
export async function grantsByClient(
  database: Database,
  wanted: Wanted,
  page: { order: ClientOrder; take: number; behind?: { key: string; clientId: string } | undefined },
): Promise<{ clients: ClientOfGrants[]; total: number }> {
  const at = AT[page.order];
  const [direction, sign] =
    page.order === 'longest_unused' ? [Prisma.sql`ASC`, Prisma.sql`-`] : [Prisma.sql`DESC`, Prisma.empty];
  // Falls in every order, so that one comparison with the cursor serves all. Dear, so of those that are told alone.
  const key = Prisma.sql`(${sign}extract(epoch FROM c.at) * 1000000)::bigint`;
  const behind = page.behind
    ? Prisma.sql`WHERE (${key}, c.oauth_client_id) < (${page.behind.key}::text::bigint, ${page.behind.clientId}::uuid)`
    : Prisma.empty;
  const rows = await database.db.$queryRaw<(ClientOfGrants & { total: number })[]>`
    WITH found AS MATERIALIZED (SELECT g.id, g.oauth_client_id, ${USED} AS used, ${at} AS at ${matching(wanted)}),
    client AS MATERIALIZED (SELECT oauth_client_id, max(at) AS at FROM found GROUP BY oauth_client_id),
    shown AS MATERIALIZED (
      SELECT c.oauth_client_id, c.at FROM client c ${behind}
      ORDER BY c.at ${direction}, c.oauth_client_id DESC LIMIT ${page.take})
    SELECT c.oauth_client_id::text AS "clientId", (${key})::text AS key,
      (array_agg(f.id::text ORDER BY f.used DESC, f.id DESC))[1:${MAX_GRANTS}::int] AS "grantIds",
      (SELECT count(*) FROM client)::int AS total
    FROM shown c JOIN found f ON f.oauth_client_id = c.oauth_client_id
    GROUP BY c.oauth_client_id, c.at ORDER BY c.at ${direction}, c.oauth_client_id DESC`;
  // Behind the last one there is no row to tell it.
  const total = rows[0]?.total ?? (page.behind ? await countClients(database, wanted) : 0);
  return { clients: rows, total };
}

async function countClients(database: Database, wanted: Wanted): Promise<number> {
  const [row] = await database.db.$queryRaw<{ count: number }[]>`
    SELECT count(DISTINCT g.oauth_client_id)::int AS count ${matching(wanted)}`;
  return row?.count ?? 0;
}
