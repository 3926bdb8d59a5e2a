// /connections/$id/sign-ins: how clients fared that tried to sign in at one connection.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { PageSkeleton } from '../ui/states.tsx';
import { signedInRoute } from './signed-in.tsx';

const page = () => import('../connections/attempts-page.tsx');

export const attemptsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/connections/$id/sign-ins',
  loader: async ({ context, params }) => (await page()).loadAttempts(context.client, params.id),
  component: lazyRouteComponent(page, 'AttemptsPage'),
  pendingComponent: PageSkeleton,
  remountDeps: ({ params }) => params,
});
