// /connections: the viewer's connections, with a filter in the address.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PageSkeleton } from '../ui/states.tsx';
import { searchText } from './search-text.ts';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../connections/connections-page.tsx');

export const connectionsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/connections',
  validateSearch: (search: Record<string, unknown>): { q?: string } => ({ q: searchText(search.q) }),
  // Only on entry: while one types into the filter, the page itself shows what is loading.
  loader: async ({ cause, context, location }) => {
    const { loadConnections } = await page();
    if (cause !== 'stay') await loadConnections(context.client, location.search as { q?: string; org?: string });
  },
  component: lazyRouteComponent(page, 'ConnectionsPage'),
  pendingComponent: PageSkeleton,
});
