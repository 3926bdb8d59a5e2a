/** Whether a browser sent a request from our own pages. */

/**
 * True for a request that a page of another origin caused: judged by `Sec-Fetch-Site` where the browser sends it, and by `Origin`
 * where there is one. A request with neither comes from no browser of today, and carries no cookie that it was not given.
 */
export function isCrossOrigin(headers: Headers, own: readonly string[]): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.get('origin');
  return origin !== null && !own.includes(origin);
}
