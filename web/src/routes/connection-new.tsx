// /connections/new: the form that creates a connection.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedInRoute } from './signed-in.tsx';

export const connectionNewRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/connections/new',
  component: lazyRouteComponent(() => import('../connections/connection-new-page.tsx'), 'ConnectionNewPage'),
});
