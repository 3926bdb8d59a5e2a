/** #216 Two providers, one of them dishonest, neither of which says in its answers who it is: no code goes to the one that did not give it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CALLBACK_PATH, callbackUrl, issuerKey } from '../../core/connections/callback-url.ts';
import { setProviderClient } from '../../core/connections/set-provider-client.ts';
import type { Database } from '../../platform/database.ts';
import { seal } from '../../platform/seal.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { liveGrantOf, makeTraveller, openTravel, type Travel, type Traveller } from '../../testing/provider-scene.ts';
import { ISSUER } from '../../testing/scene.ts';

let database: Database;
let honest: TestProvider;
let crooked: TestProvider;
let travel: Travel;
beforeAll(async () => {
  database = await openTestDatabase();
  honest = await openProviderServer();
  crooked = await openProviderServer();
  for (const one of [honest, crooked]) one.metadata = { authorization_response_iss_parameter_supported: undefined };
  travel = await openTravel(database);
});
beforeEach(() => {
  crooked.tokenCalls.length = 0;
});
afterAll(async () => {
  await Promise.all([honest.close(), crooked.close()]);
  await database.close();
});

/** At the provider, which does not say who it is. */
const visit = async (to: string): Promise<URL> => {
  const back = new URL(await travel.visit(to));
  back.searchParams.delete('iss');
  return back;
};
const callbackOf = async (to: string): Promise<string> => new URL(to).searchParams.get('redirect_uri') ?? '';
const clientOf = (who: Traveller) =>
  database.db.providerClient.findFirstOrThrow({ where: { connectionId: who.connection.id, retiredAt: null } });

/** The crooked provider sends a browser on to the honest one, as the client that we are there, for a code of the honest one's. */
async function sentOn(to: string, clientId: string, redirectUri: string): Promise<URL> {
  const asked = new URL(to);
  const onward = new URL(`${honest.url}/authorize`);
  for (const [name, value] of asked.searchParams) onward.searchParams.set(name, value);
  onward.searchParams.set('client_id', clientId);
  onward.searchParams.set('redirect_uri', redirectUri);
  return visit(onward.href);
}

test('a provider that does not say who it is answers at a callback of its own, and is believed there', async () => {
  const who = await makeTraveller(database, honest);
  const { to } = await travel.setOut(who);
  expect(await callbackOf(to)).toBe(callbackUrl(ISSUER, honest.url));
  expect((await travel.comeBack(who, (await visit(to)).href)).status).toBe(303);
  expect(await liveGrantOf(database, who)).not.toBeNull();
});

describe('a code of the honest provider, under the state of a sign-in at the crooked one', () => {
  test.each([
    ['its code', (back: URL) => back],
    [
      'its refusal',
      (back: URL) => {
        back.searchParams.delete('code');
        back.searchParams.set('error', 'access_denied');
        return back;
      },
    ],
  ])('%s goes nowhere', async (_name, change) => {
    const there = await makeTraveller(database, honest);
    const clientId = new URL((await travel.setOut(there)).to).searchParams.get('client_id') ?? '';
    const who = await makeTraveller(database, crooked);
    const { to } = await travel.setOut(who);
    const back = change(await sentOn(to, clientId, callbackUrl(ISSUER, honest.url)));
    const answer = await travel.comeBack(who, back.href);
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('server_error');
    expect(crooked.tokenCalls).toEqual([]);
    expect(await liveGrantOf(database, who)).toBeNull();
    // The state is spent: what was tried once is not tried again.
    expect((await travel.comeBack(who, callbackUrl(ISSUER, crooked.url) + back.search)).status).toBe(400);
    expect(crooked.tokenCalls).toEqual([]);
  });

  test('also where the client there was entered by hand, with the one callback of before', async () => {
    const { who: there, redirectUri } = await byHandOfBefore();
    expect(redirectUri).toBe(ISSUER + CALLBACK_PATH);
    const who = await makeTraveller(database, crooked);
    const back = await sentOn((await travel.setOut(who)).to, (await clientOf(there)).clientId, redirectUri);
    await travel.comeBack(who, back.href);
    expect(crooked.tokenCalls).toEqual([]);
    expect(await liveGrantOf(database, who)).toBeNull();
  });
});

const CLIENT = { clientId: 'by-hand', clientSecret: 'typed', authMethod: 'client_secret_basic' as const };

const enter = (who: Traveller, client = CLIENT) => {
  const input = { connectionId: who.connection.id, issuer: honest.url, client };
  return setProviderClient(database, travel.providers.keyring, { userId: who.user.id }, input, new Date());
};

async function byHand(): Promise<Traveller> {
  const who = await makeTraveller(database, honest);
  await database.db.connection.update({ where: { id: who.connection.id }, data: { authMode: 'oauth_static' } });
  await enter(who);
  return who;
}

/** As it was kept before every provider had a callback of its own. */
async function byHandOfBefore() {
  const who = await byHand();
  const { id } = await clientOf(who);
  const kept = JSON.stringify({ ...CLIENT, redirectUri: null, oldRules: false });
  const sealed = await seal(travel.providers.keyring, `provider_client/${id}`, kept);
  await database.db.providerClient.update({ where: { id }, data: { sealed } });
  const { to } = await travel.setOut(who);
  return { who, to, redirectUri: await callbackOf(to) };
}

describe('a client entered by hand', () => {
  test('goes by the callback of its provider', async () => {
    const who = await byHand();
    const { to } = await travel.setOut(who);
    expect(await callbackOf(to)).toBe(callbackUrl(ISSUER, honest.url));
    expect((await travel.comeBack(who, (await visit(to)).href)).status).toBe(303);
  });

  test('of before goes by the callback that the provider has on file, also with another secret', async () => {
    const { who, to } = await byHandOfBefore();
    expect((await travel.comeBack(who, (await visit(to)).href)).status).toBe(303);
    expect(Object.fromEntries(honest.tokenCalls.at(-1) ?? [])).toMatchObject({ redirect_uri: ISSUER + CALLBACK_PATH });
    await enter(who, { ...CLIENT, clientSecret: 'another' });
    expect(await callbackOf((await travel.setOut(who)).to)).toBe(ISSUER + CALLBACK_PATH);
  });
});

test('a registration with the one callback of before is made anew, with the provider’s own', async () => {
  const who = await makeTraveller(database, honest);
  await travel.setOut(who);
  const { id, clientId } = await clientOf(who);
  const kept = { ...CLIENT, clientId, redirectUri: ISSUER + CALLBACK_PATH, oldRules: false };
  const sealed = await seal(travel.providers.keyring, `provider_client/${id}`, JSON.stringify(kept));
  await database.db.providerClient.update({ where: { id }, data: { sealed } });
  expect(await callbackOf((await travel.setOut(who)).to)).toBe(callbackUrl(ISSUER, honest.url));
  expect((await clientOf(who)).id).not.toBe(id);
});

test('no two issuers have one callback, and none gives away more than that it is another', () => {
  const keys = ['https://a.example', 'https://a.example/', 'https://A.example', 'https://a.example/t/1'].map(issuerKey);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[\w-]{22}$/);
});
