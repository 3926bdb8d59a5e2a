// /activity: what happened.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PageSkeleton } from '../ui/states.tsx';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../activity/activity-page.tsx');

export const activityRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/activity',
  loader: async ({ context, location }) =>
    (await page()).loadActivity(context.client, (location.search as { org?: string }).org),
  component: lazyRouteComponent(page, 'ActivityPage'),
  pendingComponent: PageSkeleton,
});
