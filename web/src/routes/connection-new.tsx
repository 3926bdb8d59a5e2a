// /connections/new: the two steps that create a connection.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { signedInRoute } from './signed-in.tsx';

export const connectionNewRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/connections/new',
  validateSearch: ({ step }: Record<string, unknown>): { step?: 'settings' } => (step === 'settings' ? { step } : {}),
  component: lazyRouteComponent(() => import('../connections/connection-new-page.tsx'), 'ConnectionNewPage'),
});
