// The root: what every page shares, and what is shown when no page fits or the application itself fails.

import { createRootRouteWithContext, Outlet, useRouter } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { useEffect } from 'react';
import { focusHeading } from '../ui/focus-heading.ts';
import { NotFound } from './not-found.tsx';
import { RootError } from './root-error.tsx';

export interface RouterContext {
  client: Client;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: RootError,
});

function Root() {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        if (fromLocation && pathChanged) focusHeading();
      }),
    [router],
  );
  return <Outlet />;
}
