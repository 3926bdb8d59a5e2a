/** What a connection was used for, by the hour. */
import { Prisma } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';

export type UsageOfHour = { hour: Date; requests: number; errors: number; denials: number };

/** The hours since `since` in which there was any, oldest first: of one person's grants, or of all. Does not check who may know. */
export async function connectionUsage(
  database: Database,
  which: { connectionId: string; userId?: string | undefined; since: Date },
): Promise<UsageOfHour[]> {
  const whose = which.userId === undefined ? Prisma.empty : Prisma.sql`AND g.user_id = ${which.userId}::uuid`;
  return database.db.$queryRaw<UsageOfHour[]>`
    SELECT u.hour, sum(u.requests)::int AS requests, sum(u.errors)::int AS errors, sum(u.denials)::int AS denials
    FROM oauth_grant g JOIN grant_usage u ON u.grant_id = g.id
    WHERE g.connection_id = ${which.connectionId}::uuid ${whose} AND u.hour >= ${which.since}
    GROUP BY u.hour ORDER BY u.hour`;
}
