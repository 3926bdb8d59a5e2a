/** The file of a keyring: made once, replaced whole, never seen half-written. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { newSealingJwk, newSigningJwk, type RingJwk, readJwks, readKeyring } from './keys.ts';

const textOf = (keys: readonly RingJwk[]): string => `${JSON.stringify({ keys }, null, 2)}\n`;

/** Writes beside `path`, so that a rename can put it there. @returns the draft's path. */
function writeDraft(path: string, text: string, owner?: { uid: number; gid: number }): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  writeSync(file, text);
  // Whoever rotates may be root, and the server not.
  if (owner && process.getuid?.() === 0) fchownSync(file, owner.uid, owner.gid);
  fsyncSync(file);
  closeSync(file);
  return draft;
}

/** The text of the keyring file, made with mode 0600 when it is not there yet. Of several processes that start at once, one makes it. */
export async function readOrMakeKeyringFile(path: string): Promise<string> {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const text = textOf([newSealingJwk(), await newSigningJwk('ES256')]);
  // Written whole and then named, so that neither a kill nor another process ever meets half a keyring.
  const draft = writeDraft(path, text);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readFileSync(path, 'utf8');
  } finally {
    unlinkSync(draft);
  }
  return text;
}

/**
 * Replaces the keys of a file by what `change` makes of them, one such change at a time on this machine.
 * What would be no keyring is not written. @throws Error with one sentence.
 */
export async function changeKeyringFile(path: string, change: (keys: RingJwk[]) => Promise<RingJwk[]>): Promise<void> {
  // Behind a symbolic link lies the file to replace; the link stays.
  const real = realpathSync(path);
  const lock = `${real}.lock`;
  try {
    closeSync(openSync(lock, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`someone else is changing the keyring; if nobody is, remove ${lock}`);
  }
  try {
    const text = textOf(await change(readJwks(readFileSync(real, 'utf8'))));
    await readKeyring(text);
    renameSync(writeDraft(real, text, statSync(real)), real);
  } finally {
    unlinkSync(lock);
  }
}
