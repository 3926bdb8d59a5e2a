/** The URL of an upstream request: built once from the connection's URL, and never outside of it. */

export type UpstreamTarget = { origin: string; path: string };

type Base = { url: URL; origin: string; pathname: string; search: string; path: string };

const MAX_BASES = 1_000;

/** Where requests for a connection's `remoteUrl` go. Parsing is done once per URL: most requests are for the URL itself. */
export function openUpstreamTargets(): (remoteUrl: string, rest: string, query: string) => UpstreamTarget | null {
  const bases = new Map<string, Base>();
  const baseOf = (remoteUrl: string): Base => {
    const known = bases.get(remoteUrl);
    if (known) return known;
    const url = new URL(remoteUrl);
    const base = {
      url,
      origin: url.origin,
      pathname: url.pathname,
      search: url.search,
      path: url.pathname + url.search,
    };
    if (bases.size >= MAX_BASES) bases.clear();
    bases.set(remoteUrl, base);
    return base;
  };
  return (remoteUrl, rest, query) => {
    const base = baseOf(remoteUrl);
    if (rest === '' && query === '') return base;
    const pathname = rest === '' ? base.pathname : base.pathname.replace(/\/$/, '') + rest;
    // The parser is asked whether it sees what we wrote: same origin, same path, so below the connection's own (#166).
    const url = new URL(base.origin + pathname);
    if (url.origin !== base.origin || url.pathname !== pathname) return null;
    return { origin: base.origin, path: pathname + joinQueries(base, query) };
  };
}

/** The connection's own parameters may be its credential: a client's of the same name do not pass. */
function joinQueries(base: Base, query: string): string {
  if (query === '') return base.search;
  if (base.search.length < 2) return `?${query}`;
  const own = new Set([...base.url.searchParams.keys()]);
  const others = query.split('&').filter((part) => !own.has([...new URLSearchParams(part).keys()][0] ?? ''));
  return base.search + (others.length > 0 ? `&${others.join('&')}` : '');
}
