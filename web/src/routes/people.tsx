// /people: the accounts of the gateway, for its administrators.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { loadSetup, type Setup } from '../sign-in/account.ts';
import { PageSkeleton } from '../ui/states.tsx';
import { searchText } from './search-text.ts';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../people/people-page.tsx');
let setup: Setup | undefined;

export const peopleRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/people',
  validateSearch: (search: Record<string, unknown>): { q?: string } => ({ q: searchText(search.q) }),
  // Once a visit, not with each search.
  beforeLoad: async ({ cause }) => {
    if (cause !== 'stay' || !setup) setup = await loadSetup();
    return { setup };
  },
  loader: async ({ cause, context, location }) => {
    const { loadPeople } = await page();
    if (cause !== 'stay') await loadPeople(context.client, (location.search as { q?: string }).q);
  },
  component: lazyRouteComponent(page, 'PeoplePage'),
  pendingComponent: PageSkeleton,
});
