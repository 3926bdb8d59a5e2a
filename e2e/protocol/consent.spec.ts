/** What a client gets from a consent: the answer with state and issuer, or nothing at all. */
import { beginAuthorization, openMcpClient } from '../actors/mcp-client.ts';
import { answerWith, fillSignIn, openConsent } from '../fixtures/consent.ts';
import { signUp } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';

test('denying sends access_denied with state and issuer, and leaves no grant', async ({
  page,
  person,
  gateway,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Denied', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Unwelcome' });
  const authorizationUrl = await beginAuthorization(client);
  const [answer] = await Promise.all([client.callback.answer(), answerWith(page, 'Deny')(authorizationUrl)]);
  expect(Object.fromEntries(answer.searchParams)).toMatchObject({
    error: 'access_denied',
    state: client.memory.kept.state,
    iss: gateway.url,
  });
  expect(answer.searchParams.has('code')).toBe(false);
  expect(await person.grants()).toEqual([]);
  await client.close();
});

test('a person who is signed out signs in on the way, and comes back to the question', async ({
  page,
  person,
  gateway,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Signed out', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Early' });
  await page.context().clearCookies();
  const answer = await client.signIn(async (authorizationUrl) => {
    await page.goto(authorizationUrl.href);
    await expect(page.getByText('A client asks for access.')).toBeVisible();
    await fillSignIn(page, person);
    await page.getByRole('button', { name: 'Allow' }).click();
  });
  expect(answer.searchParams.get('iss')).toBe(gateway.url);
  expect(await client.echo('signed in')).toEqual([{ type: 'text', text: 'Echo: signed in' }]);
  await client.close();
});

test('a registered loopback redirect URI is good for every port, and for nothing else', async ({
  page,
  person,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Any port', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Native' });
  const authorizationUrl = await beginAuthorization(client); // registers the port that it has now
  const later = await openMcpClient(connection.url, { name: 'Native' });
  later.memory.kept.registration = client.memory.kept.registration;
  expect(new URL(later.callback.redirectUri).port).not.toBe(new URL(client.callback.redirectUri).port);
  await later.signIn(answerWith(page, 'Allow'));
  expect(await later.echo('another port')).toEqual([{ type: 'text', text: 'Echo: another port' }]);
  expect(client.callback.count()).toBe(0);

  for (const wrong of ['http://127.0.0.1:9/other', 'http://192.0.2.1/callback', 'http://localhost/callback']) {
    authorizationUrl.searchParams.set('redirect_uri', wrong);
    const response = await page.request.get(authorizationUrl.href, { maxRedirects: 0 });
    expect(response.status(), wrong).toBe(400);
    expect(response.headers()['content-type']).toContain('text/html');
    expect(response.headers()).not.toHaveProperty('location');
  }
  await later.close();
  await client.close();
});

test('only the browser that started a request can see and decide it', async ({
  page,
  person,
  browser,
  gateway,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Bound', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Bound' });
  await openConsent(page, await beginAuthorization(client));
  const requestId = page.url().split('/').at(-1);

  // The same account in another browser, and another account: both hold the link, neither holds the browser.
  const other = await browser.newContext({ baseURL: gateway.url });
  const otherPage = await other.newPage();
  await otherPage.goto(page.url());
  await fillSignIn(otherPage, person);
  await expect(otherPage.getByRole('heading', { name: 'No such request' })).toBeVisible();
  const elsewhere = await browser.newContext();
  const stranger = await signUp(elsewhere.request, gateway.url, 'Mallory');
  const { authorizationApprove } = await stranger.ask<{ authorizationApprove: { __typename: string } }>(
    'mutation ($input: AuthorizationApproveInput!) { authorizationApprove(input: $input) { __typename } }',
    { input: { requestId } },
  );
  expect(authorizationApprove.__typename).toBe('NotFoundError');
  expect(client.callback.count()).toBe(0);

  await page.getByRole('button', { name: 'Allow' }).click();
  expect((await client.callback.answer()).searchParams.has('code')).toBe(true);
  await elsewhere.close();
  await other.close();
  await client.close();
});

test('field note B19: revoking one of two clients ends its stream and leaves the other one open', async ({
  page,
  person,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Shared', remoteUrl: everything.url });
  const kept = await openMcpClient(connection.url, { name: 'Kept' });
  const ended = await openMcpClient(connection.url, { name: 'Ended' });
  for (const client of [kept, ended]) {
    await client.signIn(answerWith(page, 'Allow'));
    await client.rootsAsked;
  }
  const streamOf = (client: typeof kept) =>
    client.wire.exchanges.findLast((one) => one.isStream && one.method === 'GET');
  let keptEnded = false;
  streamOf(kept)?.ended.then(() => {
    keptEnded = true;
  });
  const [grant] = (await person.grants()).filter(({ client }) => client.name === 'Ended');
  await person.revoke(grant?.id ?? '');
  await streamOf(ended)?.ended;
  expect(await kept.echo('still here')).toEqual([{ type: 'text', text: 'Echo: still here' }]);
  expect(keptEnded).toBe(false);
  await kept.close();
  await ended.close();
});
