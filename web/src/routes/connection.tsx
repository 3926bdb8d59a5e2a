// /connections/$id: one connection.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import type { CameBack } from '../connections/provider-account.tsx';
import { PageSkeleton } from '../ui/states.tsx';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../connections/connection-page.tsx');

export const connectionRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/connections/$id',
  // How a sign-in at the provider came back.
  validateSearch: ({ provider }: Record<string, unknown>): { provider?: CameBack } =>
    provider === 'connected' || provider === 'denied' || provider === 'failed' ? { provider } : {},
  loader: async ({ context, params }) => (await page()).loadConnection(context.client, params.id),
  component: lazyRouteComponent(page, 'ConnectionPage'),
  pendingComponent: PageSkeleton,
  remountDeps: ({ params }) => params,
});
