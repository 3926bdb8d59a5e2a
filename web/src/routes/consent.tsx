// /consent/$id: where a person answers a client's request. Outside the shell: nothing here should lead away from the question.
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { requireSession } from './require-session.ts';
import { rootRoute } from './root.tsx';
import { RootError } from './root-error.tsx';

const page = () => import('../consent/consent-page.tsx');

export const consentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/consent/$id',
  beforeLoad: requireSession,
  loader: async ({ context, params }) => (await page()).loadConsent(context.client, params.id),
  component: lazyRouteComponent(page, 'ConsentPage'),
  errorComponent: RootError,
  remountDeps: ({ params }) => params,
});
