/** A connection from its creation to its end, as its owner does it. */
import { openMcpClient } from '../actors/mcp-client.ts';
import { allow } from '../fixtures/consent.ts';
import { expect, test } from '../fixtures/test.ts';

test('a person creates a connection and gets its address and a snippet for each client @phone', async ({
  page,
  person,
  everything,
  gateway,
}) => {
  expect(await person.connections()).toEqual([]);
  await page.goto('/');
  await expect(page.getByText('Connect your first MCP server')).toBeVisible();
  await page.getByRole('link', { name: 'New connection' }).click();
  await page.getByLabel('Name').fill('Issue Tracker');
  await page.getByLabel('Server URL').fill(everything.url);
  await page.getByRole('button', { name: 'Create connection' }).click();

  await expect(page.getByRole('heading', { name: 'Issue Tracker' })).toBeVisible();
  const [connection] = await person.connections();
  expect(connection?.url.startsWith(`${gateway.url}/mcp-connect/user/`)).toBe(true);
  const section = page.getByRole('region', { name: 'Connect a client' });
  const url = connection?.url ?? '';
  await expect(section.getByText(url, { exact: true })).toBeVisible();
  const snippets = {
    'Claude Code': `claude mcp add --transport http issue-tracker ${url}`,
    Cursor: `"url": "${url}"`,
    'VS Code': `"type": "http"`,
    'mcp-remote': `npx mcp-remote ${url}`,
  };
  for (const [client, snippet] of Object.entries(snippets)) {
    await section.getByRole('tab', { name: client }).click();
    await expect(section.getByRole('tabpanel')).toContainText(snippet);
  }
});

test('an address that is no MCP server is refused beside the field', async ({ page, person }) => {
  expect(person.email).toBeTruthy();
  await page.goto('/connections/new');
  await page.getByLabel('Name').fill('Wrong');
  await page.getByLabel('Server URL').fill('ftp://example.com/mcp');
  await page.getByRole('button', { name: 'Create connection' }).click();
  await expect(page.getByRole('alert')).toContainText('The connection was not created');
  await expect(page.getByLabel('Server URL')).toHaveAttribute('aria-invalid', 'true');
  expect(await person.connections()).toEqual([]);
});

test('renaming keeps the grants; changing the server, disabling and rotating end them, and say so first', async ({
  page,
  person,
  everything,
}) => {
  const connection = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Worker' });
  const goTo = () => page.goto(`/connections/${encodeURIComponent(connection.id)}`);
  await client.signIn(allow(page));

  await goTo();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Renamed');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Renamed' })).toBeVisible();
  expect(await client.echo('kept')).toEqual([{ type: 'text', text: 'Echo: kept' }]);

  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByLabel('Server URL').fill(`${everything.url}?changed`);
  await page.getByRole('button', { name: 'Save and end 1 active grant' }).click();
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('1 grant, 1 sign-in');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(client.echo('changed')).rejects.toThrow();
  expect(await person.grants()).toEqual([]);

  await client.signIn(allow(page));
  await goTo();
  await page.getByRole('button', { name: 'Disable' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Disable/ })
    .click();
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('1 grant, 1 sign-in');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('Disabled', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: /Enable/ }).click();
  await expect(page.getByText('Enabled', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Rotate URL' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Rotate/ })
    .click();
  await page.getByRole('button', { name: 'Done' }).click();
  const [rotated] = await person.connections();
  expect(rotated?.url).not.toBe(connection.url);
  await expect(page.getByText(rotated?.url ?? '', { exact: true })).toBeVisible();
  expect((await fetch(connection.url, { method: 'POST' })).status).toBe(404);
  expect((await fetch(rotated?.url ?? '', { method: 'POST' })).status).toBe(401);
  await client.close();
});

test('deleting asks first, rests on Cancel, and ends the address', async ({ page, person, everything }) => {
  const connection = await person.createConnection({ name: 'Doomed', remoteUrl: everything.url });
  await page.goto(`/connections/${encodeURIComponent(connection.id)}`);
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter'); // on Cancel: nothing happens
  await expect(dialog).toBeHidden();
  expect(await person.connections()).toHaveLength(1);

  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: /Delete/ }).click();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('Connect your first MCP server')).toBeVisible();
  expect(await person.connections()).toEqual([]);
  expect((await fetch(connection.url, { method: 'POST' })).status).toBe(404);
});
