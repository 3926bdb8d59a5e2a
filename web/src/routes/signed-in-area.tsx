// Puts the shell around the pages of the signed-in area, with the tabs of whatever organization is looked at.
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { lazy } from 'react';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { ContextButton } from '../organization/context-button.tsx';
import { NoOrganization } from '../organization/no-organization.tsx';
import { Organizations } from '../organization/organizations.ts';
import { AccountButton } from '../sign-in/account-button.tsx';
import { LazyMenu } from '../ui/lazy-menu.tsx';
import { Shell } from '../ui/shell.tsx';

const route = getRouteApi('/_signed-in');

const loadContextMenu = () => import('../organization/context-menu.tsx');
const ContextMenu = lazy(async () => ({ default: (await loadContextMenu()).ContextMenu }));
const loadAccountMenu = () => import('../sign-in/account-menu.tsx');
const AccountMenu = lazy(async () => ({ default: (await loadAccountMenu()).AccountMenu }));

export function SignedInArea() {
  const { user } = route.useRouteContext();
  const { org } = route.useSearch();
  const { data, refreshing } = usePageQuery(Organizations, {}, ['Organization']);
  const organizations = data?.viewer?.organizations;
  const context = { organizations: organizations ?? [], current: org };
  // While the list is asked anew, one that was just made may not be in it yet.
  const isGone = org !== undefined && organizations && !refreshing && !organizations.some(({ id }) => id === org);
  return (
    <Shell
      organization={org !== undefined}
      context={
        <LazyMenu load={loadContextMenu} button={(own) => <ContextButton {...context} {...own} />}>
          <ContextMenu {...context} />
        </LazyMenu>
      }
      account={
        <LazyMenu load={loadAccountMenu} button={(own) => <AccountButton name={user.name} {...own} />}>
          <AccountMenu user={user} />
        </LazyMenu>
      }
    >
      {isGone ? <NoOrganization /> : <Outlet />}
    </Shell>
  );
}
