/** SECURITY group C, second half: a person’s answer is theirs alone, counts once, and is given on a page that nobody else can touch. */
import type { APIRequestContext } from '@playwright/test';
import { postForm, registerClient, visit } from '../actors/bare-client.ts';
import { decide, openConsent, openRequest } from '../fixtures/consent.ts';
import { signIn as signInAgain, signUp } from '../fixtures/person.ts';
import { expect, isTaken, refusalOf, test } from '../fixtures/protocol.ts';

const APPROVE = `mutation ($input: AuthorizationApproveInput!) { authorizationApprove(input: $input) {
  __typename ... on AuthorizationApprovePayload { redirectTo } } }`;

/** One GraphQL request as whoever holds these cookies would send it, with whatever headers an attacker's page can or cannot set. */
async function postApproval(
  api: APIRequestContext,
  url: string,
  requestId: string,
  headers: Record<string, string>,
  body?: string,
) {
  const response = await api.post(`${url}/graphql`, {
    headers,
    data: body ?? JSON.stringify({ query: APPROVE, variables: { input: { requestId } } }),
  });
  return `${response.status()} ${await response.text()}`;
}
const own = (url: string) => ({ origin: url, 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1' });

test('#48 the stored request alone says what is approved: nothing that a page or a link adds changes it', async ({
  context,
  person,
  gateway,
  connection,
  client,
}) => {
  const requestId = await openRequest(context.request, client.ask({ resource: connection.url }).url);
  const evil = 'https://evil.example/cb';
  for (const field of ['redirectUri', 'clientId', 'scopes', 'state', 'codeChallenge']) {
    const body = JSON.stringify({ query: APPROVE, variables: { input: { requestId, [field]: evil } } });
    const told = await postApproval(context.request, gateway.url, requestId, own(gateway.url), body);
    expect(told, field).not.toContain('redirectTo"');
  }
  await context.request.get(`/consent/${requestId}?redirect_uri=${evil}&client_id=x&state=y`);
  const answer = new URL((await decide(person, requestId)).redirectTo ?? '');
  expect(`${answer.origin}${answer.pathname}`).toBe(client.redirectUri);
  expect(answer.searchParams.get('state')).toBe('the state');
});

test('#59, #72, field note C30: every consent is for one client and one connection: another asks again', async ({
  context,
  person,
  gateway,
  connection,
  client,
  everything,
  signIn,
}) => {
  const other = await person.createConnection({ name: 'Other', remoteUrl: everything.url });
  const { tokens } = await signIn(client);
  expect(await isTaken(other.url, tokens.access_token)).toBe(false);
  const second = await registerClient(gateway.url, { client_name: 'Attacker' });
  for (const asked of [
    client.ask({ resource: other.url }),
    second.ask({ resource: connection.url }),
    client.ask({ resource: connection.url }),
  ]) {
    const response = await context.request.get(asked.url.href, { maxRedirects: 0 });
    expect(response.headers().location).toContain(`${gateway.url}/consent/`);
  }
  expect(await person.grants()).toHaveLength(1);
});

test('#66, #80 only the person’s own page can approve, and it counts once', async ({
  context,
  person,
  gateway,
  connection,
  client,
  playwright,
}) => {
  const requestId = await openRequest(context.request, client.ask({ resource: connection.url }).url);
  const { url } = gateway;
  const post = (headers: Record<string, string>) => postApproval(context.request, url, requestId, headers);
  const json = { 'content-type': 'application/json' };
  const crossSite = [
    await post({ ...own(url), origin: 'https://evil.example' }),
    await post({ ...own(url), origin: 'null' }),
    await post({ ...own(url), origin: url, 'sec-fetch-site': 'cross-site' }),
    await post(json), // neither Origin nor the header that a form cannot set
    await post({ origin: 'https://evil.example', 'content-type': 'text/plain' }),
    await post({ origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' }),
  ];
  crossSite.forEach((told, index) => {
    expect(told, String(index)).not.toContain('redirectTo"');
  });
  const query = new URLSearchParams({ query: APPROVE, variables: JSON.stringify({ input: { requestId } }) });
  const byGet = await context.request.get(`${url}/graphql?${query}`);
  expect(await byGet.text()).not.toContain('redirectTo');

  // Another person, and somebody without a session, with everything else right.
  const elsewhere = await playwright.request.newContext();
  const nobody = await playwright.request.newContext();
  await signUp(elsewhere, url, 'Mallory');
  for (const api of [elsewhere, nobody])
    expect(await postApproval(api, url, requestId, own(url))).not.toContain('redirectTo"');
  expect(await person.grants()).toEqual([]);

  const all = await Promise.all(Array.from({ length: 10 }, () => decide(person, requestId)));
  expect(all.filter(({ redirectTo }) => redirectTo !== undefined)).toHaveLength(1);
  const closed = all.filter(({ __typename }) => __typename === 'AuthorizationRequestClosedError');
  expect(closed).toHaveLength(9);
  expect((await decide(person, requestId, 'Deny')).__typename).toBe('AuthorizationRequestClosedError');
  expect(await person.grants()).toHaveLength(1);
  await elsewhere.dispose();
  await nobody.dispose();
});

test('#67, #69, #70, #71 no page on the way can be framed, cached, or gives its address away', async ({
  context,
  gateway,
  client,
  connection,
}) => {
  const asked = await context.request.get(client.ask({ resource: connection.url }).url.href, { maxRedirects: 0 });
  expect(asked.status()).toBe(303); // never 307 or 308
  expect(asked.headers()['cache-control']).toBe('no-store');
  const pages = [
    '/sign-in',
    new URL(asked.headers().location ?? '').pathname,
    '/oauth/authorize',
    '/clients',
    '/oauth/provider/callback?state=x&code=y',
  ];
  for (const path of pages) {
    const headers = (await context.request.get(path, { maxRedirects: 0 })).headers();
    const policy = headers['content-security-policy'] ?? '';
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).toMatch(/default-src '(self|none)'/);
    expect(policy, path).not.toMatch(/script-src[^;]*unsafe|https?:\/\/|\*/);
    expect([headers['x-frame-options'], headers['referrer-policy']], path).toEqual(['DENY', 'no-referrer']);
    expect(headers['cache-control'], path).toMatch(/no-store|no-cache/);
  }
  expect((await visit(`${gateway.url}${pages[1]}`)).headers.get('cache-control')).toBe('no-store');
});

test('#68 what a client says of itself is shown as text', async ({ page, gateway, connection }) => {
  const name = '<img src=x onerror=alert(1)>"\'</script><b>Bold</b>';
  const client = await registerClient(gateway.url, {
    client_name: name,
    client_uri: 'https://client.example/"><script>alert(1)</script>',
    logo_uri: 'https://client.example/logo.png',
  });
  let dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs += 1;
    return dialog.dismiss();
  });
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).host));
  await openConsent(page, client.ask({ resource: connection.url }).url);
  await expect(page.getByRole('main')).toContainText(name);
  await page.getByRole('button', { name: 'Deny', exact: true }).hover();
  expect(dialogs).toBe(0);
  // #69: and nothing is loaded from it, or from anywhere else.
  expect(new Set(loaded)).toEqual(new Set([new URL(gateway.url).host]));
});

