// /connections/$id: one connection.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PageSkeleton } from '../ui/states.tsx';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../connections/connection-page.tsx');

export const connectionRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/connections/$id',
  loader: async ({ context, params }) => (await page()).loadConnection(context.client, params.id),
  component: lazyRouteComponent(page, 'ConnectionPage'),
  pendingComponent: PageSkeleton,
  remountDeps: ({ params }) => params,
});
