/** A provider that is away, or that no longer accepts what it gave: what our own clients notice of it, and what it still has to hear. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { Unavailable } from '../../platform/transient.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { liveGrantOf, makeTraveller, openTravel, type Travel, type Traveller } from '../../testing/provider-scene.ts';
import { REFRESH_IDLE, redeem } from '../../testing/scene.ts';
import { refresh } from '../tokens/refresh-token.ts';
import { openCredentials } from './credential.ts';
import { revokeEnded } from './outbox.ts';
import { disconnect } from './sign-in.ts';

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

test('#135 what a person ends is ended here at once, and told to the provider until it has heard it', async () => {
  const { who, held } = await signedIn();
  provider.revocations.length = 0;
  provider.instead = (path) => (path === '/revoke' ? { status: 503 } : undefined);
  const { user, connection } = who;
  const ended = await disconnect(database, { userId: user.id, connectionId: connection.id }, new Date());
  expect(ended).toMatchObject({ ok: true });
  expect(await liveGrantOf(database, who)).toBeNull();

  // Its fault does not undo ours, and the entry stays for later.
  const entry = () => database.db.providerRevocation.findUnique({ where: { providerGrantId: held.id } });
  await revokeEnded(travel.providers);
  expect(await entry()).toMatchObject({ attempts: 1 });
  expect(await liveGrantOf(database, who)).toBeNull();

  provider.instead = () => undefined;
  await database.db.providerRevocation.update({
    where: { providerGrantId: held.id },
    data: { nextAttemptAt: new Date(0) },
  });
  await revokeEnded(travel.providers);
  expect(provider.revocations.map((form) => form.get('token_type_hint'))).toContain('refresh_token');
  expect(await entry()).toBeNull();
  // Of the bundle nothing is left.
  expect(await database.db.providerGrant.findUnique({ where: { id: held.id } })).toMatchObject({ sealed: '' });
});
