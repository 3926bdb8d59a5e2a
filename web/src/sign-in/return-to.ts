// Where to go after signing in: a path on this origin and nothing else, since the address that carries it may come from anyone.
/** Pages for who is not signed in: nobody wants to come back to them. */
export const OUTSIDE = new Set([
  '/sign-in',
  '/sign-up',
  '/sign-up/finish',
  '/forgot-password',
  '/reset-password',
  '/verify-email',
]);

export function safeReturnTo(value: unknown, origin = location.origin): string | undefined {
  if (typeof value !== 'string' || !value.startsWith('/')) return undefined;
  let url: URL;
  try {
    url = new URL(value, origin);
  } catch {
    return undefined;
  }
  // `//host` and `/\host` are read by browsers as another origin.
  if (url.origin !== origin) return undefined;
  if (OUTSIDE.has(url.pathname)) return undefined;
  return url.pathname + url.search + url.hash;
}
