/** What a person sees when a client asks: who, where to, for what; and each reason why there is nothing to answer. */
import { bareClient } from '../actors/bare-client.ts';
import { nativeDocument } from '../actors/document-host.ts';
import { beginAuthorization, openMcpClient } from '../actors/mcp-client.ts';
import { openConsent } from '../fixtures/consent.ts';
import { openGateway } from '../fixtures/gateway.ts';
import { signUp } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';

test('the question names client, redirect URI, connection, host, context and account @phone', async ({
  page,
  person,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Issue tracker', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Coding agent' });
  await openConsent(page, await beginAuthorization(client));
  const main = page.getByRole('main');
  await expect(page.getByRole('heading', { name: 'Allow access to Issue tracker?' })).toBeVisible();
  await expect(main).toContainText('“Coding agent”');
  await expect(main).toContainText('Unverified: this name is self-reported.');
  await expect(main).toContainText(client.callback.redirectUri);
  await expect(main).toContainText('This goes to a program on this computer.');
  await expect(main).toContainText(`Issue tracker at ${new URL(everything.url).host}`);
  await expect(main).toContainText('yourself (personal)');
  await expect(main).toContainText(`Signed in as ${person.name} (${person.email})`);
  await page.getByRole('button', { name: 'Allow' }).click();
  await client.callback.answer();
  await client.close();
});

test('a client that is known by its own host is asked about by the host first, its own name in quotes @phone', async ({
  page,
  person,
  gateway,
  everything,
  documents,
}) => {
  const connection = await person.createConnection({ name: 'Issue tracker', remoteUrl: everything.url });
  const clientId = documents.publish(nativeDocument('Coding agent'));
  const { host } = new URL(documents.url);
  const client = bareClient(gateway.url, { client_id: clientId }, 'http://127.0.0.1:8976/callback');
  await openConsent(page, client.ask({ resource: connection.url }).url);
  const main = page.getByRole('main');
  await expect(main).toContainText('“Coding agent”');
  const asking = (await main.textContent()) ?? '';
  expect(asking.indexOf(host)).toBeGreaterThan(0);
  expect(asking.indexOf(host)).toBeLessThan(asking.indexOf('“Coding agent”'));
  await expect(main).not.toContainText('Unverified');
  await expect(main).toContainText(`any program could use the identity of ${host}`);
});

test('a client without a name is called unverified, and a permission for one hour says when it ends', async ({
  page,
  person,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Hourly', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url);
  await client.signIn(async (authorizationUrl) => {
    await openConsent(page, authorizationUrl);
    await expect(page.getByText('It gave no name, and nothing about it is verified.')).toBeVisible();
    await page.getByLabel('How long').selectOption({ label: 'For 1 hour' });
    await page.getByRole('button', { name: 'Allow' }).click();
  });
  // The client is content when it has its tokens; the page may still be on its way to it.
  await page.waitForURL(/\/callback\?/);
  await page.goto('/clients');
  await expect(page.getByRole('article', { name: 'Unverified MCP client, Hourly' })).toContainText(' · ends ');
  await client.close();
});

test('a request that was answered in one window is closed in the other, whichever answer it was', async ({
  page,
  person,
  everything,
  context,
}) => {
  const connection = await person.createConnection({ name: 'Twice', remoteUrl: everything.url });
  const outcomes = [
    { answer: 'Allow', later: 'You have already allowed this' },
    { answer: 'Deny', later: 'You have already denied this' },
  ] as const;
  for (const { answer, later } of outcomes) {
    const client = await openMcpClient(connection.url, { name: `Says ${answer}` });
    await openConsent(page, await beginAuthorization(client));
    const consentUrl = page.url();
    const second = await context.newPage();
    await second.goto(consentUrl); // opened twice: both windows ask
    await expect(second.getByRole('button', { name: 'Allow' })).toBeVisible();
    await page.getByRole('button', { name: answer, exact: true }).click();
    await client.callback.answer();
    await second.getByRole('button', { name: 'Allow' }).click();
    await expect(second.getByRole('heading', { name: later })).toBeVisible();
    await second.goto(consentUrl); // and loaded again, it says the same
    await expect(second.getByRole('heading', { name: later })).toBeVisible();
    await second.close();
    expect(client.callback.count()).toBe(1);
    await client.close();
  }
});

test('an unknown request has a page that says what to do @phone', async ({ page, person }) => {
  expect(person.email).toBeTruthy();
  for (const id of ['01890000-0000-7000-8000-000000000000', 'nonsense', '%22%3E']) {
    await page.goto(`/consent/${id}`);
    await expect(page.getByRole('heading', { name: 'No such request' })).toBeVisible();
  }
});

test('a request that nobody answers expires, and an answer after that allows nothing', async ({
  browser,
  everything,
}) => {
  test.slow();
  const gateway = await openGateway({ GRANTWAY_CONSENT_SECONDS: '3' });
  const context = await browser.newContext({ baseURL: gateway.url });
  const page = await context.newPage();
  const person = await signUp(context.request, gateway.url);
  const connection = await person.createConnection({ name: 'Slow', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Patient' });
  await openConsent(page, await beginAuthorization(client));
  const id = page.url().split('/').at(-1);
  const status = async () =>
    (
      await person.ask<{ authorizationRequest: { status: string } | null }>(
        'query ($id: String!) { authorizationRequest(id: $id) { status } }',
        { id },
      )
    ).authorizationRequest?.status;
  await expect.poll(status).toBe('EXPIRED');
  const allow = page.getByRole('button', { name: 'Allow' });
  if (await allow.isVisible()) await allow.click();
  await expect(page.getByRole('heading', { name: 'This request has expired' })).toBeVisible();
  expect(client.callback.count()).toBe(0);
  expect(await person.grants()).toEqual([]);
  await client.close();
  await context.close();
  await gateway.dispose();
});
