/** `kill -9` at each moment of approve, exchange, refresh and revoke: afterwards the rows are whole, and the act can be done again. */
import { spawn } from 'node:child_process';
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { type Database, openDatabase } from '../platform/database.ts';
import { openEmbedded } from '../platform/embedded-database.ts';
import { openLog } from '../platform/log.ts';
import { transact } from '../platform/transact.ts';
import type { Arrangement } from '../testing/crash.ts';
import { createTestDatabase } from '../testing/database.ts';
import { violations } from '../testing/invariants.ts';
import { ask, consent, makeClient, makeConnection, makeUser, redeem, signIn } from '../testing/scene.ts';
import { revokeGrants } from './grants/revoke.ts';
import { refresh } from './tokens/refresh-token.ts';

const embedded = Boolean(inject('dump'));
const ACTS = ['approve', 'exchange', 'refresh', 'revoke'] as const;

type Store = {
  reopen: () => Promise<Database>;
  settings: { url: string | undefined; dataDirectory: string };
  drop: () => Promise<void>;
};

async function openStore(): Promise<Store> {
  const log = openLog('silent');
  if (!embedded) {
    const { url, drop } = await createTestDatabase();
    return {
      settings: { url, dataDirectory: '' },
      drop,
      reopen: () => openDatabase({ url, dataDirectory: '', poolSize: 3, log }),
    };
  }
  const dataDirectory = mkdtempSync(join(tmpdir(), 'grantway-crash-'));
  const reopen = () => openDatabase({ url: undefined, dataDirectory, poolSize: 1, log });
  const database = await openEmbedded(dataDirectory, log, await openAsBlob(inject('dump')));
  await database.close();
  return {
    settings: { url: undefined, dataDirectory },
    reopen,
    drop: async () => rmSync(dataDirectory, { recursive: true, force: true }),
  };
}

async function arrange(store: Store) {
  const database = await store.reopen();
  const user = await makeUser(database);
  const how = {
    user,
    connection: await makeConnection(database, { userId: user.id }),
    client: await makeClient(database),
  };
  const made = await signIn(database, how);
  const redeemable = await ask(database, how);
  const code = await consent(database, redeemable.handle, user);
  const { handle } = await ask(database, how);
  await database.close();
  if (!code.ok) throw new Error(code.reason.kind);
  const scene = {
    userId: user.id,
    clientId: how.client.id,
    handle,
    code: code.value,
    verifier: redeemable.verifier,
    refreshToken: made.refreshToken as string,
  };
  return { how, scene: { ...store.settings, ...scene } };
}

function run(arrangement: Arrangement): Promise<{ signal: string | null; said: string }> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, '../testing/crash.ts'), JSON.stringify(arrangement)],
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
async function again(
  database: Database,
  act: Arrangement['act'],
  { how, scene }: Awaited<ReturnType<typeof arrange>>,
): Promise<void> {
  if (act === 'approve') {
    const decided = await consent(database, scene.handle, how.user);
    if (!decided.ok) expect(decided.reason).toEqual({ kind: 'closed', status: 'approved' });
  } else if (act === 'exchange') {
    await redeem(database, how, scene.code, scene.verifier);
  } else if (act === 'refresh') {
    const request = {
      refreshToken: scene.refreshToken,
      oauthClientId: scene.clientId,
      isOtherResource: () => false,
      scopes: undefined,
    };
    expect(await refresh(database, request, { refreshIdle: 3600, replayWindow: 60, replays: 20 })).toMatchObject({
      ok: true,
    });
  } else {
    await transact(database, (tx) =>
      revokeGrants(tx, { oauthClientId: scene.clientId }, 'user_revoked', { userId: null }, new Date()),
    );
    expect(await database.db.oAuthGrant.count({ where: { oauthClientId: scene.clientId, status: 'active' } })).toBe(0);
  }
}

for (const act of ACTS) {
  test(`#282 #134 kill -9 in the middle of ${act} leaves whole rows, and the act can be done again`, {
    timeout: 240_000,
  }, async () => {
    const store = await openStore();
    const counted = await run({ ...(await arrange(store)).scene, act, moment: 0 });
    const { moments } = JSON.parse(counted.said) as { moments: number };
    expect(moments).toBeGreaterThan(8);
    const every = Array.from({ length: moments }, (_, index) => index + 1);
    // The embedded database takes seconds to recover: there the middle and both sides of the commit stand for the rest.
    const chosen = embedded
      ? [Math.floor(moments / 2), moments - 1, moments]
      : every.filter((moment) => moment % 3 === 0 || moment > moments - 3);
    for (const moment of chosen) {
      const arranged = await arrange(store);
      const died = await run({ ...arranged.scene, act, moment });
      expect(died.signal).toBe('SIGKILL');
      const database = await store.reopen();
      expect(await violations(database), `after ${died.said}`).toEqual([]);
      await again(database, act, arranged);
      expect(await violations(database), `again after ${died.said}`).toEqual([]);
      await database.close();
    }
    await store.drop();
  });
}
