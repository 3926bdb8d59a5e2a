// The way out of an organization, and staying in it from page to page.

/** Says in a link that it leads out of the organization. */
export const PERSONAL = 'personal';

/** A middleware of searches: whoever looks at an organization goes on doing so from tab to tab. */
export function keepOrganization<Search extends { org?: string }>({
  search,
  next,
}: {
  search: Search;
  next: (search: Search) => Search;
}): Search {
  const to = next(search);
  if (to.org === PERSONAL) return { ...to, org: undefined };
  return to.org === undefined && search.org !== undefined ? { ...to, org: search.org } : to;
}
