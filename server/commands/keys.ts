/** `npm run keys -- list | rotate | reseal | retire | revoke KID`: the operator's hand on the keyring, while the gateway runs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Config, readConfig } from '../src/config.ts';
import { MAX_CONNECT_TOKEN_SECONDS } from '../src/core/tokens/connect-token.ts';
import { type Database, openDatabase } from '../src/platform/database.ts';
import { changeKeyringFile } from '../src/platform/keyring-file.ts';
import { type RingJwk, readJwks, readKeyring, SIGNING_ALGORITHMS } from '../src/platform/keys.ts';
import { openLiveKeyring } from '../src/platform/live-keyring.ts';
import { openLog } from '../src/platform/log.ts';
import { countSealed, resealRows } from '../src/platform/reseal.ts';
import { currentOf, type KeyUse, mayRetire, revokeKey, rotateKeys, useOf } from '../src/platform/rotate-keys.ts';

const USAGE = `usage: npm run keys -- COMMAND
  list                what is in the keyring, and what each key is for
  rotate              new keys, used from ten minutes on; [--only signing|sealing] [--alg ${SIGNING_ALGORITHMS.join('|')}] [--after SECONDS]
  reseal              seals what older keys sealed by the current one, now (the gateway does it too, by and by)
  retire              removes the keys that nothing needs any more
  revoke KID          removes a signing key at once: every token that it signed is dead
`;
/** Longer than the JWK Set is cached by others, and than a changed file takes to reach all machines. */
const USUAL_DELAY = 600;
const CLOCK_DIFFERENCE = 300;

const now = new Date();
const log = openLog('error');

function fail(sentence: string): never {
  process.stderr.write(`keys: ${sentence}\n`);
  process.exit(1);
}
const say = (sentence: string): boolean => process.stdout.write(`${sentence}\n`);
const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

function pathOf({ keys, dataDirectory }: Config): string {
  if (keys?.trimStart().startsWith('{')) {
    fail(
      'GRANTWAY_KEYS holds the keys themselves. Put them into a file and name that, or change them where they are kept.',
    );
  }
  const path = keys ?? join(dataDirectory, 'keys.json');
  if (!existsSync(path)) fail(`there is no keyring at ${path} yet: the gateway makes one when it first starts`);
  return path;
}

/** The database, where it can be had: the embedded one belongs to the gateway that runs on it. */
async function withDatabase<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T | string> {
  let database: Database | undefined;
  try {
    const { databaseUrl: url, dataDirectory } = config;
    database = await openDatabase({ url, dataDirectory, poolSize: 2, log });
    return await work(database);
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n').findLast((line) => line !== '') ?? '') : String(error);
  } finally {
    await database?.close();
  }
}

const sealedBy = (config: Config, keys: RingJwk[]) =>
  withDatabase(config, (database) =>
    countSealed(
      database,
      keys.filter((key) => useOf(key) === 'sealing').map((key) => key.kid as string),
    ),
  );

function stateOf(keys: RingJwk[], key: RingJwk): string {
  const use = useOf(key);
  if (key === currentOf(keys, use, now)) return use === 'signing' ? 'signs' : 'seals';
  if ((key.nbf ?? 0) * 1000 > now.getTime())
    return `${use === 'signing' ? 'signs' : 'seals'} from ${time(key.nbf ?? 0)}`;
  if (use === 'sealing') return 'opens';
  return key.exp === undefined ? 'verifies' : `verifies, needed until ${time(key.exp)}`;
}

async function list(config: Config, path: string): Promise<void> {
  const keys = readJwks(readFileSync(path, 'utf8'));
  await readKeyring(JSON.stringify({ keys }));
  const counts = await sealedBy(config, keys);
  console.table(
    keys.map((key) => ({
      kid: key.kid,
      alg: key.alg ?? 'A256GCM',
      state: stateOf(keys, key),
      'sealed rows': useOf(key) === 'sealing' ? (typeof counts === 'string' ? '?' : counts.get(key.kid as string)) : '',
    })),
  );
  if (typeof counts === 'string') say(`How many rows a key seals is not known: ${counts}`);
}

async function rotate(config: Config, path: string, options: Record<string, string | undefined>): Promise<void> {
  const { only, alg, after } = options;
  if (only !== undefined && only !== 'signing' && only !== 'sealing') fail('--only is signing or sealing');
  if (alg !== undefined && !SIGNING_ALGORITHMS.includes(alg)) fail(`--alg is one of ${SIGNING_ALGORITHMS.join(', ')}`);
  const afterSeconds = after === undefined ? USUAL_DELAY : Number(after);
  if (!Number.isInteger(afterSeconds) || afterSeconds < 0) fail('--after is a number of seconds');
  const uses: KeyUse[] = only === undefined ? ['signing', 'sealing'] : [only];
  const tokenSeconds = Math.max(config.lifetimes.accessToken, MAX_CONNECT_TOKEN_SECONDS) + CLOCK_DIFFERENCE;
  await changeKeyringFile(path, (keys) => rotateKeys(keys, { uses, alg, afterSeconds, tokenSeconds }, now));
  say(
    `New keys for ${uses.join(' and ')} are in ${path}, and in force from ${time(now.getTime() / 1000 + afterSeconds)}.`,
  );
  say(
    'Every process must have this file by then: those that share it have it already. Run "npm run keys -- retire" another day.',
  );
}

async function retire(config: Config, path: string): Promise<void> {
  const counts = await sealedBy(config, readJwks(readFileSync(path, 'utf8')));
  const isSealedBy = (kid: string): boolean => typeof counts === 'string' || counts.get(kid) !== 0;
  let gone: RingJwk[] = [];
  await changeKeyringFile(path, async (keys) => {
    gone = keys.filter((key) => mayRetire(keys, key, isSealedBy, now));
    return keys.filter((key) => !gone.includes(key));
  });
  for (const { kid } of gone) say(`${kid} is retired.`);
  if (gone.length === 0) say('Every key is still needed.');
  if (typeof counts === 'string') say(`Sealing keys were kept, because the database could not be asked: ${counts}`);
}

async function resealNow(config: Config, path: string): Promise<void> {
  const keyring = await openLiveKeyring(readFileSync(path, 'utf8'), { log, clock: () => now });
  const count = await withDatabase(config, (database) => resealRows(database, keyring));
  if (typeof count === 'string') fail(`the database could not be used: ${count}`);
  say(`${count} rows were sealed again.`);
}

async function revoke(path: string, kid: string | undefined): Promise<void> {
  if (kid === undefined) fail('say which key: npm run keys -- revoke KID');
  await changeKeyringFile(path, async (keys) => {
    const left = await revokeKey(keys, kid, now);
    if (left === null) throw new Error(`there is no signing key ${kid}`);
    return left;
  });
  say(`${kid} is gone. Processes follow within seconds; clients refresh, and connect tokens have to be minted anew.`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, alg: { type: 'string' }, after: { type: 'string' } },
});
try {
  const config = readConfig(process.env);
  const [command, kid] = positionals;
  if (command === 'list') await list(config, pathOf(config));
  else if (command === 'rotate') await rotate(config, pathOf(config), values);
  else if (command === 'retire') await retire(config, pathOf(config));
  else if (command === 'reseal') await resealNow(config, pathOf(config));
  else if (command === 'revoke') await revoke(pathOf(config), kid);
  else {
    process.stderr.write(USAGE);
    process.exitCode = 1;
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
