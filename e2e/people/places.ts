/** Every page and state that a person can be in, and how to get there: the accessibility tests and the pictures visit them all. */
import { expect, type Page } from '@playwright/test';
import { revokeInTab } from '../fixtures/revoke.ts';
import { CONSENTS } from './consent-places.ts';
import type { Place } from './place.ts';
import type { Scene } from './scene.ts';
import { STATES } from './state-places.ts';

/** Some of the places are refusals themselves, which Chromium notes in the console. */
export const REFUSALS_SHOWN =
  /status of (40[04] .*\/(oauth\/authorize\S*|nowhere)|503 .*\/graphql)\)$|Network\] Service Unavailable/;

const detail = (id: string) => `/connections/${encodeURIComponent(id)}`;
const onDetail = (button: string) => async (scene: Scene) => {
  await scene.page.goto(detail(scene.tracker.id));
  await scene.page.getByRole('button', { name: button, exact: true }).click();
};

/** Ticks the first two clients of the list that is shown. */
const selectTwo = async (page: Page) => {
  await page.getByRole('button', { name: 'Select several' }).click();
  await page.getByRole('checkbox').first().check();
  await page.getByRole('checkbox').nth(1).check();
};

/** The first step of a new connection, with its address. */
const onNew = async ({ page }: Pick<Scene, 'page'>, url: string) => {
  await page.goto('/connections/new');
  await page.getByLabel('Server URL').fill(url);
};
const onNewSettings = async (scene: Scene) => {
  await onNew(scene, scene.upstreamUrl);
  await scene.page.getByRole('button', { name: 'Continue' }).click();
};

/** Where a person comes who has just begun, in the order in which they do. */
export const BEGINNINGS: Place<Pick<Scene, 'page' | 'person' | 'upstreamUrl'>>[] = [
  {
    name: 'connections-empty',
    visit: ({ page }) => page.goto('/connections'),
    shows: 'Connect your first MCP server',
  },
  { name: 'clients-empty', visit: ({ page }) => page.goto('/clients'), shows: 'No client can act for you yet' },
  {
    name: 'first-run',
    visit: async ({ page, person, upstreamUrl }) => {
      await person.createConnection({ name: 'First of all', remoteUrl: `${upstreamUrl}?first` });
      await page.goto('/connections');
    },
    shows: 'Get started',
  },
];

