// /settings/clients: an administrator's say on clients.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PageSkeleton } from '../ui/states.tsx';
import { searchText } from './search-text.ts';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../gateway-clients/gateway-clients-page.tsx');

export const gatewayClientsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings/clients',
  validateSearch: (search: Record<string, unknown>): { q?: string } => ({ q: searchText(search.q) }),
  loader: async ({ context }) => (await page()).loadGatewayClients(context.client),
  component: lazyRouteComponent(page, 'GatewayClientsPage'),
  pendingComponent: PageSkeleton,
});
