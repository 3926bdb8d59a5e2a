// Leaves for the sign-in page and comes back to here. A real navigation, so that nothing of the former session stays in memory.
let leaving = false;

export function leaveForSignIn(): void {
  if (leaving || location.pathname === '/sign-in' || location.pathname === '/sign-up') return;
  leaving = true;
  const here = location.pathname + location.search;
  location.assign(`/sign-in?${new URLSearchParams({ returnTo: here })}`);
}
