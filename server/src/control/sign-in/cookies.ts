/** The session cookie's name, which is also how it is found again. */

/** `__Host-` keeps other hosts of the same site from setting it (#251); browsers take that prefix over https only. */
export const sessionCookieName = (base: string): string =>
  base.startsWith('https:') ? '__Host-grantway_session' : 'grantway_session';
