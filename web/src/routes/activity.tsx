// /activity: what happened, with its filters in the address.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type ActivitySearch, readActivitySearch } from '../activity/search.ts';
import { PageSkeleton } from '../ui/states.tsx';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../activity/activity-page.tsx');

export const activityRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/activity',
  validateSearch: readActivitySearch,
  // Only on entry: a changed filter is loaded by the page, which keeps its controls meanwhile.
  loader: async ({ cause, context, location }) => {
    const { loadActivity } = await page();
    const search = location.search as ActivitySearch & { org?: string };
    if (cause !== 'stay') await loadActivity(context.client, search, search.org);
  },
  component: lazyRouteComponent(page, 'ActivityPage'),
  pendingComponent: PageSkeleton,
});
