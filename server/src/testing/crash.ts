/** A process that kills itself in the middle of acts. Told by its arguments: where the data is, and which acts, each with its moment. */
import { writeSync } from 'node:fs';
import { openDatabase } from '../platform/database.ts';
import { openLog } from '../platform/log.ts';
import { type Arranged, perform } from './crash-act.ts';
import { type Moment, withFailpoints } from './failpoint.ts';

/** What the parent arranged. `moment`: where the act has come to when the process dies, from 1. */
export type Arrangement = {
  url: string | undefined;
  dataDirectory: string;
  acts: (Arranged & { moment: number })[];
};

const { url, dataDirectory, acts } = JSON.parse(process.argv[2] ?? '{}') as Arrangement;
const database = await openDatabase({ url, dataDirectory, poolSize: acts.length, log: openLog('silent') });
const reached: Moment[] = [];

/** Goes on until its moment, and stays there: the process dies when all of them are at theirs. */
async function performUntil(moment: number, arranged: Arranged): Promise<unknown> {
  let moments = 0;
  const dying = withFailpoints(database, async (at: Moment) => {
    if (++moments !== moment) return;
    reached.push(at);
    if (reached.length < acts.length) return new Promise(() => {});
    // Said first, so that the parent knows what it died at; SIGKILL leaves no time for anything else.
    writeSync(1, JSON.stringify(reached));
    process.kill(process.pid, 'SIGKILL');
  });
  return perform(dying, arranged);
}

await Promise.race(acts.map(({ moment, ...arranged }) => performUntil(moment, arranged)));
throw new Error('an act was over before its moment');
