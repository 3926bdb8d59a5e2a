/** The keyring of a running process: it follows its file, and time. */
import { readFileSync, statSync } from 'node:fs';
import type { Clock } from './clock.ts';
import { type Keyring, readKeyring } from './keys.ts';
import type { Log } from './log.ts';

const EVERY_MS = 2_000;
const LOOK_AGAIN_MS = 1_000;

export type LiveKeyring = Keyring & { close: () => void };

/**
 * Opens a keyring. A change of the file at `path` is seen within two seconds; without a path the text is all there is.
 * A key is used for what is new from its `nbf` on, and the first of the text whose time has come is the current one: so every process
 * knows a new key before any of them uses it. A file that cannot be read or is no keyring changes nothing, and is told in the log.
 * @throws Error with one sentence where `text` is no keyring.
 */
export async function openLiveKeyring(
  text: string,
  { path, log, clock }: { path?: string; log: Log; clock: Clock },
): Promise<LiveKeyring> {
  let seen = path === undefined ? '' : stampOf(path);
  let keys = await readKeyring(text);
  let shown = inForce(keys, clock());
  let looking: Promise<void> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const reload = async (file: string): Promise<void> => {
    try {
      const stamp = stampOf(file);
      if (stamp === seen) return;
      keys = await readKeyring(readFileSync(file, 'utf8'));
      seen = stamp;
      shown = inForce(keys, clock());
      log.info({ signing: shown.signing.map(({ kid }) => kid) }, 'the keyring was read again');
    } catch (error) {
      log.error({ err: error }, 'the keyring cannot be read: the one in force stays');
    }
  };
  const look = (): Promise<void> => {
    if (path === undefined) return Promise.resolve();
    lookedAt = performance.now();
    looking ??= reload(path).finally(() => {
      looking = null;
    });
    return looking;
  };
  const timer = path === undefined ? undefined : setInterval(() => void look(), EVERY_MS).unref();
  const now = (): InForce => {
    if (clock().getTime() >= shown.until) shown = inForce(keys, clock());
    return shown;
  };
  return {
    get sealing() {
      return now().sealing;
    },
    get signing() {
      return now().signing;
    },
    lookAgain: async () => {
      if (looking || performance.now() - lookedAt >= LOOK_AGAIN_MS) await look();
    },
    close: () => clearInterval(timer),
  };
}

const stampOf = (path: string): string => {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs}/${size}/${ino}`;
};

type InForce = Pick<Keyring, 'sealing' | 'signing'> & {
  /** When the order changes by itself, in milliseconds. */ until: number;
};

/** The same keys with the current one of each use first. */
function inForce(keys: Keyring, now: Date): InForce {
  const seconds = now.getTime() / 1000;
  const currentFirst = <K extends { usableFrom: number }>(all: readonly K[]): readonly K[] => {
    const current = all.find((key) => key.usableFrom <= seconds);
    return current === undefined ? all : [current, ...all.filter((key) => key !== current)];
  };
  const coming = [...keys.sealing, ...keys.signing].map((key) => key.usableFrom).filter((from) => from > seconds);
  return {
    sealing: currentFirst(keys.sealing),
    signing: currentFirst(keys.signing),
    until: coming.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...coming) * 1000,
  };
}
