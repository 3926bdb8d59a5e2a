/** `kill -9` at each moment of approve, exchange, refresh and revoke: afterwards the rows are whole, and the act can be done again. */
import { spawn } from 'node:child_process';
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { type Database, openDatabase } from '../platform/database.ts';
import { openEmbedded } from '../platform/embedded-database.ts';
import { openLog } from '../platform/log.ts';
import type { Arrangement } from '../testing/crash.ts';
import { ACTS, type Act, type Arranged, perform } from '../testing/crash-act.ts';
import { createTestDatabase } from '../testing/database.ts';
import { withFailpoints } from '../testing/failpoint.ts';
import { violations } from '../testing/invariants.ts';
import { ask, consent, personalScene, signIn } from '../testing/scene.ts';

const embedded = Boolean(inject('dump'));
// Acts that have nothing to do with each other can all be under way when a process dies; the embedded database has one at a time.
const AT_ONCE = embedded ? 1 : 16;

type Store = {
  /** Opens it; the embedded one has to be closed before another process opens it. */
  open: () => Promise<Database>;
  settings: { url: string | undefined; dataDirectory: string };
  drop: () => Promise<void>;
};

async function makeStore(): Promise<Store> {
  const log = openLog('silent');
  if (!embedded) {
    const { url, drop } = await createTestDatabase();
    return {
      settings: { url, dataDirectory: '' },
      drop,
      open: () => openDatabase({ url, dataDirectory: '', poolSize: AT_ONCE, log }),
    };
  }
  const dataDirectory = mkdtempSync(join(tmpdir(), 'grantway-crash-'));
  const dump = await openAsBlob(inject('dump'));
  let isMade = false;
  return {
    settings: { url: undefined, dataDirectory },
    open: async () => {
      const database = await openEmbedded(dataDirectory, log, isMade ? undefined : dump);
      isMade = true;
      return database;
    },
    drop: async () => rmSync(dataDirectory, { recursive: true, force: true }),
  };
}

async function arrange(database: Database, act: Act): Promise<Arranged> {
  const how = await personalScene(database);
  const { user } = how;
  const made = await signIn(database, how);
  const redeemable = await ask(database, how);
  const code = await consent(database, redeemable.handle, user);
  const { handle } = await ask(database, how);
  if (!code.ok) throw new Error(code.reason.kind);
  return {
    act,
    userId: user.id,
    clientId: how.client.id,
    handle,
    code: code.value,
    verifier: redeemable.verifier,
    refreshToken: made.refreshToken as string,
  };
}

async function countMoments(database: Database, act: Act): Promise<number> {
  let moments = 0;
  const counting = withFailpoints(database, () => {
    moments++;
  });
  await perform(counting, await arrange(database, act));
  return moments;
}

function run(arrangement: Arrangement): Promise<{ signal: string | null; said: string }> {
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      '--no-warnings',
      join(import.meta.dirname, '../testing/crash.ts'),
      JSON.stringify(arrangement),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', (_code, signal) => resolve({ signal, said })));
}

/** Doing the act again after the crash: it succeeds, or says that it is done. */
async function again(database: Database, arranged: Arranged): Promise<void> {
  const done = await perform(database, arranged);
  switch (arranged.act) {
    case 'approve':
      expect([{ ok: true }, { ok: false, reason: { kind: 'closed', status: 'approved' } }]).toContainEqual(
        (done as { ok: boolean }).ok ? { ok: true } : done,
      );
      break;
    case 'refresh':
      expect(done).toMatchObject({ ok: true });
      break;
    case 'revoke':
      expect(
        await database.db.oAuthGrant.count({ where: { oauthClientId: arranged.clientId, status: 'active' } }),
      ).toBe(0);
  }
}

for (const act of ACTS) {
  test(`#282 #134 kill -9 in the middle of ${act} leaves whole rows, and the act can be done again`, {
    timeout: 240_000,
  }, async () => {
    const store = await makeStore();
    let database = await store.open();
    const moments = await countMoments(database, act);
    expect(moments).toBeGreaterThan(8);
    const every = Array.from({ length: moments }, (_, index) => index + 1);
    // The embedded database takes seconds to recover: there the middle and both sides of the commit stand for the rest.
    const chosen = embedded ? [Math.floor(moments / 2), moments - 1, moments] : every;
    for (let first = 0; first < chosen.length; first += AT_ONCE) {
      const acts = await Promise.all(
        chosen.slice(first, first + AT_ONCE).map(async (moment) => ({ ...(await arrange(database, act)), moment })),
      );
      await database.close();
      const died = await run({ ...store.settings, acts });
      expect(died.signal).toBe('SIGKILL');
      database = await store.open();
      expect(await violations(database), `after ${died.said}`).toEqual([]);
      for (const arranged of acts) await again(database, arranged);
      expect(await violations(database), `again after ${died.said}`).toEqual([]);
    }
    await database.close();
    await store.drop();
  });
}
