/** What lets an answer be given twice: the database's own word that nothing at all was committed since it was read. */
import type { Database } from '../../platform/database.ts';

/**
 * What a statement sees, as one text: two that see the same read the same rows, whatever tables they look at. PostgreSQL's snapshot tells
 * by their numbers which transactions have ended, and a number comes again only where it was lost: that of one which was rolled back, or
 * committed without waiting for the disk, just before the server failed. So two times belong to it: the start of the server, and that of
 * its statistics, which begin anew also where one backend failed and all were ended for it, without another start.
 * It is null where the snapshot does not tell all: on a standby, on YugabyteDB, which has no such numbers, and where tables are made with
 * an access method that may have numbers of its own, as OrioleDB does.
 */
export const SEEN = `
  CASE WHEN NOT pg_is_in_recovery() AND version() NOT LIKE '%-YB-%' AND current_setting('default_table_access_method') = 'heap'
    THEN concat_ws(' ', pg_current_snapshot(), pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time()) END`;

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
