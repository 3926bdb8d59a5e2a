/** Where a browser goes after signing in: a path on our own origin, since the request that names it may come from anyone (#257). */

/** The URL to go to; the start where `value` is anything but such a path. */
export function returnTo(base: string, value: unknown): string {
  if (typeof value !== 'string' || !value.startsWith('/') || !URL.canParse(value, base)) return `${base}/`;
  // `//host` and `/\host` are read by browsers as another origin.
  const url = new URL(value, base);
  return url.origin === base && !url.pathname.startsWith('/api/') ? url.href : `${base}/`;
}
