/** A disk that is full under the embedded database: what is said meanwhile, and that nothing acknowledged is lost. */
import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type Program, startProgram } from './processes.ts';
import type { Verdict } from './verdict.ts';

/** How many registrations are tried once it is filled, more where none of them is refused, and how many bytes of it are left for the first of them. */
export type DiskSize = { tries: number; room: number };
export const DISK_SIZE: DiskSize = { tries: 300, room: 400_000 };

const SIZE = '90m';
/** What is written meanwhile, by a checkpoint for one, leaves room again. */
const MOST = 20;

/** A disk under a folder, and its filling up and emptying. */
type Disk = { folder: string; fill: (pid: number) => void; free: (pid: number) => void; remove: () => void };

/** Registrations until well after it is full, one when there is room again, and a look for all that were acknowledged after kill -9. */
export async function fillDisk({ tries, room }: DiskSize): Promise<Verdict> {
  const disk = smallFileSystem(room) ?? limitedFiles(room);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const env = {
    GRANTWAY_URL: base,
    GRANTWAY_DATA: disk.folder,
    GRANTWAY_REGISTRATIONS_PER_MINUTE: '100000',
    GRANTWAY_LOG_LEVEL: 'silent',
  };
  const start = (): Promise<Program> => startProgram({ file: 'src/main.ts', port, env });
  let gateway = await start();
  try {
    const acknowledged = [await register(base)];
    disk.fill(gateway.pid);
    const others = new Map<string, number>();
    for (let n = 0; n < tries || (others.size === 0 && n < MOST * tries); n++) {
      const answer = await register(base);
      if (answer.status === 201) acknowledged.push(answer);
      else others.set(answer.kind, (others.get(answer.kind) ?? 0) + 1);
    }
    disk.free(gateway.pid);
    const again = await register(base);
    if (again.status === 201) acknowledged.push(again);
    await gateway.kill();
    gateway = await start();
    const kept = (await Promise.all(acknowledged.map(isKept))).filter(Boolean).length;
    return {
      fault: 'the disk of the embedded database is full, then is not; then kill -9',
      expected: '503 with Retry-After; works again; nothing acknowledged lost',
      seen: `${[...others].map(([kind, count]) => `${count} × ${kind}`).join(', ')}; then ${again.status}; ${kept} of ${acknowledged.length} acknowledged kept`,
      held: [...others.keys()].join() === UNAVAILABLE && again.status === 201 && kept === acknowledged.length,
      inTime: true,
    };
  } finally {
    await gateway.kill();
    disk.remove();
  }
}

/** A file system in memory, which a file of ours fills but for a little: it is in the middle of work that it is full. Null where this user may mount none. */
function smallFileSystem(room: number): Disk | null {
  const folder = mkdtempSync(join(tmpdir(), 'grantway-disk-'));
  const filler = join(folder, 'filler');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  return {
    folder,
    fill: () => {
      const full = openSync(filler, 'w');
      const megabyte = Buffer.alloc(1_048_576);
      try {
        for (;;) writeSync(full, megabyte);
      } catch {
        ftruncateSync(full, fstatSync(full).size - room);
      }
      closeSync(full);
    },
    free: () => rmSync(filler),
    remove: () => {
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Where none can be mounted: the process may write no file beyond a few bytes, which fails in the same places. */
function limitedFiles(room: number): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'grantway-disk-'));
  const limit = (pid: number, bytes: string): void => {
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  };
  return {
    folder,
    fill: (pid) => limit(pid, String(room)),
    free: (pid) => limit(pid, 'unlimited'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

const UNAVAILABLE = '503 with Retry-After';

type Registered = { status: number; kind: string; uri: string; token: string };

async function register(base: string): Promise<Registered> {
  const body = JSON.stringify({ redirect_uris: ['http://localhost:7777/callback'], client_name: 'One of many' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${base}/oauth/register`, { method: 'POST', headers, body, ...patient() }).catch(
    () => null,
  );
  if (answer === null) return { status: 0, kind: `no answer in ${PATIENCE_MS} ms`, uri: '', token: '' };
  const told = (await answer.json()) as { registration_client_uri?: string; registration_access_token?: string };
  const { registration_client_uri: uri = '', registration_access_token: token = '' } = told;
  const { status } = answer;
  return { status, kind: `${status}${answer.headers.has('retry-after') ? ' with Retry-After' : ''}`, uri, token };
}

/** Whether a client can still manage itself. */
async function isKept({ uri, token }: Registered): Promise<boolean> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(uri, { headers, ...patient() }).catch(() => null);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

const PATIENCE_MS = 20_000;
const patient = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(PATIENCE_MS) });
