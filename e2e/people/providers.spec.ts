/** Signing in upstream, as the owner of a connection sees it: what the page finds out, asks for, shows, and never shows again. */
import { type AnnouncedServer, openAnnounced } from '../actors/announced-server.ts';
import { violationsOf } from '../fixtures/judge.ts';
import { freePort } from '../fixtures/port.ts';
import { expect, test } from '../fixtures/test.ts';

let itself: AnnouncedServer;
let byHand: AnnouncedServer;
test.beforeAll(async () => {
  itself = await openAnnounced(true);
  byHand = await openAnnounced(false);
});
test.afterAll(() => Promise.all([itself.stop(), byHand.stop()]));

test('the page tells what it found at the address, while it is typed, and what it proposes for it', async ({
  page,
  person,
  everything,
  gateway,
}) => {
  expect(person.email).toBeTruthy();
  await page.goto('/connections/new');
  const finding = page.getByRole('note', { name: 'What was found at this address' });
  const mode = (name: string) => page.getByRole('radio', { name, exact: true });
  const type = (url: string) => page.getByLabel('Server URL').fill(url);

  await type(everything.url);
  await expect(finding).toContainText('lets anyone in: no sign-in is needed. Reached in');
  await type(itself.url);
  await expect(finding).toContainText(`asks everyone to sign in at ${new URL(itself.url).host}`);
  await expect(finding).toContainText('Grantway can register there by itself');
  await type(byHand.url);
  await expect(finding).toContainText('it needs a client ID from the provider');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(mode('Each person signs in, with a client of your own')).toBeChecked();
  await expect(page.getByText(new RegExp(`^${gateway.url}/oauth/provider/callback/[\\w-]{22}$`))).toBeVisible();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await type(`${gateway.url}/health/live`);
  await expect(finding).toContainText('it is no MCP server');
  await type(`http://127.0.0.1:${await freePort()}/mcp`);
  await expect(finding).toContainText('Nothing answers there');
  await type('http://10.0.0.1/mcp');
  await expect(finding).toContainText('private or local address');
});

test('a person connects, sees their account, and disconnects @phone', async ({ page, person }) => {
  await page.goto('/connections/new');
  // Faster than the look: the page waits for it.
  await page.getByLabel('Server URL').fill(itself.url);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('radio', { name: 'Each person signs in', exact: true })).toBeChecked();
  await page.getByLabel('Name').fill('Notes');
  await page.getByRole('button', { name: 'Create connection' }).click();
  const account = page.getByRole('region', { name: 'Your sign-in at the provider' });
  await expect(account).toContainText('You are not signed in there');
  expect(await person.connections()).toHaveLength(1);

  await account.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(account.getByRole('status')).toHaveText('You are signed in at the provider.');
  await expect(account).toContainText('You are signed in as ada@provider.example');
  await expect(account.getByText('notes:read', { exact: true })).toBeVisible();
  await expect(page.getByText('registered-by-itself', { exact: true })).toBeVisible();
  expect(itself.clients.at(-1)).toBe('registered-by-itself');
  expect(await violationsOf(page)).toEqual([]);

  await account.getByRole('button', { name: 'Disconnect' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await expect(dialog).toContainText('Your sign-in at the provider has ended.');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(account.getByRole('button', { name: 'Connect', exact: true })).toBeVisible();
});

test('a client entered by hand: its secret is never shown again', async ({ page, person }) => {
  const secret = 'canary-secret-of-the-client';
  await page.goto('/connections/new');
  await page.getByLabel('Server URL').fill(byHand.url);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill('By hand');
  await page.getByLabel('Client ID').fill('my-own-client');
  await page.getByLabel('Client secret').fill(secret);
  await page.getByRole('button', { name: 'Create connection' }).click();
  const server = page.getByRole('region', { name: 'The server behind it' });
  await expect(server.getByText('my-own-client', { exact: true })).toBeVisible();
  await expect(server.getByText('/oauth/provider/callback')).toBeVisible();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(page.getByText('You are signed in as ada@provider.example.')).toBeVisible();
  expect(byHand.clients).toEqual(['my-own-client']);

  await server.getByRole('button', { name: 'Replace client' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Client secret')).toHaveValue('');
  await dialog.getByLabel('Client ID').fill('another-client');
  await dialog.getByRole('button', { name: 'Save client' }).click();
  await expect(server.getByText('another-client', { exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Your sign-in at the provider' })).toContainText('Not signed in');
  expect(await page.content()).not.toContain(secret);
  const [connection] = await person.connections();
  const [type, fields] = ['McpConnection', 'provider { issuer scopes client { clientId issuer } } staticHeaderNames'];
  const seen = await person.ask(`{ node(id: "${connection?.id}") { ... on ${type} { ${fields} } } }`);
  expect(JSON.stringify(seen)).not.toContain(secret);
});
