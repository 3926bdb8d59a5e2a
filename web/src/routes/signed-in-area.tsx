// Puts the shell around the pages of the signed-in area.
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { AccountMenu } from '../sign-in/account-menu.tsx';
import { Shell } from '../ui/shell.tsx';

const route = getRouteApi('/_signed-in');

export function SignedInArea() {
  const { user } = route.useRouteContext();
  return (
    <Shell account={<AccountMenu user={user} />}>
      <Outlet />
    </Shell>
  );
}
