// /clients: who may act for the viewer, with status and search in the address.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PageSkeleton } from '../ui/states.tsx';
import { searchText } from './search-text.ts';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../clients/clients-page.tsx');

export interface ClientsSearch {
  status?: 'revoked' | 'expired';
  q?: string;
  /** The id of one connection. */
  connection?: string;
  order?: 'unused' | 'newest';
}

export const clientsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/clients',
  validateSearch: (search: Record<string, unknown>): ClientsSearch => ({
    status: search.status === 'revoked' || search.status === 'expired' ? search.status : undefined,
    q: searchText(search.q),
    connection: searchText(search.connection),
    order: search.order === 'unused' || search.order === 'newest' ? search.order : undefined,
  }),
  // Only on entry: a changed filter is loaded by the page, which keeps its controls meanwhile.
  loader: async ({ cause, context, location }) => {
    const { loadClients } = await page();
    if (cause !== 'stay') await loadClients(context.client, location.search as ClientsSearch);
  },
  component: lazyRouteComponent(page, 'ClientsPage'),
  pendingComponent: PageSkeleton,
});
