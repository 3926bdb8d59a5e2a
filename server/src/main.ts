/** Reads the settings, starts, and stops gracefully. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { App } from './app.ts';
import { type Config, readConfig, unknownSettings, WrongSetting } from './config.ts';
import type { Clock } from './platform/clock.ts';
import { type Database, openDatabase } from './platform/database.ts';
import { readOrMakeKeyringFile } from './platform/keyring-file.ts';
import { type LiveKeyring, openLiveKeyring } from './platform/live-keyring.ts';
import { type Log, openLog } from './platform/log.ts';
import { migrate } from './platform/migrations.ts';
import { countLost } from './platform/reseal.ts';
import { openSharedClock } from './platform/shared-clock.ts';
import { startFault } from './start-fault.ts';

const GRACE_MS = 10_000;

/** What an operator reads when the process cannot start: one line, and no stack. */
function fail(sentence: string): never {
  process.stderr.write(`grantway: ${sentence}\n`);
  process.exit(1);
}

async function loadKeyring(config: Config, log: Log, clock: Clock): Promise<LiveKeyring> {
  const { keys } = config;
  if (keys?.trimStart().startsWith('{')) return openLiveKeyring(keys, { log, clock });
  const path = keys ?? join(config.dataDirectory, 'keys.json');
  if (keys !== undefined && !existsSync(keys)) throw new WrongSetting(`GRANTWAY_KEYS: there is no file ${keys}`);
  return openLiveKeyring(await readOrMakeKeyringFile(path), { path, log, clock });
}

async function listen(app: App, { host, port }: Config): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    app.server.once('error', reject);
    app.server.listen(port, host, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') fail(`port ${port} is in use by another program: stop it, or set PORT`);
    if (error.code === 'EACCES') fail(`port ${port} may not be used by this user: set PORT to one above 1023`);
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
      fail(`HOST: ${host} is not an address of this machine`);
    throw error;
  });
}

let config: Config;
let database: Database | undefined;
try {
  config = readConfig(process.env);
  const log = openLog(config.logLevel);
  const sendTraces = config.tracing && (await import('./platform/tracing.ts')).openTracing(config.tracing, log);
  for (const name of unknownSettings(process.env)) log.warn(`${name} is not a setting: is it misspelt?`);
  database = await openDatabase({
    url: config.databaseUrl,
    directUrl: config.directDatabaseUrl,
    dataDirectory: config.dataDirectory,
    poolSize: config.poolSize,
    log,
  });
  const applied = await migrate(database);
  if (applied.length > 0) log.info({ applied }, 'migrations applied');
  const { clock, close: closeClock } = await openSharedClock(database);
  const keyring = await loadKeyring(config, log, clock).catch((error: Error) => {
    throw error instanceof WrongSetting || 'errno' in error
      ? error
      : new WrongSetting(`GRANTWAY_KEYS: ${error.message}`);
  });
  const lost = await countLost(database, keyring);
  // They stay closed, and whoever asks for one is told; everything else works (SECURITY #271).
  if (lost > 0) log.error({ rows: lost }, 'GRANTWAY_KEYS lacks a key that sealed some of the database: restore it');
  // Most of the program, and most of the time that a start takes: loaded when nothing is left that could be wrong.
  const { openApp } = await import('./app.ts');
  // What lives long grows by half until V8 looks through all of it again, which requests wait for; left to itself it may do so at a tenth.
  setFlagsFromString('--heap-growing-percent=50');
  const app = await openApp({ config, database, keyring, log, clock });
  await listen(app, config);
  log.info({ url: config.url, planes: config.planes, database: database.kind }, 'grantway is listening');
  const { demoLine } = await import('./control/sign-in/first-account.ts');
  const line = config.planes.control ? await demoLine({ config, database }) : null;
  if (line) log.info(`add the demo connection to Claude Code: ${line}`);
  stopOn(app, async () => {
    closeClock();
    await database?.close();
    await sendTraces?.();
  });
} catch (error) {
  fail(startFault(error, process.env.DATABASE_URL));
}

/** Ctrl-C, a supervisor's SIGTERM, or the end of the process that started this one. A second signal does not wait. */
function stopOn(app: App, leave: () => Promise<void>): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    await app.close(GRACE_MS);
    await leave();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  if (process.send) process.on('disconnect', () => void stop());
}
