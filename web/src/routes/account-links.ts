// /forgot-password, and where the links from mails lead.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { loadSetup } from '../sign-in/account.ts';
import { rootRoute } from './root.tsx';
import { RootError } from './root-error.tsx';

const pages = () => import('../sign-in/link-pages.tsx');
const outside = { getParentRoute: () => rootRoute, errorComponent: RootError };

export const forgotPasswordRoute = createRoute({
  ...outside,
  path: '/forgot-password',
  beforeLoad: async () => ({ setup: await loadSetup() }),
  component: lazyRouteComponent(() => import('../sign-in/forgot-password-page.tsx'), 'ForgotPasswordPage'),
});
export const resetPasswordRoute = createRoute({
  ...outside,
  path: '/reset-password',
  component: lazyRouteComponent(pages, 'ResetPasswordPage'),
});
export const finishSignUpRoute = createRoute({
  ...outside,
  path: '/sign-up/finish',
  component: lazyRouteComponent(pages, 'FinishSignUpPage'),
});
export const verifyEmailRoute = createRoute({
  ...outside,
  path: '/verify-email',
  component: lazyRouteComponent(pages, 'VerifyEmailPage'),
});
