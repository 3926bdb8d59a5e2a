/** Whether everything that a grant hangs on still stands. One text, so that token endpoint and gateway can never disagree. */
import { Prisma } from '@grantway/prisma/client';
import type { Tx } from '../../platform/transact.ts';

/** What each row says now. All of it true, and the instance active, is what a living grant means. */
export type Standing = {
  grantLive: boolean;
  clientLive: boolean;
  userLive: boolean;
  /** The owner of a personal connection; in an organization, a member to whom the connection is assigned. */
  mayUse: boolean;
  routeLive: boolean;
  instanceStatus: 'active' | 'needs_reauth' | 'revoked' | 'removed';
};

/** The tables around a grant `g`. */
export const STANDING_TABLES = `
  JOIN oauth_client c ON c.id = g.oauth_client_id
  JOIN "user" u ON u.id = g.user_id
  JOIN connection n ON n.id = g.connection_id
  JOIN connect_resource r ON r.id = g.connect_resource_id
  JOIN connection_instance i ON i.id = g.instance_id
  LEFT JOIN organization o ON o.id = n.owner_organization_id AND o.deleted_at IS NULL
  LEFT JOIN membership m ON m.organization_id = o.id AND m.user_id = g.user_id AND m.removed_at IS NULL
  LEFT JOIN assignment a ON a.connection_id = n.id AND a.user_id = g.user_id AND a.removed_at IS NULL`;

/** The columns of a Standing. `clock_timestamp()`, because `now()` is the start of a transaction that may have waited since. */
export const STANDING_COLUMNS = `
  (g.status = 'active' AND (g.expires_at IS NULL OR g.expires_at > clock_timestamp()) AND g.connection_version = n.version
    AND g.execution_context = COALESCE('organization:' || n.owner_organization_id, 'personal')) AS "grantLive",
  (c.deleted_at IS NULL AND c.blocked_at IS NULL) AS "clientLive",
  (u.blocked_at IS NULL AND u.deleted_at IS NULL) AS "userLive",
  (n.owner_user_id IS NOT DISTINCT FROM g.user_id AND n.owner_organization_id IS NULL
    OR m.id IS NOT NULL AND a.id IS NOT NULL) AS "mayUse",
  (r.retired_at IS NULL AND n.deleted_at IS NULL AND n.status = 'enabled') AS "routeLive",
  i.status::text AS "instanceStatus"`;

/**
 * Reads the standing of one grant. For a check that must hold until commit the caller has locked the grant's row in an EARLIER
 * statement: one that locks and joins at once returns stale dependents after a wait.
 */
export async function readStanding(tx: Tx, grantId: string): Promise<Standing | null> {
  const [row] = await tx.$queryRaw<Standing[]>`
    SELECT ${Prisma.raw(STANDING_COLUMNS)} FROM oauth_grant g ${Prisma.raw(STANDING_TABLES)} WHERE g.id = ${grantId}::uuid`;
  return row ?? null;
}

/** Whether tokens may be issued under a grant of this standing. */
export const stands = (standing: Standing | null): boolean =>
  standing?.grantLive === true &&
  standing.clientLive &&
  standing.userLive &&
  standing.mayUse &&
  standing.routeLive &&
  standing.instanceStatus === 'active';

/** Locks a grant's row and tells the database's clock after the wait; null when there is no such grant. */
export async function lockGrant(tx: Tx, grantId: string): Promise<Date | null> {
  const [row] = await tx.$queryRaw<{ now: Date }[]>`
    WITH locked AS MATERIALIZED (SELECT id FROM oauth_grant WHERE id = ${grantId}::uuid FOR UPDATE)
    SELECT clock_timestamp() AS now FROM locked`;
  return row?.now ?? null;
}
