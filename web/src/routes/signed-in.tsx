// The signed-in area: the shell with its tabs around the pages.
import { createRoute } from '@tanstack/react-router';
import { ShellPending } from '../ui/shell.tsx';
import { keepOrganization } from './personal.ts';
import { requireSession } from './require-session.ts';
import { rootRoute } from './root.tsx';
import { RootError } from './root-error.tsx';
import { searchText } from './search-text.ts';
import { SignedInArea } from './signed-in-area.tsx';

export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: '_signed-in',
  validateSearch: (search: Record<string, unknown>): { org?: string } => ({ org: searchText(search.org) }),
  search: { middlewares: [keepOrganization] },
  beforeLoad: requireSession,
  component: SignedInArea,
  pendingComponent: ShellPending,
  errorComponent: RootError,
});
