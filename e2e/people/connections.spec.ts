/** A connection from its creation to its end, as its owner does it. */
import { openMcpClient } from '../actors/mcp-client.ts';
import { openStateless } from '../actors/upstream-stateless.ts';
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
  // With the keyboard alone: one is led from field to step to field, and going back keeps what was entered.
  await page.getByLabel('Server URL').fill(everything.url);
  await page.keyboard.press('Enter');
  const second = page.getByRole('heading', { name: 'Step 2 of 2: settings' });
  await expect(second).toBeFocused();
  const found = page.getByRole('note', { name: 'What was found at this address' });
  await expect(found).toContainText(
    /over Streamable HTTP that lets anyone in.*Reached in \d+ ms, MCP [\d-]+, \d+ tools\./,
  );
  await expect(found.getByText('What it offers')).toBeVisible();
  // What the server calls itself is proposed.
  await expect(page.getByLabel('Name')).toHaveValue(/\S/);
  await page.getByLabel('Name').fill('Issue Tracker');
  await page.getByRole('button', { name: 'Back', exact: true }).press('Enter');
  await expect(page.getByRole('heading', { name: 'Step 1 of 2: the server' })).toBeFocused();
  await expect(page.getByLabel('Server URL')).toHaveValue(everything.url);
  await page.goForward();
  await expect(second).toBeFocused();
  await expect(page.getByLabel('Name')).toHaveValue('Issue Tracker');
  await page.getByRole('button', { name: 'Create connection' }).press('Enter');

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

test('an address that cannot be one goes no further, what is wrong is said, and a key is tried out before it is saved', async ({
  page,
  person,
}) => {
  const keyed = await openStateless('Bearer right');
  await page.goto('/connections/new');
  const found = page.getByRole('note', { name: 'What was found at this address' });
  const next = page.getByRole('button', { name: 'Continue', exact: true });
  await page.getByLabel('Server URL').fill('ftp://example.com/mcp');
  await next.click();
  await expect(found).toContainText('This is not an absolute https URL.');
  await page.getByLabel('Server URL').fill(new URL('/elsewhere', keyed.url).href);
  await next.click();
  await expect(found).toContainText('The server is there, but has nothing at this path.');
  await expect(page.getByRole('button', { name: 'Continue anyway' })).toBeVisible();

  await page.getByLabel('Server URL').fill(keyed.url);
  await next.click();
  await expect(page.getByRole('radio', { name: 'Fixed headers', exact: true })).toBeChecked();
  await page.getByLabel('Header 1: value').fill('Bearer wrong');
  const tryOut = page.getByRole('button', { name: 'Test with these headers' });
  await tryOut.click();
  await expect(page.getByRole('alert')).toContainText('The server refused the credentials');
  await page.getByLabel('Header 1: value').fill('Bearer right');
  await tryOut.click();
  await expect(page.getByRole('status')).toContainText(/Reached in \d+ ms, MCP 2026-07-28, 1 tool\./);
  // A name that no connection may have is refused beside the field, and the focus is there.
  await page.getByLabel('Name', { exact: true }).fill('x'.repeat(81));
  await page.getByRole('button', { name: 'Create connection' }).click();
  await expect(page.getByText('A name has at most 80 characters.')).toHaveCount(1);
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  expect(await person.connections()).toEqual([]);
  await page.getByLabel('Name', { exact: true }).fill('Keyed');
  await page.getByRole('button', { name: 'Create connection' }).click();
  await expect(page.getByRole('heading', { name: 'Keyed' })).toBeVisible();
  await keyed.stop();
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

  // What somebody else renamed while the form was open stays renamed.
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(page.getByRole('dialog').getByLabel('Name')).toHaveValue('Renamed');
  await person.ask('mutation ($input: ConnectionUpdateInput!) { connectionUpdate(input: $input) { __typename } }', {
    input: { connectionId: connection.id, name: 'Renamed elsewhere' },
  });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect((await person.connections()).map(({ name }) => name)).toEqual(['Renamed elsewhere']);

  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByLabel('Server URL').fill(`${everything.url}?changed`);
  await page.getByRole('button', { name: 'Save and end access' }).click();
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('1 authorization, 1 sign-in');
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
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('1 authorization, 1 sign-in');
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
