// Puts the shell around the pages of the signed-in area, with the tabs of whatever organization is looked at.
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { graphql } from '../graphql/graphql.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { ContextSwitcher, ContextSwitcher_organization } from '../organization/context-switcher.tsx';
import { AccountMenu } from '../sign-in/account-menu.tsx';
import { Shell } from '../ui/shell.tsx';

const Organizations = graphql(
  `
    query Organizations {
      viewer {
        organizations {
          ...ContextSwitcher_organization
        }
      }
    }
  `,
  [ContextSwitcher_organization],
);

const route = getRouteApi('/_signed-in');

export function SignedInArea() {
  const { user } = route.useRouteContext();
  const { org } = route.useSearch();
  const { data } = usePageQuery(Organizations, {}, ['Organization']);
  return (
    <Shell
      organization={org !== undefined}
      context={<ContextSwitcher organizations={data?.viewer?.organizations ?? []} current={org} />}
      account={<AccountMenu user={user} />}
    >
      <Outlet />
    </Shell>
  );
}
