/** The announcement that grants or families ended, and how every process hears of it. */
import type { Database } from '../../platform/database.ts';
import type { Tx } from '../../platform/transact.ts';

const CHANNEL = 'grantway_revoked';
// PostgreSQL refuses a payload of 8 000 bytes or more; a uuid and its comma take 37.
const IDS_EACH = 200;
// More than so many are not named: looking at every open stream is quicker then, and the queue of notifications is for all.
const MAX_IDS = 2_000;

export type Announcement = { kind: 'grants' | 'families'; ids: string[] } | { kind: 'sweep' };

/** Announces from inside a transaction: PostgreSQL delivers at commit, and never for a rollback. Too many at once become a sweep. */
export async function announce(tx: Tx, kind: 'grants' | 'families', ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const payloads: string[] = ids.length > MAX_IDS ? ['sweep'] : [];
  for (let from = 0; payloads[0] !== 'sweep' && from < ids.length; from += IDS_EACH) {
    payloads.push(`${kind}:${ids.slice(from, from + IDS_EACH).join(',')}`);
  }
  await tx.$executeRaw`SELECT pg_notify(${CHANNEL}, payload) FROM unnest(${payloads}::text[]) AS payload`;
}

/** Calls `hear` for each announcement of any process, and with a sweep when some may have been missed. @returns what stops it. */
export function hearRevocations(
  database: Database,
  hear: (announcement: Announcement) => void,
): Promise<() => Promise<void>> {
  return database.listen(
    CHANNEL,
    (payload) => hear(parse(payload)),
    () => hear({ kind: 'sweep' }),
  );
}

function parse(payload: string): Announcement {
  const [kind, ids] = payload.split(':');
  return (kind === 'grants' || kind === 'families') && ids ? { kind, ids: ids.split(',') } : { kind: 'sweep' };
}
