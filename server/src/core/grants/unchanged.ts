/** What lets an answer be given twice: the database's own word that nothing at all was committed since it was read. */
import type { Database } from '../../platform/database.ts';

/**
 * What a statement sees, as one text: two that see the same read the same rows, whatever tables they look at. PostgreSQL's snapshot tells
 * by their numbers which transactions have ended, and a number never comes again on one server. Where another server took over,
 * transactions may be lost and their numbers used anew, so the start of the server belongs to it. It is null where the snapshot does not
 * tell all: on a standby, and on YugabyteDB, which has no such numbers.
 */
export const SEEN = `CASE WHEN NOT pg_is_in_recovery() AND version() NOT LIKE '%-YB-%'
    THEN concat_ws(' ', pg_current_snapshot(), pg_postmaster_start_time()) END`;

/** The database's clock, in seconds since the epoch: what ends by itself ends without a commit. */
export const CLOCK = 'extract(epoch FROM clock_timestamp())';

export type Sight = {
  /** Null where that cannot be told. */
  seen: string | null;
  clock: number;
};

/** Of what SEEN and CLOCK gave. */
export const sightOf = (seen: string | null | undefined, clock: string | null | undefined): Sight => ({
  seen: seen ?? null,
  clock: Number(clock ?? Number.NaN),
});

/** What the database sees now. @throws whatever it throws. */
export async function look(database: Database): Promise<Sight> {
  const [[seen, clock] = []] = await database.rows('grantway-unchanged', `SELECT ${SEEN}, ${CLOCK}`, []);
  return sightOf(seen, clock);
}
