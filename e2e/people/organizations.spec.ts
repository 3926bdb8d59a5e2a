/** An organization from its beginning to a member's leave: the page, a second person, and a client that works for them. */
import { openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen } from '../fixtures/consent.ts';
import { type Person, signUp } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/test.ts';

const MEMBER = 'Grace Hopper';

test('#262 a member is invited, gets a connection, and is removed: their client is refused from then on, its stream ends, Activity tells why', async ({
  page,
  person: _signedIn,
  playwright,
  browser,
  gateway,
  everything,
}) => {
  test.setTimeout(120_000);
  const api = await playwright.request.newContext();
  const grace = await signUp(api, gateway.url, MEMBER);

  await page.goto('/connections');
  await page.getByRole('button', { name: 'Context: Personal' }).click();
  await page.getByRole('menuitem', { name: 'New organization' }).click();
  await page.getByLabel('Name').fill('Acme');
  await page.getByRole('button', { name: 'Create organization' }).click();
  await expect(page.getByRole('heading', { name: 'Members', level: 1 })).toBeVisible();
  const org = new URL(page.url()).searchParams.get('org') ?? '';

  await page.getByLabel('Email').fill(grace.email);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const told = page.getByRole('status').filter({ hasText: 'is invited' });
  const link = (await told.locator('pre').textContent()) ?? '';
  expect(link.startsWith(`${gateway.url}/invitation#`)).toBe(true);
  await join(grace, new URL(link).hash.slice(1));

  await page.getByRole('link', { name: 'Connections', exact: true }).click();
  await page.getByRole('link', { name: 'New connection' }).click();
  await page.getByLabel('Server URL').fill(everything.url);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Name').fill('Shared tracker');
  // Its page is told of what happens by the organization, and not only when it asks again.
  const followed = page.waitForRequest((one) => {
    const asked = one.postData() ?? '';
    return asked.includes('subscription GrantChanged') && asked.includes(org);
  });
  await page.getByRole('button', { name: 'Create connection' }).click();
  await followed;
  const notAssigned = page.getByRole('note').filter({ hasText: 'You are not assigned to this connection' });
  await notAssigned.getByRole('button', { name: 'Assign yourself' }).click();
  await expect(page.getByRole('status', { name: 'Progress' })).toContainText('Waiting for a client');
  await expect(notAssigned).toBeHidden();
  await page
    .getByRole('form', { name: 'Assign a member' })
    .getByLabel('Member')
    .selectOption({ label: `${MEMBER} (${grace.email})` });
  await page.getByRole('button', { name: 'Assign', exact: true }).click();
  await expect(page.getByRole('list', { name: 'Assigned members' })).toContainText(MEMBER);

  const client = await openMcpClient(await connectUrlOf(grace, org), { name: 'Working agent' });
  await client.signIn(allowUnseen(api, grace));
  await client.rootsAsked;
  await client.echo('hello');

  await page.getByRole('link', { name: 'Members' }).click();
  await expect(page.getByRole('list', { name: 'Clients of members' })).toContainText('Working agent');
  const theirs = await (await browser.newContext({ storageState: await api.storageState() })).newPage();
  await theirs.goto(`${gateway.url}/connections?org=${encodeURIComponent(org)}`);
  await expect(theirs.getByRole('list', { name: 'Connections' })).toContainText('Shared tracker');
  const watching = await page.context().newPage();
  await watching.goto(`/activity?org=${encodeURIComponent(org)}`);
  await page.getByRole('button', { name: `Remove ${MEMBER}` }).click();
  const dialog = page.getByRole('dialog', { name: `Remove ${MEMBER}?` });
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await dialog.getByRole('button', { name: 'Remove member' }).click();
  await expect(page.getByRole('dialog', { name: `${MEMBER} was removed` }).getByRole('status')).toContainText(
    /1 authorization.*1 open stream/,
  );

  await expect(client.echo('still there?')).rejects.toThrow();
  await expect(
    watching.getByText(/^The authorization of “.*” to use “.*” ended, because its user left the organization\.$/),
  ).toBeVisible();
  await expect(watching.getByText('A member left the organization.')).toBeVisible();
  // The page that they had open shows nothing of it any more, and leads on.
  await expect(theirs.getByRole('heading', { name: 'No such organization' })).toBeVisible({ timeout: 15_000 });
  await expect(theirs.getByText('Shared tracker')).toHaveCount(0);
  await theirs.getByRole('link', { name: 'Go to your own connections' }).click();
  await expect(theirs.getByRole('heading', { name: 'Connections', level: 1 })).toBeVisible();
  await theirs.context().close();
  // Whoever left sees their own grant, ended, and no longer the organization.
  const { node } = await grace.ask<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id } }', { id: org });
  expect(node).toBeNull();
  await client.close();
  await api.dispose();
});

