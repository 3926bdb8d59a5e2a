/** Commits beside a measurement: where nothing is committed, checks of a grant ask only whether anything was. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** About every millisecond one that changes no row, until it is closed: each check reads its rows then, in every database of that server. */
export async function openCommits(url: string): Promise<{ [Symbol.asyncDispose]: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // Nobody waits for these, so the disk need not.
  await client.query('SET synchronous_commit = off');
  let over = false;
  const committing = (async () => {
    for (; !over; await sleep(1)) await client.query('SELECT pg_current_xact_id()');
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      over = true;
      await committing.finally(() => client.end());
    },
  };
}
