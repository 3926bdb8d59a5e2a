// /sign-in: an installation without accounts leads on to creating the first.
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { loadSetup } from '../sign-in/account.ts';
import { safeReturnTo } from '../sign-in/return-to.ts';
import { rootRoute } from './root.tsx';
import { RootError } from './root-error.tsx';

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { returnTo?: string } => ({
    returnTo: safeReturnTo(search.returnTo),
  }),
  beforeLoad: async ({ search }) => {
    const setup = await loadSetup();
    if (!setup.hasAccounts) throw redirect({ to: '/sign-up', search, replace: true });
    return { setup };
  },
  component: lazyRouteComponent(() => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
  errorComponent: RootError,
});
