// /sign-in: an installation without accounts leads on to creating the first.
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { loadSetup } from '../sign-in/account.ts';
import { safeReturnTo } from '../sign-in/return-to.ts';
import { rootRoute } from './root.tsx';
import { RootError } from './root-error.tsx';

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { returnTo?: string; error?: string } => ({
    returnTo: safeReturnTo(search.returnTo),
    // Single sign-on that did not work leads back here; only our own words for it are shown.
    error: typeof search.error === 'string' ? search.error : undefined,
  }),
  beforeLoad: async ({ search }) => {
    const setup = await loadSetup();
    if (!setup.hasAccounts && setup.passwordSignIn)
      throw redirect({ to: '/sign-up', search: { returnTo: search.returnTo }, replace: true });
    return { setup };
  },
  component: lazyRouteComponent(() => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
  errorComponent: RootError,
});
