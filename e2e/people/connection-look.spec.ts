/** Looking at a connection: does its server answer, who uses it how much, and why can a client not sign in? */
import { openMcpClient } from '../actors/mcp-client.ts';
import { openStateless } from '../actors/upstream-stateless.ts';
import { allowUnseen } from '../fixtures/consent.ts';
import type { Connection } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';

const pageOf = ({ id }: Connection): string => `/connections/${encodeURIComponent(id)}`;

test('Test reaches servers of both eras and lists their tools, and says why another is not reached @phone', async ({
  page,
  person,
  everything,
}) => {
  const stateless = await openStateless();
  const [old, modern, gone] = [
    await person.createConnection({ name: 'Old', remoteUrl: everything.url }),
    await person.createConnection({ name: 'Modern', remoteUrl: stateless.url }),
    await person.createConnection({ name: 'Gone', remoteUrl: 'http://127.0.0.1:1024/mcp' }),
  ];
  const section = page.getByRole('region', { name: 'Test', exact: true });
  const outcome = section.getByRole('status');
  await page.goto(pageOf(old));
  await section.getByRole('button', { name: 'Test the connection' }).click();
  await expect(outcome).toContainText(/Reached in \d+ ms, MCP 2025-11-25, \d+ tools\./);
  await section.getByText('What it offers').click();
  await expect(outcome.getByRole('listitem').filter({ hasText: 'Echo' })).toBeVisible();
  await page.goto(pageOf(modern));
  await section.getByRole('button', { name: 'Test the connection' }).click();
  await expect(outcome).toContainText(/Reached in \d+ ms, MCP 2026-07-28, 1 tool\./);
  await page.goto(pageOf(gone));
  await section.getByRole('button', { name: 'Test the connection' }).click();
  await expect(outcome).toContainText('Nothing listens at this address.');
  await expect(section.getByRole('button', { name: 'Test again' })).toBeVisible();
  await stateless.stop();
});

test('a client arrives on the page of its connection, and its use is drawn and told', async ({
  page,
  person,
  everything,
  context,
}) => {
  const connection = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  await page.goto(pageOf(connection));
  const progress = page.getByRole('status', { name: 'Progress' });
  await expect(progress).toContainText('Waiting for a client to ask for your permission');
  const client = await openMcpClient(connection.url, { name: 'Worker' });
  await client.signIn(allowUnseen(context.request, person));
  await expect(progress).toContainText('“Worker” has your permission');
  await client.echo('first');
  await expect(progress).toContainText('“Worker” reached the server through Grantway');
  await expect(page.getByRole('region', { name: 'Who uses it for you' })).toContainText('“Worker” · authorized');

  const usage = page.getByRole('region', { name: 'Usage' });
  await expect(usage).toContainText(/\d+ requests in 30 days, 0 errors, 0 denials\./);
  await usage.getByText('Show as a table').click();
  await expect(usage.getByRole('table', { name: 'Usage by day' }).getByRole('row')).toHaveCount(2);
  await page.getByRole('link', { name: 'Manage access' }).click();
  await expect(page).toHaveURL(/\/clients\?connection=/);
  await expect(page.getByRole('article', { name: '“Worker”, Tracker' })).toBeVisible();
  await client.close();
});

test('the steps of sign-in attempts show where each stopped and what differed', async ({
  page,
  person,
  everything,
  context,
  gateway,
}) => {
  const connection = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  await page.goto(pageOf(connection));
  await page.getByRole('link', { name: 'Sign-in attempts' }).click();
  await expect(page.getByText('No attempt yet')).toBeVisible();

  const client = await openMcpClient(connection.url, { name: 'Worker' });
  await client.signIn(allowUnseen(context.request, person));
  await client.echo('works');
  const worked = page.getByRole('article', { name: '“Worker”' });
  await expect(worked).toContainText('Signed in');
  await worked.getByText('All steps went well').click();
  await expect(worked.getByRole('listitem').filter({ hasText: 'First call' })).toContainText('done');

  const wrong = new URL(`${gateway.url}/oauth/authorize`);
  wrong.search = new URLSearchParams({
    client_id: client.memory.kept.registration?.client_id ?? '',
    redirect_uri: 'https://elsewhere.example/callback',
    response_type: 'code',
    resource: connection.url,
  }).toString();
  expect((await fetch(wrong)).status).toBe(400);
  const failed = page.getByRole('article').filter({ hasText: 'Failed' });
  await expect(failed.getByRole('listitem').filter({ hasText: 'Authorization request' })).toContainText(
    'The client asks for the answer at an address that it has not registered.',
  );
  await expect(failed).toContainText('https://elsewhere.example/callback');
  await expect(failed).toContainText(client.callback.redirectUri);

  const key = { headers: { authorization: 'Bearer sk-pasted-key' }, method: 'POST' };
  expect((await fetch(connection.url, key)).status).toBe(401);
  const pasted = page.getByRole('article').filter({ hasText: 'a credential that Grantway did not issue' });
  await expect(pasted).toContainText(`Issuer, expected${gateway.url}`);
  await expect(page.locator('body')).not.toContainText('sk-pasted-key');
  await client.close();
});
