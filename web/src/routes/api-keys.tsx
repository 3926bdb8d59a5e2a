// /settings/api-keys: the viewer's API keys, and what is kept of them.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PageSkeleton } from '../ui/states.tsx';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../settings/api-keys/api-keys-page.tsx');

export const apiKeysRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings/api-keys',
  loader: async ({ context }) => (await page()).loadApiKeys(context.client),
  component: lazyRouteComponent(page, 'ApiKeysPage'),
  pendingComponent: PageSkeleton,
});
