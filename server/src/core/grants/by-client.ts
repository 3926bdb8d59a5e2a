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

/** A client with its grants that match, the most recently used first; at most 50 of them. */
export type ClientOfGrants = { clientId: string; grantIds: string[]; key: string };

const STANDING: Record<Standing, Prisma.Sql> = {
  active: Prisma.sql`g.status = 'active'`,
  revoked: Prisma.sql`g.status = 'revoked' AND g.revocation_reason NOT IN ('expired', 'idle')`,
  expired: Prisma.sql`g.status = 'revoked' AND g.revocation_reason IN ('expired', 'idle')`,
};

// Every order falls, so that one comparison with the cursor serves all.
const KEY: Record<ClientOrder, Prisma.Sql> = {
  last_used: Prisma.sql`extract(epoch FROM max(COALESCE(g.last_used_at, g.approved_at)))`,
  longest_unused: Prisma.sql`-extract(epoch FROM max(COALESCE(g.last_used_at, g.approved_at)))`,
  newest: Prisma.sql`extract(epoch FROM max(g.approved_at))`,
  last_ended: Prisma.sql`extract(epoch FROM max(COALESCE(g.revoked_at, g.approved_at)))`,
};

const MAX_GRANTS = 50;

function matching({ userId, executionContext, standing, connectionId, search }: Wanted): Prisma.Sql {
  const conditions = [Prisma.sql`g.user_id = ${userId}::uuid`, STANDING[standing]];
  if (executionContext !== undefined) conditions.push(Prisma.sql`g.execution_context = ${executionContext}`);
  if (connectionId !== undefined) conditions.push(Prisma.sql`g.connection_id = ${connectionId}::uuid`);
  if (search !== undefined) {
    const words = search.toLowerCase();
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
 * The clients behind a place in the order, at most `take`. A client that is used meanwhile may move past the place: whoever pages
 * through sees it again or not at all, as with every list by last use.
 */
export async function grantsByClient(
  database: Database,
  wanted: Wanted,
  page: { order: ClientOrder; take: number; behind?: { key: string; clientId: string } | undefined },
): Promise<ClientOfGrants[]> {
  const key = Prisma.sql`(${KEY[page.order]} * 1000000)::bigint`;
  const behind = page.behind
    ? Prisma.sql`HAVING (${key}, g.oauth_client_id) < (${page.behind.key}::text::bigint, ${page.behind.clientId}::uuid)`
    : Prisma.empty;
  return database.db.$queryRaw<ClientOfGrants[]>`
    SELECT g.oauth_client_id::text AS "clientId", (${key})::text AS key,
      (array_agg(g.id::text ORDER BY COALESCE(g.last_used_at, g.approved_at) DESC, g.id DESC))[1:${MAX_GRANTS}::int] AS "grantIds"
    ${matching(wanted)} GROUP BY g.oauth_client_id ${behind}
    ORDER BY ${key} DESC, g.oauth_client_id DESC LIMIT ${page.take}`;
}

/** How many clients match. */
export async function countClients(database: Database, wanted: Wanted): Promise<number> {
  const [row] = await database.db.$queryRaw<{ count: number }[]>`
    SELECT count(DISTINCT g.oauth_client_id)::int AS count ${matching(wanted)}`;
  return row?.count ?? 0;
}
