/** A disk that is full under the embedded database: what is said meanwhile, and that nothing acknowledged is lost. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from './faults.ts';
import { freePort, type Program, startProgram } from './processes.ts';

const SIZE = '90m';
const TRIES = 300;
const LOOKED_AT = 100;
const ROOM = 400_000;

/** Needs a small file system of its own: null where this user may not mount one. */
export async function fillDisk(): Promise<Verdict | null> {
  const folder = mkdtempSync(join(tmpdir(), 'grantway-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const env = {
    GRANTWAY_URL: base,
    GRANTWAY_DATA: folder,
    GRANTWAY_REGISTRATIONS_PER_MINUTE: '100000',
    GRANTWAY_LOG_LEVEL: 'silent',
  };
  const start = (): Promise<Program> => startProgram({ file: 'src/main.ts', port, env });
  let gateway = await start();
  try {
    const filler = join(folder, 'filler');
    const full = openSync(filler, 'w');
    const megabyte = Buffer.alloc(1_048_576);
    try {
      for (;;) writeSync(full, megabyte);
    } catch {
      // That was the last of it. A little is given back, so that it is in the middle of work that it is full.
      ftruncateSync(full, fstatSync(full).size - ROOM);
    }
    closeSync(full);
    const acknowledged: string[] = [];
    const others = new Map<string, number>();
    for (let n = 0; n < TRIES; n++) {
      const { status, retryAfter, clientId } = await register(base);
      if (status === 201) acknowledged.push(clientId);
      else
        others.set(
          `${status}${retryAfter ? ' with Retry-After' : ''}`,
          (others.get(`${status}${retryAfter ? ' with Retry-After' : ''}`) ?? 0) + 1,
        );
    }
    const refused = [...others].map(([kind, count]) => `${count} × ${kind}`).join(', ');
    rmSync(filler);
    const again = (await register(base)).status;
    await gateway.kill();
    gateway = await start();
    let kept = 0;
    // The last of them: those before are older, and the endpoint that tells has a limit of its own.
    const last = acknowledged.slice(-LOOKED_AT);
    for (const clientId of last) if (await isKnown(base, clientId)) kept++;
    return {
      fault: 'the disk of the embedded database is full, then is not; then kill -9',
      expected: '503 with Retry-After; works again; nothing acknowledged lost',
      seen: `${acknowledged.length} × 201, ${refused}; then ${again}; ${kept} of the last ${last.length} kept`,
      held:
        [...others.keys()].join() === '503 with Retry-After' &&
        again === 201 &&
        acknowledged.length > 0 &&
        kept === last.length,
    };
  } finally {
    await gateway.kill();
    execFileSync('umount', [folder]);
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  }
}

async function register(base: string): Promise<{ status: number; retryAfter: boolean; clientId: string }> {
  const body = JSON.stringify({ redirect_uris: ['http://localhost:7777/callback'], client_name: 'One of many' });
  const answer = await fetch(`${base}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { client_id: clientId = '' } = (await answer.json()) as { client_id?: string };
  return { status: answer.status, retryAfter: answer.headers.has('retry-after'), clientId };
}

/** An unknown client is told so on a page; a known one is led on to consent. */
async function isKnown(base: string, clientId: string): Promise<boolean> {
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost:7777/callback',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  });
  const answer = await fetch(`${base}/oauth/authorize?${query}`, { redirect: 'manual' });
  await answer.body?.cancel();
  return answer.status === 302 || answer.status === 303;
}
