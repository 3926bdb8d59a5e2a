/** Several gateway processes on one PostgreSQL: what must hold whichever of them a request reaches. */
import { createServer } from 'node:net';
import type { APIRequestContext } from '@playwright/test';
import {
  type BareClient,
  bareClient,
  CALLBACK,
  postForm,
  postJson,
  registerClient,
  type TokenAnswer,
  visit,
} from '../actors/bare-client.ts';
import { holdStream } from '../actors/held-stream.ts';
import { rawRequest } from '../actors/raw-request.ts';
import { openTicking } from '../actors/upstream-ticking.ts';
import { approve } from '../fixtures/consent.ts';
import { type Gateway, openGateway, removeFolder, temporaryFolder } from '../fixtures/gateway.ts';
import { type Connection, type Person, signUp } from '../fixtures/person.ts';
import { portOf } from '../fixtures/port.ts';
import { openPostgres } from '../fixtures/postgres.ts';
import { test as base, expect, expectPage, refusalOf } from '../fixtures/protocol.ts';
import { within } from '../fixtures/within.ts';

const REGISTRATIONS = 30;

type Cluster = {
  /** The one name of all of them: the address of the first. */
  url: string;
  /** The address of each of them, taken in turn. */
  next: () => string;
};
type Here = { person: Person; connection: Connection; api: APIRequestContext };

const test = base.extend<{ here: Here }, { cluster: Cluster }>({
  cluster: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const postgres = await openPostgres();
      const keys = temporaryFolder(); // the keyring is in it, and the same for all
      const settings = {
        DATABASE_URL: postgres.url,
        GRANTWAY_DATA: keys,
        GRANTWAY_ALLOW_UPSTREAMS: 'localhost', // that name, and not the address
        GRANTWAY_REGISTRATIONS_PER_MINUTE: String(REGISTRATIONS),
      };
      const first = await openGateway(settings);
      const others = await Promise.all([1, 2].map(() => openGateway({ ...settings, GRANTWAY_URL: first.url })));
      const all: Gateway[] = [first, ...others];
      let turn = 0;
      await use({
        url: first.url,
        next: () => {
          turn += 1;
          return all[turn % all.length]?.url ?? '';
        },
      });
      await Promise.all(all.map((one) => one.dispose()));
      removeFolder(keys);
      await postgres.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  // Else the gateway of the other tests would be opened for it.
  baseURL: async ({ cluster }, use) => use(cluster.url),

  // A browser of its own: the one of `page` belongs to the gateway of the worker.
  here: async ({ playwright, cluster, everything, extraHTTPHeaders }, use) => {
    const api = await playwright.request.newContext({ extraHTTPHeaders: extraHTTPHeaders ?? {} });
    const person = await signUp(api, cluster.url);
    const connection = await person.createConnection({
      name: 'Everything',
      remoteUrl: everything.url.replace('127.0.0.1', 'localhost'),
    });
    await use({ person, connection, api });
    await api.dispose();
  },
});

/** A request of the MCP protocol to one process, under the name that all of them have. */
const callAt = async (address: string, url: string, accessToken: string): Promise<number> => {
  const { host, pathname } = new URL(url);
  const headers = { host, authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  return (await rawRequest(`${address}${pathname}`, { method: 'POST', headers, body: '{}' })).status;
};

/** Takes a public client as far as the form that redeems its code. */
async function approvedForm({ api, person, connection }: Here, client: BareClient) {
  const asked = client.ask({ resource: connection.url });
  return client.codeForm(asked, await approve(api, person, asked.url));
}

const statusesOf = (responses: Response[]) => responses.map(({ status }) => status);

test('#99, #301 thirty redemptions of one code over three processes: one sign-in, which lives', async ({
  cluster,
  here,
}) => {
  // What comes more than a second after the first is no race but a replay: a machine that is busy with other things gets another go.
  const client = await registerClient(cluster.url);
  for (let [go, took] = [1, Number.POSITIVE_INFINITY]; took > 1_000; go++) {
    const form = await approvedForm(here, client);
    const from = { 'x-forwarded-for': `2001:db8:99:${go}::1` }; // how often one address may fail is not what is tried
    const began = performance.now();
    const all = await Promise.all(
      Array.from({ length: 30 }, () => postForm(`${cluster.next()}/oauth/token`, form, from)),
    );
    took = performance.now() - began;
    const won = all.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const lost of all.filter(({ status }) => status !== 200))
      expect(await refusalOf(lost)).toEqual([400, 'invalid_grant']);
    if (took > 1_000) continue;
    const [tokens] = (await Promise.all(won.map((one) => one.json()))) as TokenAnswer[];
    expect(await callAt(cluster.next(), here.connection.url, tokens?.access_token ?? '')).not.toBe(401);
    const next = await postForm(`${cluster.next()}/oauth/token`, client.refreshForm(tokens?.refresh_token ?? ''));
    expect(next.status).toBe(200);
  }
});

