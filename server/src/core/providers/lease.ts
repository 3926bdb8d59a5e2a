/** Who may refresh a provider grant: one process at a time, by a lease on its row, so that no lock is held while the provider is asked. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/database.ts';

/** Longer than a provider may take, metadata included: a lease that ends under its holder is one whose process stood still. */
const LEASE_SECONDS = 30;
const MAX_BACKOFF_SECONDS = 60;

/** The row of a provider grant as whoever may refresh it needs it. */
export type Leased = {
  id: string;
  version: number;
  instanceId: string;
  providerClientId: string;
  sealed: string;
  failures: number;
  owner: string;
};

/** Takes the lease on this version. Null when another holds it, the provider is given a rest, or the version is no longer the current one. */
export async function takeLease({ db }: Database, id: string, version: number): Promise<Leased | null> {
  const owner = randomUUID();
  const [row] = await db.$queryRaw<Leased[]>`
    UPDATE provider_grant p SET lease_owner = ${owner}, lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    FROM connection_instance i
    WHERE p.id = ${id}::uuid AND p.version = ${version} AND p.revoked_at IS NULL AND i.id = p.instance_id AND i.status = 'active'
      AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())
    RETURNING p.id, p.version, p.instance_id AS "instanceId", p.provider_client_id AS "providerClientId", p.sealed, p.failures,
      p.lease_owner AS owner`;
  return row ?? null;
}

/**
 * Gives the lease back after a fault that will pass, and the provider a rest: longer with every failure, and not the same for all.
 * Only the holder's own. @returns for how many seconds.
 */
export async function restAfterFailure({ db }: Database, leased: Leased, wanted: number | null): Promise<number> {
  const backoff = Math.min(2 ** leased.failures, MAX_BACKOFF_SECONDS) * (0.5 + Math.random() / 2);
  const seconds = Math.max(backoff, wanted ?? 0);
  await db.$executeRaw`
    UPDATE provider_grant SET failures = failures + 1, lease_owner = NULL,
      lease_until = clock_timestamp() + make_interval(secs => ${seconds})
    WHERE id = ${leased.id}::uuid AND lease_owner = ${leased.owner}`;
  return Math.ceil(seconds);
}

export type Standing =
  | { kind: 'gone' }
  /** A newer version is there: somebody refreshed it. */
  | { kind: 'newer' }
  /** The provider no longer accepts it. */
  | { kind: 'needs_sign_in' }
  /** Nobody holds it, and the provider is given a rest. */
  | { kind: 'resting'; seconds: number }
  /** Another process is at it, or has just finished. */
  | { kind: 'held' };

/** Why the lease was not had. */
export async function standingOf({ db }: Database, id: string, version: number): Promise<Standing> {
  const [row] = await db.$queryRaw<{ version: number; status: string; owned: boolean; seconds: number }[]>`
    SELECT p.version, i.status::text, p.lease_owner IS NOT NULL AS owned,
      COALESCE(EXTRACT(EPOCH FROM p.lease_until - clock_timestamp()), 0)::float8 AS seconds
    FROM provider_grant p JOIN connection_instance i ON i.id = p.instance_id
    WHERE p.id = ${id}::uuid AND p.revoked_at IS NULL`;
  if (!row) return { kind: 'gone' };
  if (row.version > version) return { kind: 'newer' };
  if (row.status !== 'active') return row.status === 'needs_reauth' ? { kind: 'needs_sign_in' } : { kind: 'gone' };
  return row.owned || row.seconds <= 0 ? { kind: 'held' } : { kind: 'resting', seconds: Math.ceil(row.seconds) };
}
