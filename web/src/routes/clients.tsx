// /clients: who may act for the viewer, with status and search in the address.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PageSkeleton } from '../ui/states.tsx';
import { searchText } from './search-text.ts';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../clients/clients-page.tsx');

export interface ClientsSearch {
  status?: 'revoked';
  q?: string;
}

export const clientsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/clients',
  validateSearch: (search: Record<string, unknown>): ClientsSearch => ({
    status: search.status === 'revoked' ? 'revoked' : undefined,
    q: searchText(search.q),
  }),
  // Only on entry: a changed filter is loaded by the page, which keeps its controls meanwhile.
  loader: async ({ cause, context, location }) => {
    const { loadClients } = await page();
    if (cause !== 'stay') await loadClients(context.client, location.search as ClientsSearch);
  },
  component: lazyRouteComponent(page, 'ClientsPage'),
  pendingComponent: PageSkeleton,
});
