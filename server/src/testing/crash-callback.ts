/** A process that kills itself while it keeps what a provider gave. Told by its arguments, as testing/crash.ts. */
import { writeSync } from 'node:fs';
import { openDatabase } from '../platform/database.ts';
import { readKeyring } from '../platform/keys.ts';
import { openLog } from '../platform/log.ts';
import { type Moment, withFailpoints } from './failpoint.ts';
import { openTravel, type Traveller } from './provider-scene.ts';

const { url, keys, who, back, moment } = JSON.parse(process.argv[2] ?? '{}') as {
  url: string;
  keys: string;
  who: Traveller;
  /** The address that the provider sends the browser back to. */
  back: string;
  /** Which moment to die at, from 1; 0: never, and count them. */
  moment: number;
};
const database = await openDatabase({ url, dataDirectory: '', poolSize: 3, log: openLog('silent') });
let moments = 0;
const dying = withFailpoints(database, (at: Moment) => {
  if (++moments === moment) {
    writeSync(1, JSON.stringify(at));
    process.kill(process.pid, 'SIGKILL');
  }
});
const travel = await openTravel(dying, { keyring: await readKeyring(keys) });
await travel.comeBack(who, back);
writeSync(1, JSON.stringify({ moments }));
process.exit(0);
