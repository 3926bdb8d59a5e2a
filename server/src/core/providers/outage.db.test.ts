/** A provider that is away: what our own clients notice of it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { Unavailable } from '../../platform/transient.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { liveGrantOf, makeTraveller, openTravel, type Travel, type Traveller } from '../../testing/provider-scene.ts';
import { REFRESH_IDLE, redeem } from '../../testing/scene.ts';
import { refresh } from '../tokens/refresh-token.ts';
import { openCredentials } from './credential.ts';

let database: Database;
let provider: TestProvider;
let travel: Travel;
beforeAll(async () => {
  database = await openTestDatabase();
  provider = await openProviderServer();
  travel = await openTravel(database);
});
afterEach(() => {
  provider.instead = () => undefined;
});
afterAll(async () => {
  await provider.close();
  await database.close();
});

/** Signed in at the provider, and a client with a refresh token of ours. */
async function signedIn() {
  const who = await makeTraveller(database, provider);
  const { code, verifier } = await travel.signInThere(who);
  const redeemed = await redeem(database, who, code ?? '', verifier);
  if (!redeemed.ok || redeemed.value.refreshToken === null) throw new Error('the code gave no refresh token');
  const held = await liveGrantOf(database, who);
  if (!held) throw new Error('nothing is held of the provider');
  return { who, held, refreshToken: redeemed.value.refreshToken };
}

const ourRefresh = (who: Traveller, refreshToken: string) =>
  refresh(
    database,
    { refreshToken, oauthClientId: who.client.id, isOtherResource: () => false, scopes: undefined },
    { refreshIdle: REFRESH_IDLE, replayWindow: 60, replays: 20 },
  );

test('#123 an outage of the provider is 503 at the gateway, and nothing at all to a client that refreshes', async () => {
  const { who, held, refreshToken } = await signedIn();
  provider.instead = (path) => (path === '/token' ? { status: 503 } : undefined);
  await expect(openCredentials(travel.providers).renew(held.id, held.version)).rejects.toThrow(Unavailable);
  expect((await liveGrantOf(database, who))?.instance.status).toBe('active');
  const next = await ourRefresh(who, refreshToken);
  expect(next).toMatchObject({ ok: true, value: { refreshToken: expect.stringMatching(/^gwr_/) } });
});
