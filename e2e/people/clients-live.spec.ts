/** The Authorized clients tab while things happen: clients come, are looked for, are taken back together, and go on trying. */
import { registerClient } from '../actors/bare-client.ts';
import { type McpClient, openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen, approve } from '../fixtures/consent.ts';
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

/** Lets clients in that do not call yet, one after the other. */
async function letIn(api: Api, person: Person, connection: Connection, ...numbers: number[]): Promise<void> {
  for (const nth of numbers) {
    const client = await registerClient(new URL(connection.url).origin, { client_name: `Number ${nth}` });
    await approve(api, person, client.ask({ resource: connection.url }).url);
  }
}

test('a list of several pages loses nobody when one comes, and is as long on the way back', async ({
  page,
  person,
  everything,
  context,
}) => {
  const tracker = await person.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  await letIn(context.request, person, tracker, ...Array.from({ length: 45 }, (_, index) => index + 1));
  const cards = page.getByRole('article');
  const more = page.getByRole('button', { name: 'Load more' });
  await page.goto('/clients');
  await expect(page.getByText('20 of 45 clients shown')).toBeVisible();
  // What is selected stays while more is loaded, and the bar that says so is not in the way.
  await page.getByRole('button', { name: 'Select several' }).click();
  await page.getByRole('checkbox', { name: 'Select “Number 26” for Tracker' }).check();
  await more.click();
  await expect(cards).toHaveCount(40);
  await page.getByRole('checkbox', { name: 'Select “Number 6” for Tracker' }).check();
  await expect(page.getByRole('region', { name: 'Select several' })).toContainText('2 authorizations selected');
  // However many they are, the buttons of the dialog stay in sight.
  for (let nth = 7; nth <= 18; nth++) await page.getByRole('checkbox', { name: `Select “Number ${nth}” for` }).check();
  await page.setViewportSize({ width: 1280, height: 480 });
  await page.getByRole('button', { name: 'Revoke …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke 14 authorizations?' });
  await expect(dialog.getByRole('button', { name: 'Revoke 14' })).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Stop selecting' }).click();
  await more.click();
  await expect(cards).toHaveCount(45);
  await expect(more).toHaveCount(0);

  // Each page gives its last one to the next.
  await letIn(context.request, person, tracker, 46);
  await expect(cards).toHaveCount(46);
  const names = Array.from({ length: 46 }, (_, index) => `“Number ${46 - index}”`);
  await expect(cards.getByRole('heading', { name: /^“Number/ })).toHaveText(names);

  const left = page.getByRole('article', { name: '“Number 3”, Tracker' });
  await left.getByRole('link', { name: 'Tracker' }).click();
  await expect(page.getByRole('heading', { name: 'Tracker', level: 1 })).toBeVisible();
  await page.goBack();
  await expect(cards).toHaveCount(46);
  await expect(left).toBeInViewport();
  // Another list begins at its beginning.
  await page.getByLabel('Order').selectOption({ label: 'Longest unused' });
  await expect(cards.last()).toHaveAccessibleName('“Number 20”, Tracker');
  await expect(cards).toHaveCount(20);
});
