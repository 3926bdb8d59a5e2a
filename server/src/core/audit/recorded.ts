/** The announcement of new events: the database makes it for every row that is added, whoever adds it. */
import type { Database } from '../../platform/database.ts';

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
