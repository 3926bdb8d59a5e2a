/** A process that takes one upstream credential many times at once, and says which versions it got. Told by its arguments. */
import { openCredentials } from '../core/providers/credential.ts';
import { openProviderDeps } from '../core/providers/deps.ts';
import { openDatabase } from '../platform/database.ts';
import { readKeyring } from '../platform/keys.ts';
import { openLog } from '../platform/log.ts';
import { ISSUER } from './scene.ts';

const { url, keys, id, version, times } = JSON.parse(process.argv[2] ?? '{}') as {
  url: string;
  /** A JWK Set. */
  keys: string;
  id: string;
  version: number;
  times: number;
};
const log = openLog('silent');
const database = await openDatabase({ url, dataDirectory: '', poolSize: 5, log });
const keyring = await readKeyring(keys);
const clock = () => new Date();
const allowUpstreams = ['127.0.0.0/8'];
const credentials = openCredentials(
  openProviderDeps({ database, keyring, clock, log, base: ISSUER, ownDocument: false, allowUpstreams }),
);
const taken = await Promise.all(Array.from({ length: times }, () => credentials.take(id, version)));
process.stdout.write(JSON.stringify([...new Set(taken.map((credential) => credential?.version))]));
await database.close();
process.exit(0);
