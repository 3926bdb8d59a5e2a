// /settings/security: one's own sign-in and sessions.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { loadSetup } from '../sign-in/account.ts';
import { PageSkeleton } from '../ui/states.tsx';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../settings/security-page.tsx');

export const securityRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings/security',
  beforeLoad: async () => ({ setup: await loadSetup() }),
  loader: async ({ context }) => (await page()).loadSecurity(context.client),
  component: lazyRouteComponent(page, 'SecurityPage'),
  pendingComponent: PageSkeleton,
});
