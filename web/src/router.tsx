// The routes as one tree. Pages are loaded when they are visited; their data is loaded by their route.

import { createRouter as createTanStackRouter } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import {
  finishSignUpRoute,
  forgotPasswordRoute,
  resetPasswordRoute,
  verifyEmailRoute,
} from './routes/account-links.ts';
import { activityRoute } from './routes/activity.tsx';
import { apiKeysRoute } from './routes/api-keys.tsx';
import { attemptsRoute } from './routes/attempts.tsx';
import { clientsRoute } from './routes/clients.tsx';
import { connectionRoute } from './routes/connection.tsx';
import { connectionNewRoute } from './routes/connection-new.tsx';
import { connectionsRoute } from './routes/connections.tsx';
import { consentRoute } from './routes/consent.tsx';
import { gatewayClientsRoute } from './routes/gateway-clients.tsx';
import { homeRoute } from './routes/home.ts';
import { invitationRoute } from './routes/invitation.tsx';
import { membersRoute, organizationNewRoute, organizationRoute } from './routes/organization.tsx';
import { PageError } from './routes/page-error.tsx';
import { peopleRoute } from './routes/people.tsx';
import { rootRoute } from './routes/root.tsx';
import { securityRoute } from './routes/security.tsx';
import { signInRoute } from './routes/sign-in.ts';
import { signUpRoute } from './routes/sign-up.ts';
import { signedInRoute } from './routes/signed-in.tsx';

const routeTree = rootRoute.addChildren([
  homeRoute,
  signedInRoute.addChildren([
    connectionsRoute,
    connectionNewRoute,
    connectionRoute,
    attemptsRoute,
    clientsRoute,
    activityRoute,
    securityRoute,
    membersRoute,
    organizationRoute,
    organizationNewRoute,
    peopleRoute,
    apiKeysRoute,
    gatewayClientsRoute,
  ]),
  invitationRoute,
  consentRoute,
  signInRoute,
  signUpRoute,
  forgotPasswordRoute,
  resetPasswordRoute,
  finishSignUpRoute,
  verifyEmailRoute,
]);

export function createRouter(client: Client) {
  return createTanStackRouter({
    routeTree,
    context: { client },
    defaultPreload: 'intent',
    // urql decides what is fresh; the router only coordinates.
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 200,
    defaultPendingMinMs: 300,
    defaultErrorComponent: PageError,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createRouter>;
  }
}
