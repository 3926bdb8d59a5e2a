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

/** The tables around a grant `g`: each row found by its key. */
export const STANDING_TABLES = `
  JOIN oauth_client c ON c.id = g.oauth_client_id
  JOIN "user" u ON u.id = g.user_id
  JOIN connection n ON n.id = g.connection_id
  JOIN connect_resource r ON r.id = g.connect_resource_id
  JOIN connection_instance i ON i.id = g.instance_id`;

const owns = (userId: string): string => `n.owner_user_id IS NOT DISTINCT FROM ${userId}`;

/**
 * Whether that user may use a connection `n`. A member is looked for only where there is an organization, each row by its whole key:
 * no plan can then read more of those tables, because OFFSET 0 forbids to make a hash of all members in place of that.
 */
export const mayUse = (userId: string): string => `(
  CASE WHEN n.owner_organization_id IS NULL THEN ${owns(userId)}
    ELSE EXISTS (
      SELECT FROM organization o, membership m, assignment a
      WHERE o.id = n.owner_organization_id AND o.deleted_at IS NULL
        AND m.organization_id = n.owner_organization_id AND m.user_id = ${userId} AND m.removed_at IS NULL
        AND a.connection_id = n.id AND a.user_id = ${userId} AND a.removed_at IS NULL OFFSET 0) END)`;

/** The same where that connection can only be a person's own: no table of an organization's is looked at. */
export const ownsAlone = (userId: string): string => `(n.owner_organization_id IS NULL AND ${owns(userId)})`;

/** What each member of a Standing is. `clock_timestamp()`, because `now()` is the start of a transaction that may have waited since. */
export const STANDING: Readonly<Record<keyof Standing, string>> = {
  grantLive: `(g.status = 'active' AND (g.expires_at IS NULL OR g.expires_at > clock_timestamp())
    AND g.connection_version = n.version
    AND g.execution_context = COALESCE('organization:' || n.owner_organization_id, 'personal'))`,
  clientLive: '(c.deleted_at IS NULL AND c.blocked_at IS NULL)',
  userLive: '(u.blocked_at IS NULL AND u.deleted_at IS NULL)',
  mayUse: mayUse('g.user_id'),
  routeLive: `(r.retired_at IS NULL AND n.deleted_at IS NULL AND n.status = 'enabled')`,
  instanceStatus: 'i.status::text',
};
const COLUMNS = Object.entries(STANDING)
  .map(([name, expression]) => `${expression} AS "${name}"`)
  .join(', ');

/** `stands` as a condition over the same tables. */
export const STANDS = Object.values({ ...STANDING, instanceStatus: "i.status = 'active'" }).join(' AND ');

/**
 * Reads the standing of one grant. For a check that must hold until commit the caller has locked the grant's row in an EARLIER
 * statement: one that locks and joins at once returns stale dependents after a wait.
 */
export async function readStanding(tx: Tx, grantId: string): Promise<Standing | null> {
  const [row] = await tx.$queryRaw<Standing[]>`
    SELECT ${Prisma.raw(COLUMNS)} FROM oauth_grant g ${Prisma.raw(STANDING_TABLES)} WHERE g.id = ${grantId}::uuid`;
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
