/** Keys rotate while several processes serve one client: what is signed by any of them is taken by all of them, all the time. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { APIRequestContext } from '@playwright/test';
import { ROOT, startChild } from '../fixtures/child.ts';
import { type Gateway, openGateway, removeFolder, temporaryFolder } from '../fixtures/gateway.ts';
import { type Person, signUp } from '../fixtures/person.ts';
import { openPostgres } from '../fixtures/postgres.ts';
import { expect, test } from '../fixtures/test.ts';

const CALLBACK = 'http://127.0.0.1:7777/callback';

/** Signs a client in as a browser would, without one. */
async function signInClient(api: APIRequestContext, person: Person, base: string, resource: string) {
  const registered = await api.post(`${base}/oauth/register`, { data: { redirect_uris: [CALLBACK] } });
  const { client_id: clientId, client_secret: secret } = await registered.json();
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: CALLBACK,
    response_type: 'code',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource,
  });
  const asked = await api.get(`${base}/oauth/authorize?${query}`, { maxRedirects: 0 });
  const requestId = asked.headers().location?.split('/').at(-1);
  const { authorizationApprove } = await person.ask<{ authorizationApprove: { redirectTo: string } }>(
    `mutation ($id: String!) { authorizationApprove(input: { requestId: $id }) {
      ... on AuthorizationApprovePayload { redirectTo } } }`,
    { id: requestId },
  );
  const code = new URL(authorizationApprove.redirectTo).searchParams.get('code') ?? '';
  const ask = (at: Gateway, form: Record<string, string>) =>
    fetch(`${at.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams(form),
    });
  return { code, verifier, ask };
}

/** What a process answers to an MCP client with this token. `host` is the gateway's public one, as a proxy passes it on. */
const statusAt = (process: Gateway, resource: string, token: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { host, pathname } = new URL(resource);
    const asked = httpRequest(
      new URL(pathname, process.url),
      { method: 'POST', headers: { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' } },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    asked.once('error', reject);
    asked.end('{"jsonrpc":"2.0","id":1,"method":"ping"}');
  });

test('#156 #271 #332 three processes under load, all three algorithms, two rotations: not one request is refused', async ({
  request,
  everything,
}) => {
  test.slow();
  const [postgres, folder] = [await openPostgres(), temporaryFolder()];
  const settings = { DATABASE_URL: postgres.url, GRANTWAY_KEYS: join(folder, 'keys.json') };
  // The first process makes a keyring, as an operator would let it; the others are given its file.
  const maker = await openGateway({ DATABASE_URL: postgres.url, GRANTWAY_DATA: folder });
  await maker.dispose();
  const first = await openGateway(settings);
  const others = [1, 2].map(() => openGateway({ ...settings, GRANTWAY_URL: first.url }));
  const processes = [first, ...(await Promise.all(others))];
  const keys = async (...args: string[]): Promise<string> => {
    const command = startChild([join(ROOT, 'server/commands/keys.ts'), ...args], { ...process.env, ...settings });
    const { code } = await command.exited;
    expect(code, command.said()).toBe(0);
    return command.said();
  };
  const keyring = () => JSON.parse(readFileSync(settings.GRANTWAY_KEYS, 'utf8')).keys as { kid: string; kty: string }[];

  const person = await signUp(request, first.url);
  const connection = await person.createConnection({
    name: 'Sealed',
    remoteUrl: everything.url,
    headers: [{ name: 'X-Key', value: 'sealed by whichever key is current' }],
  });
  const client = await signInClient(request, person, first.url, connection.url);
  const form = { grant_type: 'authorization_code', code: client.code, redirect_uri: CALLBACK };
  let tokens = await (await client.ask(first, { ...form, code_verifier: client.verifier })).json();

  const statuses = new Map<number, number>();
  const signedBy = new Map<string, number>();
  let requests = 0;
  let stop = false;
  // Every token is minted by one process and shown to all, and some are shown again until they are old.
  const load = (async () => {
    const recent: string[] = [];
    while (!stop) {
      const at = processes[requests % processes.length] as Gateway;
      const answer = await client.ask(at, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      tokens = await answer.json();
      const { alg } = JSON.parse(Buffer.from(tokens.access_token.split('.')[0], 'base64url').toString());
      signedBy.set(alg, (signedBy.get(alg) ?? 0) + 1);
      if (recent.push(tokens.access_token) > 12) recent.splice(Math.floor(Math.random() * 8), 1);
      const shown = recent.flatMap((token) => processes.map((each) => statusAt(each, connection.url, token)));
      for (const status of await Promise.all(shown)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      requests += shown.length;
      await pause(40); // other tests have this machine too
    }
  })();

  const published = async (at: Gateway) =>
    ((await (await fetch(`${at.url}/oauth/jwks.json`)).json()) as { keys: { alg: string }[] }).keys.map(
      ({ alg }) => alg,
    );
  for (const alg of ['EdDSA', 'RS256']) {
    await keys('rotate', '--alg', alg, '--after', '5');
    // Every process publishes it before any of them signs with it.
    for (const each of processes) await expect.poll(() => published(each), { timeout: 5_000 }).toContain(alg);
    expect(signedBy.has(alg)).toBe(false);
    await expect.poll(() => signedBy.get(alg) ?? 0, { timeout: 20_000 }).toBeGreaterThan(2);
  }
  // While all of it runs: what older keys sealed is sealed again, and the old sealing keys go; the old signing keys are still needed.
  await keys('reseal');
  const sealing = async () => {
    await keys('retire');
    return keyring().filter(({ kty }) => kty === 'oct').length;
  };
  await expect.poll(sealing, { timeout: 20_000 }).toBe(1);
  stop = true;
  await load;

  expect([...signedBy.keys()].sort()).toEqual(['ES256', 'EdDSA', 'RS256'].sort());
  expect(
    keyring()
      .map(({ kty }) => kty)
      .sort(),
  ).toEqual(['EC', 'OKP', 'RSA', 'oct'].sort());
  expect(await keys('list')).toMatch(/verifies, needed until/);
  // No 401 and no 5xx; what the upstream thinks of a lone ping is its own business.
  expect([...statuses.keys()].filter((status) => status === 401 || status >= 500)).toEqual([]);
  expect(requests).toBeGreaterThan(100);
  await Promise.all(processes.map((each) => each.dispose()));
  await postgres.stop();
  removeFolder(folder);
});
