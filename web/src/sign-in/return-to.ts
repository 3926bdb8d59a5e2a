// Where to go after signing in: a path on this origin and nothing else, since the address that carries it may come from anyone.
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
  if (url.pathname === '/sign-in' || url.pathname === '/sign-up') return undefined;
  return url.pathname + url.search + url.hash;
}
