/** One process with the control plane and two with the gateway plane, PostgreSQL behind PgBouncer in transaction mode. */
import type { APIRequestContext } from '@playwright/test';
import { CALLBACK, postForm, postJson, registerClient, type TokenAnswer, visit } from '../actors/bare-client.ts';
import { holdStream } from '../actors/held-stream.ts';
import { openMcpClient } from '../actors/mcp-client.ts';
import { rawRequest } from '../actors/raw-request.ts';
import type { Upstream } from '../actors/upstream-everything.ts';
import { openTicking } from '../actors/upstream-ticking.ts';
import { type Balancer, openBalancer } from '../fixtures/balancer.ts';
import { allowUnseen, approve } from '../fixtures/consent.ts';
import { type Gateway, openGateway, removeFolder, temporaryFolder } from '../fixtures/gateway.ts';
import { type Person, signUp } from '../fixtures/person.ts';
import { openPooler } from '../fixtures/pooler.ts';
import { openPostgres } from '../fixtures/postgres.ts';
import { test as base, expect, refusalOf } from '../fixtures/protocol.ts';
import { within } from '../fixtures/within.ts';

type Planes = { balancer: Balancer; control: Gateway; gateways: Gateway[]; ticking: Upstream };

const test = base.extend<{ person: Person; api: APIRequestContext }, { planes: Planes }>({
  planes: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const [postgres, ticking] = await Promise.all([openPostgres(), openTicking()]);
      const pooler = await openPooler(postgres.url);
      const keys = temporaryFolder(); // the keyring is in it, and the same for all
      const addresses: { gateways: string[]; controls: string[] } = { gateways: [], controls: [] };
      const balancer = await openBalancer(addresses.gateways, addresses.controls);
      const settings = {
        DATABASE_URL: pooler.url,
        GRANTWAY_DIRECT_DATABASE_URL: postgres.url,
        GRANTWAY_URL: balancer.url,
        GRANTWAY_DATA: keys,
      };
      const open = async (plane: 'control' | 'gateway') => {
        const one = await openGateway({ ...settings, GRANTWAY_PLANES: plane });
        addresses[`${plane}s`].push(one.url);
        return one;
      };
      const control = await open('control');
      const gateways = await Promise.all([open('gateway'), open('gateway')]);
      await use({ balancer, control, gateways, ticking });
      await Promise.all([control, ...gateways].map((one) => one.dispose()));
      await balancer.close();
      await pooler.stop();
      await Promise.all([postgres.stop(), ticking.stop()]);
      removeFolder(keys);
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  // Else the gateway of the other tests would be opened for it.
  baseURL: async ({ planes }, use) => use(planes.balancer.url),
  api: async ({ playwright, extraHTTPHeaders }, use) => {
    const api = await playwright.request.newContext({ extraHTTPHeaders: extraHTTPHeaders ?? {} });
    await use(api);
    await api.dispose();
  },
  person: async ({ api, planes }, use) => use(await signUp(api, planes.balancer.url)),
});

test('#133, #323 an MCP client signs in, calls and refreshes across planes and a pooler, and is out at once when its grant is revoked', async ({
  planes: { balancer, gateways },
  person,
  api,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Everything', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Across' });
  await client.signIn(allowUnseen(api, person));
  expect(await client.echo('hello')).toEqual([{ type: 'text', text: 'Echo: hello' }]);
  await client.rootsAsked;
  const stream = client.wire.exchanges.findLast(({ isStream, method }) => isStream && method === 'GET');
  const tokens = await client.refresh(client.memory.kept.tokens?.refresh_token ?? '');
  const { host, pathname } = new URL(connection.url);
  const headers = { host, authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' };
  const everywhere = () =>
    Promise.all(
      gateways.map(async ({ url }) => {
        const init = { method: 'POST', headers, body: '{}' };
        return (await rawRequest(`${url}${pathname}`, init)).status;
      }),
    );
  expect(await everywhere()).not.toContain(401);

  for (const grant of await person.grants()) await person.revoke(grant.id);
  expect(await everywhere()).toEqual([401, 401]);
  await within(2_000, 'the stream ends', stream?.ended ?? Promise.reject(new Error('There was no stream.')));
  const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
  const refused = await postForm(`${balancer.url}/oauth/token`, {
    ...form,
    client_id: client.memory.kept.registration?.client_id ?? '',
  });
  expect(await refusalOf(refused)).toEqual([400, 'invalid_grant']);
  await client.close();
});

test('#323 many sign-ins at once share few connections of the pooler: each works, is cut alone, and is refused afterwards', async ({
  planes: { balancer, gateways, ticking },
  person,
  api,
}) => {
  const connection = await person.createConnection({ name: 'Ticking', remoteUrl: ticking.url });
  const { pathname, host } = new URL(connection.url);
  const sign = async (name: string) => {
    const client = await registerClient(balancer.url, { client_name: name });
    const asked = client.ask({ resource: connection.url });
    const form = client.codeForm(asked, await approve(api, person, asked.url));
    const first = (await (await postForm(`${balancer.url}/oauth/token`, form)).json()) as TokenAnswer;
    const refreshed = await postForm(`${balancer.url}/oauth/token`, client.refreshForm(first.refresh_token ?? ''));
    expect(refreshed.status).toBe(200);
    const { access_token: token } = (await refreshed.json()) as TokenAnswer;
    const streams = await Promise.all(gateways.map(({ url }) => holdStream(url, connection.url, token)));
    return { name, token, streams };
  };
  const all = await Promise.all(['One', 'Two', 'Three', 'Four', 'Five', 'Six'].map(sign));
  const call = async (token: string, n: number) => {
    const headers = { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: '{}' };
    return (await rawRequest(`${gateways[n % gateways.length]?.url}${pathname}`, init)).status;
  };
  // More at once than the pooler has connections, so that each of ours is served by several of its own.
  const calls = await Promise.all(Array.from({ length: 240 }, (_, n) => call(all[n % all.length]?.token ?? '', n)));
  expect(new Set(calls)).toEqual(new Set([200]));

  const [living, ...ending] = all;
  const grants = await person.grants();
  for (const { name } of ending) await person.revoke(grants.find(({ client }) => client.name === name)?.id ?? '');
  expect(await Promise.all(ending.map(({ token }, n) => call(token, n)))).toEqual(ending.map(() => 401));
  const cut = Promise.all(ending.flatMap(({ streams }) => streams.map(({ ended }) => ended)));
  await within(2_000, 'the streams of both processes end', cut);
  const before = living?.streams.map(({ received }) => received()) ?? [];
  await expect
    .poll(() => living?.streams.every(({ received }, n) => received() > (before[n] ?? 0)), {
      message: 'the others flow',
    })
    .toBe(true);
  expect(await call(living?.token ?? '', 0)).toBe(200);
});

test('each plane answers for itself alone', async ({ planes: { control, gateways } }) => {
  const [gateway] = gateways;
  for (const path of ['/oauth/jwks.json', '/graphql', '/.well-known/oauth-authorization-server', '/']) {
    expect((await visit(`${gateway?.url}${path}`)).status, path).toBe(404);
  }
  expect((await postJson(`${gateway?.url}/oauth/register`, { redirect_uris: [CALLBACK] })).status).toBe(404);
  const connect = `/mcp-connect/user/${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}/x/y`;
  for (const path of [connect, `/.well-known/oauth-protected-resource${connect}`]) {
    const answer = await visit(`${control.url}${path}`);
    expect([answer.status, answer.headers.get('content-type')], path).toEqual([404, 'application/json']);
  }
});
