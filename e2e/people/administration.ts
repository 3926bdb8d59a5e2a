/** What an administrator sees, and what people see of an invitation: with a gateway where hosts of clients have to be let in, and a second person. */
import { type Browser, expect, type Page } from '@playwright/test';
import { beginAuthorization, openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen } from '../fixtures/consent.ts';
import { openGateway } from '../fixtures/gateway.ts';
import { type Person, signUp } from '../fixtures/person.ts';
import { knowLater, MONTH_LATER, type Place } from './place.ts';

export type Administration = {
  page: Page;
  root: Person;
  /** The address of an invitation of somebody. */
  invite: (email: string) => Promise<string>;
  /** A client of a host that nobody has let in asks. */
  unknownHost: string;
  /** Blocks the one client there is. Returns where it asks next. */
  block: () => Promise<URL>;
  close: () => Promise<void>;
};

export async function setAdministration(
  browser: Browser,
  upstreamUrl: string,
  viewport: { width: number; height: number } | null,
): Promise<Administration> {
  // With no time to replay a refresh token in, an old one is a stolen one at once.
  const gateway = await openGateway({ GRANTWAY_CLIENT_DOCUMENTS: 'approve', GRANTWAY_REPLAY_WINDOW_SECONDS: '0' });
  const [context, theirs] = [
    await browser.newContext({ baseURL: gateway.url, viewport }),
    await browser.newContext({ baseURL: gateway.url }),
  ];
  const page = await context.newPage();
  await knowLater(page);
  const root = await signUp(context.request, gateway.url, 'Root');
  const grace = await signUp(theirs.request, gateway.url, 'Grace Hopper');
  const { made } = await grace.ask<{ made: { organization: { id: string } } }>(
    'mutation { made: organizationCreate(input: { name: "Research" }) { ... on OrganizationCreatePayload { organization { id } } } }',
  );

  const tracker = await root.createConnection({ name: 'Issue tracker', remoteUrl: upstreamUrl });
  const [laptop, desktop] = [
    await openMcpClient(tracker.url, { name: 'Coding agent' }),
    await openMcpClient(tracker.url),
  ];
  await laptop.signIn(allowUnseen(context.request, root));
  desktop.memory.kept.registration = laptop.memory.kept.registration;
  await desktop.signIn(allowUnseen(context.request, root));
  const old = laptop.memory.kept.tokens?.refresh_token ?? '';
  await laptop.refresh(old);
  await expect(laptop.refresh(old)).rejects.toThrow();

  const ask = new URLSearchParams({
    client_id: 'https://app.invalid/client.json',
    redirect_uri: 'https://app.invalid/callback',
    response_type: 'code',
  });
  return {
    page,
    root,
    invite: async (email) => {
      const { invited } = await grace.ask<{ invited: { link: string } }>(
        'mutation ($input: MemberInviteInput!) { invited: memberInvite(input: $input) { ... on MemberInvitePayload { link } } }',
        { input: { organizationId: made.organization.id, email, role: 'MEMBER' } },
      );
      return invited.link;
    },
    unknownHost: `/oauth/authorize?${ask}`,
    block: async () => {
      const { viewer } = await root.ask<{ viewer: { grants: { edges: { node: { client: { id: string } } }[] } } }>(
        '{ viewer { grants { edges { node { client { id } } } } } }',
      );
      await root.ask('mutation ($input: ClientBlockInput!) { clientBlock(input: $input) { __typename } }', {
        input: { clientId: viewer.grants.edges[0]?.node.client.id },
      });
      laptop.memory.kept.tokens = undefined;
      return beginAuthorization(laptop);
    },
    close: async () => {
      await Promise.all([laptop.close(), desktop.close()]);
      await Promise.all([context.close(), theirs.close()]);
      await gateway.dispose();
    },
  };
}

/** Opens the menu of the other person, and what is chosen there. */
const onPerson =
  (item?: string) =>
  async ({ page }: Administration) => {
    await page.goto('/people');
    await page.getByRole('button', { name: 'Actions for Grace Hopper' }).click();
    if (item) await page.getByRole('menuitem', { name: item }).click();
  };

/** In an order in which each visit leaves the next one intact. */
export const ADMINISTRATION: Place<Administration>[] = [
  {
    name: 'account-menu-administrator',
    visit: async ({ page }) => {
      await page.goto('/connections');
      await page.getByRole('button', { name: 'Account: Root' }).click();
    },
    shows: 'Clients waiting',
  },
  { name: 'people', visit: ({ page }) => page.goto('/people'), shows: 'Grace Hopper' },
  { name: 'people-no-match', visit: ({ page }) => page.goto('/people?q=nobody'), shows: 'No account matches' },
  { name: 'people-menu', visit: onPerson(), shows: 'Make administrator' },
  { name: 'person-block', visit: onPerson('Block…'), shows: 'Block Grace Hopper?' },
  { name: 'person-erase', visit: onPerson('Erase…'), shows: 'Erase Grace Hopper?' },
  {
    name: 'password-link',
    visit: onPerson('Make a password link…'),
    shows: 'Make a password link for Grace Hopper?',
  },
  {
    name: 'password-link-made',
    visit: async (scene) => {
      await onPerson('Make a password link…')(scene);
      await scene.page.getByRole('button', { name: 'Make link' }).click();
    },
    shows: 'The password link for Grace Hopper',
  },
  {
    name: 'gateway-clients-none',
    visit: ({ page }) => page.goto('/settings/clients'),
    shows: 'No host waits for a decision.',
  },
  {
    name: 'client-awaits-administrator',
    visit: ({ page, unknownHost }) => page.goto(unknownHost),
    shows: 'An administrator has to let this application in first',
  },
  { name: 'gateway-clients-waiting', visit: ({ page }) => page.goto('/settings/clients'), shows: 'Waiting for you' },
  {
    name: 'gateway-clients-deny',
    visit: async ({ page }) => {
      await page.goto('/settings/clients');
      await page.getByRole('button', { name: 'Do not let in: app.invalid' }).click();
    },
    shows: 'Let no client of app.invalid in?',
  },
  {
    name: 'client-hints',
    visit: ({ page }) => page.goto(`/clients${MONTH_LATER}`),
    shows: 'Not used in 30 days',
  },
  {
    name: 'invitation',
    visit: async ({ page, root, invite }) => page.goto(await invite(root.email)),
    shows: 'Join as Root',
  },
  {
    name: 'invitation-of-another',
    visit: async ({ page, invite }) => page.goto(await invite('guest@example.com')),
    shows: 'Use another account',
  },
  {
    name: 'invitation-spent',
    visit: ({ page }) => page.goto('/invitation?spent#gwi_spent'),
    shows: 'This invitation is no longer good',
  },
  {
    name: 'client-blocked',
    visit: async ({ page, block }) => page.goto(String(await block())),
    shows: 'This application is blocked',
  },
  { name: 'gateway-clients-blocked', visit: ({ page }) => page.goto('/settings/clients'), shows: 'Unblock' },
  {
    name: 'invitation-new-account',
    visit: async ({ page, invite }) => {
      await page.context().clearCookies();
      await page.goto(await invite('guest@example.com'));
    },
    shows: 'Create account and join',
  },
];
