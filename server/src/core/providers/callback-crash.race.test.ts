/** `kill -9` while what a provider gave is being kept: afterwards there is all of it or nothing, and the person can go on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { violations } from '../../testing/invariants.ts';
import { openProcesses } from '../../testing/processes.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import {
  codeOf,
  liveGrantOf,
  makeTraveller,
  openTravel,
  type Travel,
  type Traveller,
} from '../../testing/provider-scene.ts';
import { KEYS } from '../../testing/scene.ts';

let database: Database;
let url: string;
let close: () => Promise<void>;
let provider: TestProvider;
let travel: Travel;
beforeAll(async () => {
  const opened = await openProcesses(1);
  [database] = opened.processes as [Database];
  ({ url, close } = opened);
  provider = await openProviderServer();
  travel = await openTravel(database);
});
afterAll(async () => {
  await provider.close();
  await close();
});

async function comeBackInAProcess(
  who: Traveller,
  back: string,
  moment: number,
): Promise<{ signal: string | null; said: string }> {
  const script = join(import.meta.dirname, '../../testing/crash-callback.ts');
  const arrangement = JSON.stringify({ url, keys: await KEYS, who, back, moment });
  const child = spawn(process.execPath, ['--no-warnings', script, arrangement], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { signal, said };
}

test('#219 #282 killed in the middle of the callback: no code without a stored sign-in, and approving again goes on', async () => {
  const setOut = async () => {
    const who = await makeTraveller(database, provider);
    const { to, handle } = await travel.setOut(who);
    return { who, handle, back: await travel.visit(to) };
  };
  const whole = await setOut();
  const { moments } = JSON.parse((await comeBackInAProcess(whole.who, whole.back, 0)).said) as { moments: number };
  expect(moments).toBeGreaterThan(20);
  // The first is right after the provider's answer, the last three are about the commit.
  const chosen = [1, Math.floor(moments / 3), Math.floor((2 * moments) / 3), moments - 2, moments - 1, moments];
  for (const moment of chosen) {
    const { who, handle, back } = await setOut();
    const died = await comeBackInAProcess(who, back, moment);
    expect(died.signal).toBe('SIGKILL');
    expect(await violations(database), `after ${died.said}`).toEqual([]);
    const request = await database.db.authorizationRequest.findUniqueOrThrow({ where: { handle } });
    const codes = await database.db.authorizationCode.count({ where: { authorizationRequestId: request.id } });
    const stored = await liveGrantOf(database, who);
    expect([request.status, codes, stored !== null]).toEqual(
      moment === moments ? ['approved', 1, true] : ['awaiting_provider', 0, false],
    );
    expect((await travel.comeBack(who, back)).status).toBe(400);
    if (request.status === 'approved') continue;
    const again = await travel.comeBack(who, await travel.visit(await travel.approveAgain(who, handle)));
    expect(codeOf(again.headers.get('location') ?? '')).not.toBeNull();
  }
}, 120_000);
