// /members, /organization and /organizations/new: the people of an organization, its settings, and the beginning of another.
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { loadSetup } from '../sign-in/account.ts';
import { PageSkeleton } from '../ui/states.tsx';
import { signedInRoute } from './signed-in.tsx';

// Without an organization there is nothing to show.
function needOrganization({ search }: { search: { org?: string } }) {
  if (!search.org) throw redirect({ to: '/connections' });
}

const orgOf = (location: { search: object }) => (location.search as { org?: string }).org ?? '';

const members = () => import('../organization/members-page.tsx');
export const membersRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/members',
  beforeLoad: async ({ search }) => {
    needOrganization({ search });
    return { setup: await loadSetup() };
  },
  loader: async ({ context, location }) => (await members()).loadMembers(context.client, orgOf(location)),
  component: lazyRouteComponent(members, 'MembersPage'),
  pendingComponent: PageSkeleton,
});

const settings = () => import('../organization/organization-page.tsx');
export const organizationRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/organization',
  beforeLoad: needOrganization,
  loader: async ({ context, location }) => (await settings()).loadOrganization(context.client, orgOf(location)),
  component: lazyRouteComponent(settings, 'OrganizationPage'),
  pendingComponent: PageSkeleton,
});

export const organizationNewRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/organizations/new',
  component: lazyRouteComponent(() => import('../organization/organization-new-page.tsx'), 'OrganizationNewPage'),
});