test('#118, field notes A3, A5 fifty refreshes of one token over three processes all get the one successor', async ({
  cluster,
  here,
}) => {
  const client = await registerClient(cluster.url);
  const form = await approvedForm(here, client);
  const first = (await (await postForm(`${cluster.url}/oauth/token`, form)).json()) as TokenAnswer;
  const refresh = (token: string): Promise<Response> =>
    postForm(`${cluster.next()}/oauth/token`, client.refreshForm(token));
  // Those that arrive at one process together are one presentation of the token: the limit on replays is not used up.
  const all = await Promise.all(Array.from({ length: 50 }, () => refresh(first.refresh_token ?? '')));
  expect(new Set(statusesOf(all))).toEqual(new Set([200]));
  const tokens = (await Promise.all(all.map((one) => one.json()))) as TokenAnswer[];
  expect(new Set(tokens.map((one) => one.refresh_token)).size).toBe(1);
  expect((await refresh(tokens[0]?.refresh_token ?? '')).status).toBe(200);
});

test('#133, #139, #323, field note B16: what is revoked at one process is over at the others with the very next request, and its streams at all of them', async ({
  cluster,
  here,
}) => {
  const { person } = here;
  const ticking = await openTicking();
  const remoteUrl = ticking.url.replace('127.0.0.1', 'localhost');
  const connection = await person.createConnection({ name: 'Ticking', remoteUrl });
  const client = await registerClient(cluster.url);
  const form = await approvedForm({ ...here, connection }, client);
  const tokens = (await (await postForm(`${cluster.next()}/oauth/token`, form)).json()) as TokenAnswer;
  const addresses = [cluster.next(), cluster.next(), cluster.next()];
  const streams = await Promise.all(
    [...addresses, ...addresses].map((address) => holdStream(address, connection.url, tokens.access_token)),
  );
  const everywhere = () =>
    Promise.all(addresses.map((address) => callAt(address, connection.url, tokens.access_token)));
  expect(await everywhere()).toEqual([200, 200, 200]);

  const [grant] = await person.grants();
  await person.revoke(grant?.id ?? '');
  expect(await everywhere()).toEqual([401, 401, 401]);
  for (const address of addresses) {
    const refresh = await postForm(`${address}/oauth/token`, client.refreshForm(tokens.refresh_token ?? ''));
    expect(await refusalOf(refresh)).toEqual([400, 'invalid_grant']);
  }
  await within(1_000, 'the streams at all three end', Promise.all(streams.map(({ ended }) => ended)));
  await ticking.stop();
});

test('#19, field note D37: registrations are limited by IPv4 address and IPv6 /64, counted over all processes, before anything is read', async ({
  cluster,
}) => {
  const register = (address: string, body: unknown = { redirect_uris: [CALLBACK] }, path = '/oauth/register') =>
    postJson(`${cluster.next()}${path}`, body, { 'x-forwarded-for': address });
  const one = await Promise.all(Array.from({ length: REGISTRATIONS + 6 }, () => register('203.0.113.19')));
  expect(statusesOf(one).filter((status) => status === 201)).toHaveLength(REGISTRATIONS);
  const refused = one.find(({ status }) => status === 429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused?.headers.get('cache-control')).toBe('no-store');
  // Neither a malformed body nor a malformed path is a free probe, and the alias is the same endpoint.
  for (const [body, path] of [
    ['{', '/oauth/register'],
    ['{}', '/oauth/register/resource/x'],
    ['{}', '/register'],
  ]) {
    expect((await register('203.0.113.19', body, path)).status, path).toBe(429);
  }
  const network = Array.from({ length: REGISTRATIONS + 1 }, (_, index) => register(`2001:db8:0:19::${index + 1}`));
  expect(statusesOf(await Promise.all(network)).filter((status) => status === 429)).toHaveLength(1);
  expect((await register('2001:db8:0:20::1')).status).toBe(201);
  expect((await register('203.0.113.20')).status).toBe(201);
});

test('#31, #32, #33 no document is fetched from an address that is not opened, and nothing is connected to', async ({
  cluster,
}) => {
  let connections = 0;
  const listener = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const port = portOf(listener);
  const closed = [
    `https://127.0.0.1:${port}/x`,
    `https://[::ffff:7f00:1]:${port}/x`,
    `https://0.0.0.0:${port}/x`,
    'https://[::1]/x',
    'https://10.0.0.1/x',
    'https://172.16.0.1/x',
    'https://192.168.0.1/x',
    'https://100.64.0.1/x',
    'https://169.254.169.254/latest',
    'https://198.18.0.1/x',
    'https://224.0.0.1/x',
    'https://[fc00::1]/x',
    'https://[fe80::1]/x',
    'https://[64:ff9b::7f00:1]/x',
    'https://[2002:7f00:1::]/x',
  ];
  for (const clientId of closed) {
    const { url } = bareClient(cluster.next(), { client_id: clientId }, CALLBACK).ask();
    await expectPage(await visit(url, { 'x-forwarded-for': '203.0.113.31' }), 'cannot be');
  }
  expect(connections).toBe(0);
  await new Promise((resolve) => listener.close(resolve));
});

test('#9, #332 every process publishes the same keys, and takes what another has signed', async ({ cluster, here }) => {
  const sets = await Promise.all([1, 2, 3].map(async () => (await fetch(`${cluster.next()}/oauth/jwks.json`)).text()));
  expect(new Set(sets).size).toBe(1);
  const form = await approvedForm(here, await registerClient(cluster.url));
  const tokens = (await (await postForm(`${cluster.next()}/oauth/token`, form)).json()) as TokenAnswer;
  for (let times = 0; times < 3; times += 1) {
    expect(await callAt(cluster.next(), here.connection.url, tokens.access_token)).not.toBe(401);
  }
});
