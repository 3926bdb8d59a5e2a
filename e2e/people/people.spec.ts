/** What an administrator does to accounts, and what becomes of what clients may do for them. */
import { openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen, fillSignIn } from '../fixtures/consent.ts';
import { openGateway } from '../fixtures/gateway.ts';
import { judge } from '../fixtures/judge.ts';
import { PASSWORD, signUp } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';

test('an administrator blocks a person with an agent at work, lets them in again, and erases them', async ({
  browser,
  everything,
}) => {
  test.slow();
  const gateway = await openGateway({ GRANTWAY_SIGN_UP: 'open' });
  const [context, theirs] = [await browser.newContext({ baseURL: gateway.url }), await browser.newContext()];
  const page = await context.newPage();
  await signUp(context.request, gateway.url, 'Root');
  const leaver = await signUp(theirs.request, gateway.url, 'Grace Hopper');
  const connection = await leaver.createConnection({ name: 'Tracker', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Agent' });
  await client.signIn(allowUnseen(theirs.request, leaver));
  await client.echo('at work');

  await page.goto('/people');
  const people = page.getByRole('list', { name: 'People' });
  await expect(people.getByRole('listitem').filter({ hasText: 'Grace Hopper' })).toContainText('1 authorization');
  await page.getByLabel('Filter people').fill('nobody');
  await expect(page.getByText('Nobody here has “nobody” in their name or address.')).toBeVisible();
  await page.getByRole('button', { name: 'Show all people' }).click();
  await expect(people.getByRole('listitem')).toHaveCount(2);
  const open = async (act: string) => {
    await page.getByRole('button', { name: 'Actions for Grace Hopper' }).click();
    await page.getByRole('menuitem', { name: act }).click();
  };
  await open('Block…');
  const dialog = page.getByRole('dialog', { name: 'Block Grace Hopper?' });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByLabel('Reason').fill('Left the company');
  await dialog.getByRole('button', { name: 'Block account' }).click();
  await expect(page.getByRole('dialog')).toContainText('1 authorization');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(people).toContainText('Left the company');
  await judge(page);
  await expect(client.echo('after the block')).rejects.toThrow();
  const again = await theirs.request.post(`${gateway.url}/api/auth/sign-in/email`, {
    headers: { origin: gateway.url },
    data: { email: leaver.email, password: PASSWORD },
  });
  expect(again.status()).toBe(403);

  await open('Unblock');
  await expect(people).not.toContainText('Left the company');
  await expect(client.echo('what ended stays ended')).rejects.toThrow();

  await open('Erase…');
  await page.getByRole('dialog').getByRole('button', { name: 'Erase account' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(people).not.toContainText('Grace Hopper');
  await client.close();
  await Promise.all([context.close(), theirs.close()]);
  await gateway.dispose();
});

test('where no mail is sent, an administrator hands over a link to a new password, shown once @phone', async ({
  browser,
}) => {
  const gateway = await openGateway({ GRANTWAY_SIGN_UP: 'open' });
  const [context, theirs] = [await browser.newContext({ baseURL: gateway.url }), await browser.newContext()];
  const page = await context.newPage();
  await signUp(context.request, gateway.url, 'Root');
  const forgetful = await signUp(theirs.request, gateway.url, 'Grace Hopper');

  await page.goto('/people');
  await page.getByRole('button', { name: 'Actions for Grace Hopper' }).click();
  await page.getByRole('menuitem', { name: 'Make a password link…' }).click();
  const asked = page.getByRole('dialog', { name: 'Make a password link for Grace Hopper?' });
  await expect(asked.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await asked.getByRole('button', { name: 'Make link' }).click();
  const made = page.getByRole('dialog', { name: 'The password link for Grace Hopper' });
  await expect(made.getByRole('button', { name: 'Copy the password link' })).toBeVisible();
  await expect(made.getByRole('button', { name: 'Done' })).toBeFocused();
  await judge(page);
  const link = (await made.locator('pre').textContent()) ?? '';
  await made.getByRole('button', { name: 'Done' }).click();
  await expect(made).toBeHidden();
  expect(await page.content()).not.toContain(link);

  const other = await theirs.newPage();
  await other.goto(link);
  await other.getByLabel('New password').fill('another battery staple');
  await other.getByRole('button', { name: 'Set the password' }).click();
  await expect(other.getByRole('heading', { name: 'The password is set' })).toBeVisible();
  await other.goto(`${gateway.url}/sign-in`);
  await fillSignIn(other, { email: forgetful.email, password: 'another battery staple' });
  await expect(other.getByRole('heading', { name: 'Connections' })).toBeVisible();
  await Promise.all([context.close(), theirs.close()]);
  await gateway.dispose();
});
