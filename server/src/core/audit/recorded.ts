/** The announcement of new events: the database makes it for every row that is added, whoever adds it. */
import type { Database } from '../../platform/database.ts';

/** What has to be known of an event to say whom it concerns. */
export type Recorded = {
  id: string;
  kind: string;
  grantId: string | null;
  ownerUserId: string | null;
  ownerOrganizationId: string | null;
  actorUserId: string | null;
};

const CHANNEL = 'grantway_recorded';

/**
 * Calls `hear` with the ids of what any process has recorded, in the order of their commits, and `gap` when some may have been missed.
 * @returns what stops it.
 */
export function hearRecorded(
  database: Database,
  hear: (eventIds: string[]) => void,
  gap: () => void,
): Promise<() => Promise<void>> {
  return database.listen(CHANNEL, (payload) => hear(payload.split(',')), gap);
}

/** The events of these ids, in their order; those that are gone are left out. @throws when the database is away */
export async function readRecorded(database: Database, ids: readonly string[]): Promise<Recorded[]> {
  const found = await database.db.auditEvent.findMany({ where: { id: { in: [...ids] } }, select: RECORDED });
  const byId = new Map(found.map((event) => [event.id, event]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

const RECORDED = {
  id: true,
  kind: true,
  grantId: true,
  ownerUserId: true,
  ownerOrganizationId: true,
  actorUserId: true,
} as const;
