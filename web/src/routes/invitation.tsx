// /invitation: where the link of an invitation leads, with or without an account. Its key is behind the #, which no server sees.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { loadSetup } from '../sign-in/account.ts';
import { sessionUser } from '../sign-in/session.ts';
import { rootRoute } from './root.tsx';
import { RootError } from './root-error.tsx';

export const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation',
  beforeLoad: async ({ context }) => ({ setup: await loadSetup(), user: await sessionUser(context.client) }),
  component: lazyRouteComponent(() => import('../organization/invitation-page.tsx'), 'InvitationPage'),
  errorComponent: RootError,
});
