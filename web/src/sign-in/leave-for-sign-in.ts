// Leaves for the sign-in page and comes back to here. A real navigation, so that nothing of the former session stays in memory.
import { OUTSIDE } from './return-to.ts';

let leaving = false;

export function leaveForSignIn(): void {
  if (leaving || OUTSIDE.has(location.pathname)) return;
  leaving = true;
  const here = location.pathname + location.search;
  location.assign(`/sign-in?${new URLSearchParams({ returnTo: here })}`);
}
