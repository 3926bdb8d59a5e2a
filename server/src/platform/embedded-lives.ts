/**
 * A PGlite that begins again after a PANIC, as PostgreSQL's postmaster does. One comes where the disk is full when the next segment of
 * the log is needed. Left to itself PGlite goes on afterwards with the locks of the dead still held, and waits for them for ever, and all
 * of the process with it.
 */
import type { PGlite } from '@electric-sql/pglite';

/** What of PGlite is used. */
export type Embedded = Pick<PGlite, 'query' | 'exec' | 'transaction' | 'listen' | 'dumpDataDir' | 'close'>;

// Beginning costs about a second of the only thread.
const PAUSE_MS = 2_000;

type Module = { _PostgresMainLoopOnce: () => void; stackRestore: (at: number) => void };
type Inside = {
  Module: Module;
  POSTGRES_MAIN_LONGJMP: number;
  execProtocolRawSync: (message: Uint8Array) => Uint8Array;
};

// What `isTransient` knows.
const gone = (): Error => new Error('PGlite is closed: it failed, and will begin again');

/** Opens it by `create`, and again, with what it recovers from its log, once it was lost. @throws what `create` throws the first time. */
export async function openLives(create: () => Promise<PGlite>, onLost: (error: unknown) => void): Promise<Embedded> {
  const heard = new Set<{ channel: string; onMessage: (payload: string) => void; stop: () => Promise<void> }>();
  let beginning: Promise<PGlite> | null = null;
  let triedAt = Number.NEGATIVE_INFINITY;
  const begin = async (): Promise<PGlite> => {
    const pglite = await create();
    watch(pglite as unknown as Inside, (error) => {
      current = null;
      onLost(error);
    });
    for (const one of heard) one.stop = await pglite.listen(one.channel, one.onMessage);
    return pglite;
  };
  let current: PGlite | null = await begin();
  const now = async (): Promise<PGlite> => {
    if (current !== null) return current;
    if (beginning === null) {
      if (performance.now() - triedAt < PAUSE_MS) throw gone();
      triedAt = performance.now();
      beginning = begin().finally(() => {
        beginning = null;
      });
    }
    try {
      current = await beginning;
    } catch {
      throw gone();
    }
    return current;
  };
  return {
    query: async (...query) => (await now()).query(...query),
    exec: async (...script) => (await now()).exec(...script),
    transaction: async (work) => (await now()).transaction(work),
    listen: async (channel, onMessage) => {
      const one = { channel, onMessage, stop: await (await now()).listen(channel, onMessage) };
      heard.add(one);
      return async () => {
        heard.delete(one);
        await one.stop();
      };
    },
    dumpDataDir: async (compression) => (await now()).dumpDataDir(compression),
    // Of one that is lost nothing is left to be closed: what it acknowledged is in its files.
    close: async () => current?.close(),
  };
}

/**
 * PGlite runs its main loop until all of a message is read, whatever the loop throws. What is no error of SQL (those leave by longjmp)
 * ends it here, for this message and every later one. `onLost` is told once.
 */
function watch(pglite: Inside, onLost: (error: unknown) => void): void {
  const { Module: inside } = pglite;
  const { _PostgresMainLoopOnce: once, stackRestore } = inside;
  const run = pglite.execProtocolRawSync.bind(pglite);
  let isLost = false;
  inside._PostgresMainLoopOnce = () => {
    try {
      once();
    } catch (error) {
      if ((error as { status?: number }).status !== pglite.POSTGRES_MAIN_LONGJMP && !isLost) {
        isLost = true;
        onLost(error);
      }
      throw error;
    }
  };
  // What PGlite calls after each throw, outside of where it catches.
  inside.stackRestore = (at) => {
    stackRestore(at);
    if (isLost) throw gone();
  };
  pglite.execProtocolRawSync = (message) => {
    if (isLost) throw gone();
    return run(message);
  };
}
