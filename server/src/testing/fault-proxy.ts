/** A TCP proxy between the product and its database, which can cut a connection exactly when something is said on it. */
import { createConnection, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type FaultProxy = {
  url: string;
  /** Cuts the next connection on which the product says this. `delivered`: the database still hears it, only its answer is lost. */
  cutAt: (text: string, delivered: boolean) => void;
  /** Resolves when the product next says this, and the database has been given it. */
  heard: (text: string) => Promise<void>;
  /** Everything that the database says comes so many milliseconds later. */
  setSlow: (milliseconds: number) => void;
  /** While true no connection is accepted, and those that are open are cut: the database is away. */
  setAway: (away: boolean) => void;
  /** While true nothing passes either way, on connections that stay open: the database says nothing any more. */
  setSilent: (silent: boolean) => void;
  close: () => Promise<void>;
};

export async function openFaultProxy(databaseUrl: string): Promise<FaultProxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let cut: { text: string; delivered: boolean } | null = null;
  let away = false;
  let silent = false;
  let slowness = 0;
  let waitedFor: { text: string; hear: () => void } | null = null;

  const server = createServer((near) => {
    const far = createConnection({ host: target.hostname, port: Number(target.port) });
    const end = (): void => {
      near.destroy();
      far.destroy();
      open.delete(near);
    };
    open.add(near);
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    if (away) return end();
    near.on('data', (chunk: Buffer) => {
      if (cut && chunk.includes(cut.text)) {
        const { delivered } = cut;
        cut = null;
        if (!delivered) return end();
        // The far side hears it and may answer, but nobody is there to listen.
        near.destroy();
        far.write(chunk, () => setTimeout(() => far.destroy(), 200));
        return;
      }
      if (silent) return;
      far.write(chunk);
      if (waitedFor && chunk.includes(waitedFor.text)) {
        waitedFor.hear();
        waitedFor = null;
      }
    });
    const answer = (chunk: Buffer): void => {
      if (!silent && near.writable) near.write(chunk);
    };
    let before = Promise.resolve();
    let late = 0;
    far.on('data', (chunk: Buffer) => {
      if (slowness === 0 && late === 0) return answer(chunk);
      // Later, and never before what came earlier.
      late++;
      before = Promise.all([before, sleep(slowness)]).then(() => {
        late--;
        answer(chunk);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    cutAt: (text, delivered) => {
      cut = { text, delivered };
    },
    heard: (text) =>
      new Promise((hear) => {
        waitedFor = { text, hear };
      }),
    setSlow: (milliseconds) => {
      slowness = milliseconds;
    },
    setAway: (isAway) => {
      away = isAway;
      if (isAway) for (const socket of open) socket.destroy();
    },
    setSilent: (isSilent) => {
      silent = isSilent;
      // What was swallowed is missing from the conversation: none that was open then can go on.
      if (!isSilent) for (const socket of open) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
