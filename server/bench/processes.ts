/** The processes of a measurement: each a program of its own, asked over its channel, ended by its id. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Processor time in microseconds since its start, memory in bytes. */
export type Usage = { cpu: number; system: number; rss: number; heap: number };

export type Program = {
  port: number;
  pid: number;
  usage: () => Promise<Usage>;
  /** The same after a collection, for what it holds. */
  usageAtRest: () => Promise<Usage>;
  /** Sends a task and waits for what comes of it. */
  ask: <T>(task: object) => Promise<T>;
  stop: () => Promise<void>;
  kill: () => Promise<void>;
};

type Start = {
  /** Relative to the server's folder. */
  file: string;
  env?: Record<string, string>;
  port?: number;
  /** Where its output goes; by default nowhere. */
  log?: string;
  flags?: string[];
  /** What stands for another machine runs when this one has nothing else to do. */
  elsewhere?: boolean;
};

const SERVER = join(import.meta.dirname, '..');
const USAGE = ['--expose-gc', '--import', join(import.meta.dirname, 'usage.ts')];
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program and waits until it listens. Its environment is only what is given here, and where Node keeps what it has compiled. */
export async function startProgram({
  file,
  env = {},
  port,
  log,
  flags = [],
  elsewhere = false,
}: Start): Promise<Program> {
  const at = port ?? (await freePort());
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const output = log === undefined ? 'ignore' : openSync(log, 'a');
  const child = spawn(
    '/bin/sh',
    // As many files as this user may have: ten thousand streams are twenty thousand of them.
    [
      '-c',
      'ulimit -n $(ulimit -Hn); exec nice -n "$0" "$@"',
      elsewhere ? '19' : '0',
      process.execPath,
      ...flags,
      ...USAGE,
      join(SERVER, file),
    ],
    {
      cwd: SERVER,
      env: { PATH, NODE_COMPILE_CACHE, PORT: String(at), ...env },
      stdio: ['ignore', output, output === 'ignore' ? 'inherit' : output, 'ipc'],
    },
  );
  running.add(child);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void exited.then(() => running.delete(child));
  const ask = <T>(message: object | string, member: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error(`${file} ended`));
      const hear = (answer: Record<string, unknown>): void => {
        if (!(member in answer)) return;
        child.off('message', hear);
        child.off('close', ended);
        resolve(answer[member] as T);
      };
      child.on('message', hear);
      child.once('close', ended);
      child.send(message);
    });
  await answering(at, child, file).catch(async (error: unknown) => {
    child.kill('SIGKILL');
    await exited;
    throw error;
  });
  return {
    port: at,
    pid: child.pid as number,
    usage: () => ask('usage', 'usage'),
    usageAtRest: () => ask('usage at rest', 'usage'),
    ask: (task) => ask({ task }, 'result'),
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(late);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** How many files a program may have open here. */
export function fileLimit(): number {
  const limit = Number(execFileSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }));
  return Number.isNaN(limit) ? 1_000_000 : limit;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A program answers once its port does; a gateway also has to be ready. */
async function answering(port: number, child: ChildProcess, file: string): Promise<void> {
  const path = file.endsWith('main.ts') ? '/health/ready' : '/';
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries > 2_000) throw new Error(`${file} did not start`);
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) }).catch(
      () => null,
    );
    await answer?.body?.cancel().catch(() => {});
    if (answer?.ok || (answer && path === '/')) return;
    await sleep(25);
  }
}
