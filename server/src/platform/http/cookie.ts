/** Cookies by name: reading them, and the one that binds an authorization request to the browser that started it. */

/** The value of a cookie in a `Cookie` header; null when absent, or sent more than once. */
export function readCookie(header: string | null | undefined, name: string): string | null {
  const values = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
  return values.length === 1 && values[0] !== '' ? (values[0] as string) : null;
}

/** `__Host-` keeps other hosts of the same site from setting it; browsers take that prefix over https only. */
export const browserCookieName = (base: string): string =>
  base.startsWith('https:') ? '__Host-grantway_browser' : 'grantway_browser';

/** A `Set-Cookie` value: HttpOnly, this host only, sent on top-level navigation from elsewhere (the client's link) but on no other. */
export const setCookie = (base: string, name: string, value: string, maxAgeSeconds: number): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${base.startsWith('https:') ? '; Secure' : ''}`;