/** Where a signed-in person comes, in an order in which each visit leaves the next one intact. */
export const PLACES: Place<Scene>[] = [
  { name: 'connections', visit: ({ page }) => page.goto('/connections'), shows: 'Connections' },
  {
    name: 'connections-no-match',
    visit: ({ page }) => page.goto('/connections?q=nothing'),
    shows: 'No connection matches',
  },
  {
    name: 'account-menu',
    visit: async ({ page, person }) => {
      await page.goto('/connections');
      await page.getByRole('button', { name: `Account: ${person.name}` }).click();
    },
    shows: 'Sign out',
  },
  {
    name: 'connection-new',
    visit: (scene) => onNew(scene, scene.upstreamUrl),
    shows: 'What it offers',
  },
  {
    name: 'connection-new-trouble',
    visit: (scene) => onNew(scene, 'http://127.0.0.1:1024/mcp'),
    shows: 'Continue anyway',
  },
  {
    name: 'connection-new-settings',
    visit: async (scene) => {
      await onNewSettings(scene);
      await scene.page.getByLabel('Fixed headers').check();
    },
    shows: 'Step 2 of 2: settings',
  },
  {
    name: 'connection-refused',
    visit: async (scene) => {
      await onNewSettings(scene);
      await scene.page.getByLabel('Name', { exact: true }).fill('x'.repeat(81));
      await scene.page.getByRole('button', { name: 'Create connection' }).click();
    },
    shows: 'A name has at most 80 characters.',
  },
  { name: 'connection', visit: ({ page, tracker }) => page.goto(detail(tracker.id)), shows: 'Connect a client' },
  {
    name: 'connection-test',
    visit: async ({ page, tracker }) => {
      await page.goto(detail(tracker.id));
      await page.getByRole('button', { name: 'Test the connection' }).click();
      await page.getByText('What it offers').click();
    },
    shows: 'What it offers',
  },
  {
    name: 'connection-sign-ins',
    visit: ({ page, tracker }) => page.goto(`${detail(tracker.id)}/sign-ins`),
    shows: 'Sign-in attempts',
  },
  { name: 'connection-disabled', visit: ({ page, disabled }) => page.goto(detail(disabled.id)), shows: 'Disabled' },
  { name: 'connection-edit', visit: onDetail('Edit'), shows: 'Edit connection' },
  { name: 'connection-rotate', visit: onDetail('Rotate URL'), shows: /^Rotate .*\?$/ },
  { name: 'connection-disable', visit: onDetail('Disable'), shows: /^Disable .*\?$/ },
  { name: 'connection-delete', visit: onDetail('Delete'), shows: /^Delete .*\?$/ },
  { name: 'connection-unknown', visit: ({ page }) => page.goto('/connections/unknown'), shows: 'No such connection' },
  { name: 'clients', visit: ({ page }) => page.goto('/clients'), shows: '“Coding agent”' },
  {
    name: 'client-details',
    visit: async ({ page }) => {
      await page.goto('/clients');
      await page.getByText('Technical details').first().click();
    },
    shows: 'Callback URI',
  },
  {
    name: 'clients-selecting',
    visit: async ({ page }) => {
      await page.goto('/clients');
      await selectTwo(page);
    },
    shows: '2 authorizations selected',
  },
  {
    name: 'clients-revoke-several',
    visit: async ({ page }) => {
      await page.goto('/clients');
      await selectTwo(page);
      await page.getByRole('button', { name: 'Revoke …' }).click();
    },
    shows: 'Revoke 2 authorizations?',
  },
  { name: 'clients-no-match', visit: ({ page }) => page.goto('/clients?q=nothing'), shows: 'Nothing matches' },
  {
    name: 'clients-expired',
    visit: ({ page }) => page.goto('/clients?status=expired'),
    shows: 'Nothing has expired yet',
  },
  { name: 'clients-revoked', visit: ({ page }) => page.goto('/clients?status=revoked'), shows: '“Revoked one”' },
  {
    name: 'client-revoke',
    visit: async ({ page }) => {
      await page.goto('/clients');
      await page.getByRole('button', { name: 'Revoke access of “Coding agent” to Issue tracker' }).click();
    },
    shows: 'Revoke access of “Coding agent”?',
  },
  {
    name: 'activity-live',
    visit: async ({ page, person, upstreamUrl }) => {
      await page.goto('/activity');
      await expect(page.getByText('You signed in with your password.').first()).toBeVisible();
      await person.createConnection({ name: 'Made meanwhile', remoteUrl: `${upstreamUrl}?meanwhile` });
    },
    shows: 'The connection “Made meanwhile” was created.',
  },
  { name: 'activity', visit: ({ page }) => page.goto('/activity'), shows: 'Activity' },
  {
    name: 'context-menu',
    visit: async ({ page }) => {
      await page.goto('/connections');
      await page.getByRole('button', { name: 'Context: Personal' }).click();
    },
    shows: 'New organization',
  },
  { name: 'organization-new', visit: ({ page }) => page.goto('/organizations/new'), shows: 'New organization' },
  {
    name: 'members',
    visit: async ({ page, organizationId }) => {
      await page.goto(`/members?org=${organizationId}`);
      await page.getByLabel('Email').fill('guest@example.com');
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
    },
    shows: 'guest@example.com is invited',
  },
  {
    name: 'organization',
    visit: ({ page, organizationId }) => page.goto(`/organization?org=${organizationId}`),
    shows: 'Danger zone',
  },
  {
    name: 'organization-delete',
    visit: async ({ page, organizationId }) => {
      await page.goto(`/organization?org=${organizationId}`);
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
    },
    shows: /^Delete .*\?$/,
  },
  {
    name: 'organization-connection',
    visit: ({ page, shared, organizationId }) => page.goto(`${detail(shared.id)}?org=${organizationId}`),
    shows: 'Assigned to',
  },
  {
    name: 'api-keys',
    visit: async ({ page }) => {
      await page.goto('/settings/api-keys');
      await page.getByLabel('Name', { exact: true }).fill('Nightly');
      await page.getByLabel('See the authorized clients').check();
      await page.getByRole('button', { name: 'Create key' }).click();
    },
    shows: 'This is your key',
  },
  {
    name: 'activity-no-match',
    visit: ({ page }) => page.goto('/activity?outcome=failure&since=hour'),
    shows: 'Nothing matches',
  },
  { name: 'security', visit: ({ page }) => page.goto('/settings/security'), shows: 'Security' },
  ...CONSENTS,
  {
    name: 'authorize-refused',
    visit: ({ page, badRequest }) => page.goto(badRequest.href),
    shows: /.+/,
  },
  {
    name: 'not-found',
    visit: ({ page }) => page.goto('/nowhere'),
    shows: 'Page not found',
  },
  ...STATES,
  {
    name: 'client-revoked',
    visit: ({ page }) => revokeInTab(page, '“Coding agent”', 'Issue tracker'),
    shows: '“Coding agent” has lost access',
  },
  {
    name: 'clients-revoked-several',
    visit: async ({ page }) => {
      await page.goto('/clients');
      await selectTwo(page);
      await page.getByRole('button', { name: 'Revoke …' }).click();
      await page.getByRole('button', { name: 'Revoke 2' }).click();
    },
    shows: '2 authorizations are revoked',
  },
  {
    name: 'sign-in',
    visit: async ({ page }) => {
      await page.context().clearCookies();
      await page.goto('/sign-in');
    },
    shows: 'Sign in',
  },
  { name: 'sign-up', visit: ({ page }) => page.goto('/sign-up'), shows: 'Create an account' },
  { name: 'forgot-password', visit: ({ page }) => page.goto('/forgot-password'), shows: 'A new password' },
  {
    name: 'reset-password',
    visit: ({ page }) => page.goto('/reset-password#token=any'),
    shows: 'Choose a new password',
  },
  {
    name: 'sign-in-refused',
    visit: ({ page }) => page.goto('/sign-in?error=account_not_linked'),
    shows: /There is an account with your email already/,
  },
];
