/** The Authorized clients tab while things happen: clients come, are looked for, are taken back together, and go on trying. */
import { type McpClient, openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen } from '../fixtures/consent.ts';
import type { Connection, Person } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';

type Api = Parameters<typeof allowUnseen>[0];

async function join(
  api: Api,
  person: Person,
  connection: Connection,
  name: string,
  like?: McpClient,
): Promise<McpClient> {
  const client = await openMcpClient(connection.url, { name });
  if (like) client.memory.kept.registration = like.memory.kept.registration;
  await client.signIn(allowUnseen(api, person));
  await client.echo('hello');
  return client;
}

test('a client that connects, works and is cut shows without reload', async ({ page, person, everything, context }) => {
  const tracker = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  await page.goto('/clients');
  await expect(page.getByText('No client can act for you yet')).toBeVisible();
  const client = await join(context.request, person, tracker, 'Newcomer');
  const card = page.getByRole('article', { name: '“Newcomer”, Tracker' });
  await expect(card).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '“Newcomer” may act for you now.' })).toBeAttached();
  await expect(card).toContainText(/\d+ requests in 30 days/);
  const [grant] = await person.grants();
  await person.revoke(grant?.id ?? '');
  await expect(card).toBeHidden();

  // The SDK asks, hears 401, and tries its refresh token: both are refused, and both are told.
  await expect(client.echo('again')).rejects.toThrow();
  await page.getByText('Revoked', { exact: true }).click();
  await expect(card).toContainText(
    /It has tried \d+ times? since, most recently (today|yesterday) between \d\d:00 and \d\d:00\. Every attempt was refused\./,
  );
  await client.close();
});

test('clients are found by word, by connection and by order, and several are taken back at once @phone', async ({
  page,
  person,
  everything,
  context,
}) => {
  const tracker = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const wiki = await person.createConnection({ name: 'Wiki', remoteUrl: `${everything.url}?wiki` });
  const one = await join(context.request, person, tracker, 'Alpha');
  const two = await join(context.request, person, wiki, 'Alpha', one);
  const three = await join(context.request, person, wiki, 'Beta');

  await page.goto('/clients');
  const cards = page.getByRole('article');
  await expect(cards).toHaveCount(3);
  await expect(page.getByRole('region', { name: '“Alpha”' }).getByRole('article')).toHaveCount(2);
  await page.getByLabel('Order').selectOption({ label: 'Newest' });
  await expect(page).toHaveURL(/order=newest/);
  await expect(cards.first()).toHaveAccessibleName('“Beta”, Wiki');
  await page.getByLabel('Connection', { exact: true }).selectOption({ label: 'Tracker' });
  await expect(cards).toHaveCount(1);
  await page.getByLabel('Connection', { exact: true }).selectOption({ label: 'All connections' });
  await page.getByRole('searchbox').fill('beta');
  await expect(cards).toHaveCount(1);
  await page.getByRole('searchbox').fill('nobody');
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear search and filter' }).click();
  await expect(cards).toHaveCount(3);

  await page.getByRole('button', { name: 'Select several' }).click();
  await page.getByRole('checkbox', { name: 'Select “Alpha” for Tracker' }).check();
  await page.getByRole('checkbox', { name: 'Select “Beta” for Wiki' }).check();
  await page.getByRole('button', { name: 'Revoke …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke 2 authorizations?' });
  await expect(dialog.getByRole('listitem')).toHaveText(['“Alpha” to Tracker', '“Beta” to Wiki']);
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Revoke 2' }).click();
  await expect(page.getByRole('dialog', { name: '2 authorizations are revoked' }).getByRole('status')).toContainText(
    /^2 authorizations, 2 sign-ins, 2 tokens.* ended, effective at \d\d:\d\d:\d\d\.$/,
  );
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(cards).toHaveCount(1);
  await expect(one.echo('cut')).rejects.toThrow();
  await expect(three.echo('cut')).rejects.toThrow();
  expect(await two.echo('kept')).toEqual([{ type: 'text', text: 'Echo: kept' }]);
  for (const client of [one, two, three]) await client.close();
});

test('all that a client may do is taken back with one button', async ({ page, person, everything, context }) => {
  const tracker = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const wiki = await person.createConnection({ name: 'Wiki', remoteUrl: `${everything.url}?wiki` });
  const one = await join(context.request, person, tracker, 'Alpha');
  const two = await join(context.request, person, wiki, 'Alpha', one);
  await page.goto('/clients');
  await page.getByRole('button', { name: 'Revoke all 2 authorizations of “Alpha”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke all' }).click();
  await expect(page.getByRole('dialog', { name: '“Alpha” has lost all access' })).toContainText('2 authorizations');
  expect(await person.grants()).toEqual([]);
  for (const client of [one, two]) await client.close();
});
