// /sign-up: the first account, or another where that is open.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { loadSetup } from '../sign-in/account.ts';
import { safeReturnTo } from '../sign-in/return-to.ts';
import { rootRoute } from './root.tsx';
import { RootError } from './root-error.tsx';

export const signUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-up',
  validateSearch: (search: Record<string, unknown>): { returnTo?: string } => ({
    returnTo: safeReturnTo(search.returnTo),
  }),
  beforeLoad: async () => ({ setup: await loadSetup() }),
  component: lazyRouteComponent(() => import('../sign-in/sign-up-page.tsx'), 'SignUpPage'),
  errorComponent: RootError,
});