test('#75, #76 whoever is not signed in, or not any more, approves nothing', async ({
  context,
  person,
  gateway,
  connection,
  client,
  playwright,
}) => {
  // Straight to the endpoint without a session: the question is kept, and nobody can answer it yet.
  const fresh = await playwright.request.newContext({ baseURL: gateway.url });
  const early = await openRequest(fresh, client.ask({ resource: connection.url }).url);
  expect(await postApproval(fresh, gateway.url, early, own(gateway.url))).toContain('UNAUTHENTICATED');
  const again = await signInAgain(fresh, gateway.url, person);
  expect((await decide(again, early)).redirectTo).toContain('code=');

  const open = await openRequest(context.request, client.ask({ resource: connection.url }).url);
  const signOut = await context.request.post('/api/auth/sign-out', { headers: { origin: gateway.url }, data: {} });
  expect(signOut.status()).toBe(200);
  expect(await postApproval(context.request, gateway.url, open, own(gateway.url))).toContain('UNAUTHENTICATED');

  // Another person in the same browser: the page is theirs, and the connection is not.
  const other = await signUp(context.request, gateway.url, 'Somebody else');
  expect((await decide(other, open)).redirectTo).toBeUndefined();
  await fresh.dispose();
});

test('#79 requests and codes have 128 bits and more, and no order', async ({ context, person, connection, client }) => {
  const ids: string[] = [];
  const codes: string[] = [];
  for (let count = 0; count < 30; count += 1) {
    const requestId = await openRequest(context.request, client.ask({ resource: connection.url }).url);
    ids.push(requestId);
    codes.push(new URL((await decide(person, requestId)).redirectTo ?? '').searchParams.get('code') ?? '');
  }
  for (const secrets of [ids, codes.map((code) => code.slice(4))]) {
    expect(new Set(secrets.map((one) => one.slice(0, 8))).size).toBe(secrets.length);
    expect(secrets.every((one) => one.length >= 32)).toBe(true); // 32 characters of base64url: 192 bits
    expect([...secrets].sort()).not.toEqual(secrets);
  }
});

test('#81 questions are limited by network address, with a page that says when to come back', async ({
  gateway,
  client,
  connection,
}) => {
  const from = (address: string) => visit(client.ask({ resource: connection.url }).url, { 'x-forwarded-for': address });
  const answers = await Promise.all(Array.from({ length: 130 }, () => from('203.0.113.81')));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(120);
  expect(refused).toHaveLength(10);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused[0]?.headers.get('content-type')).toMatch(/^text\/html/);
  expect((await from('203.0.113.82')).status).toBe(303);
  // The other endpoints are not affected.
  const token = await postForm(`${gateway.url}/oauth/token`, client.refreshForm('gwr_x'), {
    'x-forwarded-for': '203.0.113.81',
  });
  expect(await refusalOf(token)).toEqual([400, 'invalid_grant']);
});