test('#256 #259 whoever has no account makes one with the link of an invitation; another account is told whose it is', async ({
  page,
  person,
  browser,
  gateway,
}) => {
  const { organizationCreate } = await person.ask<{ organizationCreate: { organization: { id: string } } }>(
    'mutation { organizationCreate(input: { name: "Beta" }) { ... on OrganizationCreatePayload { organization { id } } } }',
  );
  const email = `invited-${process.pid}@example.com`;
  const { memberInvite } = await person.ask<{ memberInvite: { link: string } }>(
    `mutation ($input: MemberInviteInput!) { memberInvite(input: $input) { ... on MemberInvitePayload { link } } }`,
    { input: { organizationId: organizationCreate.organization.id, email, role: 'MEMBER' } },
  );
  await page.goto(memberInvite.link);
  await expect(page.getByText(`You are signed in as ${person.email}`)).toBeVisible();

  const context = await browser.newContext({ baseURL: gateway.url });
  const theirs = await context.newPage();
  await theirs.goto(memberInvite.link);
  await expect(theirs.getByRole('heading', { name: 'Join Beta' })).toBeVisible();
  await theirs.getByLabel('Name').fill('Invited One');
  await theirs.getByLabel('Password', { exact: true }).fill('correct horse battery staple');
  await theirs.getByRole('button', { name: 'Create account and join' }).click();
  await expect(theirs.getByRole('button', { name: 'Context: Beta' })).toBeVisible();
  await theirs.goto(memberInvite.link);
  await expect(theirs.getByRole('heading', { name: 'This invitation is no longer good' })).toBeVisible();
  await context.close();
});

test('an API key is made in the page, shown once, used, and revoked', async ({ page, person, playwright, gateway }) => {
  await page.goto('/settings/api-keys');
  const form = page.getByRole('form', { name: 'New API key' });
  await form.getByLabel('Name', { exact: true }).fill('Nightly');
  await form.getByLabel('See the authorized clients').check();
  await form.getByRole('button', { name: 'Create key' }).click();
  const key =
    (await page.getByRole('status').filter({ hasText: 'This is your key' }).locator('pre').textContent()) ?? '';
  expect(key).toMatch(/^gwk_/);
  const api = await playwright.request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  const ask = async () => {
    const response = await api.post(`${gateway.url}/graphql`, { data: { query: '{ viewer { user { name } } }' } });
    return { status: response.status(), body: await response.json() };
  };
  expect(await ask()).toEqual({ status: 200, body: { data: { viewer: { user: { name: person.name } } } } });
  await page.reload();
  await expect(page.getByText(key)).toHaveCount(0);
  await page.getByRole('button', { name: 'Revoke Nightly' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
  await expect(page.getByText('The key is revoked')).toBeVisible();
  expect((await ask()).status).toBe(401);
  await api.dispose();
});

async function join(person: Person, key: string): Promise<void> {
  const { invitationAccept } = await person.ask<{ invitationAccept: { __typename: string } }>(
    'mutation ($input: InvitationAcceptInput!) { invitationAccept(input: $input) { __typename } }',
    { input: { key } },
  );
  expect(invitationAccept.__typename).toBe('InvitationAcceptPayload');
}

async function connectUrlOf(person: Person, organizationId: string): Promise<string> {
  const { viewer } = await person.ask<{ viewer: { usableConnections: { url: string }[] } }>(
    'query ($owner: OwnerInput) { viewer { usableConnections(owner: $owner) { url } } }',
    { owner: { organizationId } },
  );
  return viewer.usableConnections[0]?.url ?? '';
}
