/** What a grant was used for: last use, and requests by hour. Kept off the response path. */
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../platform/database.ts';
import type { Tx } from '../../platform/transact.ts';

type Counts = { requests: number; errors: number; denials: number };
type Use = Counts & { grantId: string };

const FLUSH_MS = 1_000;

// A row that is locked is being revoked, or touched by another process: it is left, never waited for.
const TOUCH = `
  UPDATE oauth_grant SET last_used_at = now() WHERE id IN (
    SELECT id FROM oauth_grant WHERE id = ANY($1::uuid[])
      AND (last_used_at IS NULL OR last_used_at < now() - interval '30 seconds') ORDER BY id FOR UPDATE SKIP LOCKED)`;
const TOUCH_FAMILIES = `
  UPDATE token_family SET last_used_at = now() WHERE id IN (
    SELECT id FROM token_family WHERE id = ANY($1::uuid[])
      AND (last_used_at IS NULL OR last_used_at < now() - interval '30 seconds') ORDER BY id FOR UPDATE SKIP LOCKED)`;
const COUNT = `
  INSERT INTO grant_usage AS t (grant_id, hour, requests, errors, denials)
  SELECT k.id, date_trunc('hour', now()), k.requests, k.errors, k.denials
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[]) AS k(id, requests, errors, denials)
  WHERE EXISTS (SELECT 1 FROM oauth_grant g WHERE g.id = k.id)
  ORDER BY k.id
  ON CONFLICT (grant_id, hour) DO UPDATE SET requests = t.requests + excluded.requests,
    errors = t.errors + excluded.errors, denials = t.denials + excluded.denials
  RETURNING t.grant_id, t.denials`;

// However often a client is turned away: one event per grant and hour. The counts tell how often.
const RECORD_DENIED = `
  INSERT INTO audit_event (id, kind, outcome, occurred_at, owner_user_id, owner_organization_id,
    connection_id, connect_resource_id, instance_id, grant_id, oauth_client_id)
  SELECT e.id, 'runtime.denied', 'denied', now(), g.user_id, c.owner_organization_id,
    g.connection_id, g.connect_resource_id, g.instance_id, g.id, g.oauth_client_id
  FROM unnest($1::uuid[], $2::uuid[]) AS e(id, grant_id)
  JOIN oauth_grant g ON g.id = e.grant_id JOIN connection c ON c.id = g.connection_id`;

/** Counts, in the caller's transaction, one refresh that was turned away: its person sees that a client they ended still tries. */
export const countDenial = async (tx: Tx, grantId: string): Promise<void> => {
  await tx.$executeRaw`
    INSERT INTO grant_usage AS t (grant_id, hour, denials) VALUES (${grantId}::uuid, date_trunc('hour', now()), 1)
    ON CONFLICT (grant_id, hour) DO UPDATE SET denials = t.denials + 1`;
};

export type UsageRecorder = {
  /** Notes one request that the gateway let through or turned away. Never waits, never throws. */
  note: (grantId: string, familyId: string, outcome: 'ok' | 'error' | 'denied') => void;
  /** Writes what is noted; also at shutdown. */
  flush: () => Promise<void>;
  close: () => Promise<void>;
};

/**
 * Collects uses and writes them every second, many grants per statement. `lastUsedAt` is written at most every 30 seconds per grant
 * (the condition is in SQL, so replicas share it) and reflects MCP traffic alone. Counts of the last second are lost with a killed process.
 */
export function openUsageRecorder(database: Database): UsageRecorder {
  let uses = new Map<string, Use>();
  const flush = async (): Promise<void> => {
    if (uses.size === 0) return;
    const batch = uses;
    uses = new Map();
    const entries = [...batch];
    const used = entries.filter(([, use]) => use.requests > 0);
    try {
      if (used.length > 0) {
        await database.query('grantway-touch', TOUCH, [[...new Set(used.map(([, use]) => use.grantId))].sort()]);
        await database.query('grantway-touch-families', TOUCH_FAMILIES, [used.map(([familyId]) => familyId).sort()]);
      }
      const merged = merge(batch.values());
      const counted = await database.query('grantway-count', COUNT, [
        [...merged.keys()],
        [...merged.values()].map((counts) => counts.requests),
        [...merged.values()].map((counts) => counts.errors),
        [...merged.values()].map((counts) => counts.denials),
      ]);
      // What it is now is what we added: there was none before in this hour.
      const firstDenied = counted
        .map(({ grant_id, denials }) => ({ id: String(grant_id), denials: Number(denials) }))
        .filter(({ id, denials }) => denials > 0 && denials === merged.get(id)?.denials)
        .map(({ id }) => id);
      if (firstDenied.length > 0)
        await database.query('grantway-denied', RECORD_DENIED, [firstDenied.map(() => uuidv7()), firstDenied]);
    } catch (error) {
      database.log.warn({ err: error }, 'usage of one second was not written');
    }
  };
  const timer = setInterval(() => void flush(), FLUSH_MS);
  timer.unref();
  return {
    note: (grantId, familyId, outcome) => {
      let use = uses.get(familyId);
      if (use === undefined) {
        use = { requests: 0, errors: 0, denials: 0, grantId };
        uses.set(familyId, use);
      }
      if (outcome === 'denied') use.denials++;
      else use.requests++;
      if (outcome === 'error') use.errors++;
    },
    flush,
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

/** Sorted by grant, so that replicas lock rows in one order. */
function merge(uses: Iterable<Use>): Map<string, Counts> {
  const merged = new Map<string, Counts>();
  for (const { grantId, requests, errors, denials } of uses) {
    const sum = merged.get(grantId) ?? { requests: 0, errors: 0, denials: 0 };
    merged.set(grantId, {
      requests: sum.requests + requests,
      errors: sum.errors + errors,
      denials: sum.denials + denials,
    });
  }
  return new Map([...merged.entries()].sort(([a], [b]) => (a < b ? -1 : 1)));
}
