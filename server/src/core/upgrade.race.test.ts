/** A newer version migrates the database while this one serves: what is only added is felt by nobody. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Database } from '../platform/database.ts';
import { violations } from '../testing/invariants.ts';
import { openProcesses } from '../testing/processes.ts';
import { ask, consent, personalScene, redeem, signIn } from '../testing/scene.ts';
import { openLiveCheck } from './grants/live.ts';
import { refresh } from './tokens/refresh-token.ts';

let serving: Database;
let newer: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openProcesses(2);
  [serving, newer] = opened.processes as [Database, Database];
  close = opened.close;
});
afterAll(() => close());

// What a request of the runtime and one at the token endpoint read and write.
const TABLES = [
  '"user"',
  'connection',
  'connect_resource',
  'oauth_client',
  'oauth_grant',
  'token_family',
  'refresh_token',
];
const LIFETIMES = { refreshIdle: 3_600, replayWindow: 60, replays: 20 };

test('#284 columns, indexes and tables come and go under load: every check, sign-in and refresh succeeds', async () => {
  const how = await personalScene(serving);
  const { user, client } = how;
  const made = await signIn(serving, how);
  const isLive = openLiveCheck(serving);
  let migrating = true;
  let checks = 0;
  const checking = async (): Promise<void> => {
    while (migrating) {
      expect(await isLive({ ...made.grant, familyId: made.familyId, scopes: made.scopes })).toMatchObject({
        live: true,
      });
      checks++;
    }
  };
  const refreshing = async (): Promise<void> => {
    let token = made.refreshToken as string;
    while (migrating) {
      const asked = { refreshToken: token, oauthClientId: client.id, isOtherResource: () => false, scopes: undefined };
      const next = await refresh(serving, asked, LIFETIMES);
      expect(next.ok).toBe(true);
      if (next.ok) token = next.value.refreshToken as string;
    }
  };
  const signingIn = async (): Promise<void> => {
    while (migrating) {
      const { handle, verifier } = await ask(serving, how);
      const code = await consent(serving, handle, user);
      if (!code.ok) throw new Error(code.reason.kind);
      await redeem(serving, how, code.value, verifier);
    }
  };
  const migrate = async (): Promise<void> => {
    // Each step meets a check that came before it: a migration that is over at once would show nothing.
    const run = async (sql: string): Promise<void> => {
      const before = checks;
      await vi.waitFor(() => expect(checks).toBeGreaterThan(before), { timeout: 10_000, interval: 1 });
      await newer.db.$executeRawUnsafe(sql);
    };
    for (const name of TABLES) await run(`ALTER TABLE ${name} ADD COLUMN of_next int NOT NULL DEFAULT 7`);
    await run('CREATE TABLE of_next (id int PRIMARY KEY)');
    for (const name of ['oauth_grant', 'token_family', 'refresh_token']) {
      await run(`CREATE INDEX CONCURRENTLY of_next_${name} ON ${name} (of_next)`);
      await run(`UPDATE ${name} SET of_next = 8`);
    }
    for (const name of TABLES) await run(`ALTER TABLE ${name} DROP COLUMN of_next`);
    await run('DROP TABLE of_next');
  };
  const work = Promise.all([checking(), refreshing(), signingIn()]);
  await migrate().finally(() => {
    migrating = false;
  });
  await work;
  expect(checks).toBeGreaterThan(10);
  expect(await violations(serving)).toEqual([]);
});
