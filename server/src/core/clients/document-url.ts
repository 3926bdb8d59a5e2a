/** Client identifiers that are addresses of metadata documents (OAuth Client ID Metadata Document §3). Pure. */

const MAX_LENGTH = 2_000;

/** Whether a client_id means a metadata document: ids of registrations never begin so. */
export const isDocumentUrl = (clientId: string): boolean => /^https:\/\//i.test(clientId);

/**
 * Whether the address is one that a document may have: https, a path, no fragment, no user information, no dot segments, and written
 * exactly as it is compared, so that no two spellings are one client. Nothing is fetched for any other.
 */
export function isAcceptableDocumentUrl(clientId: string): boolean {
  if (
    clientId.length > MAX_LENGTH ||
    !/^[\x21-\x7e]+$/.test(clientId) ||
    /[\\#]/.test(clientId) ||
    !URL.canParse(clientId)
  )
    return false;
  const url = new URL(clientId);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.pathname === '/') return false;
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(clientId.replace(/^https:\/\/[^/]*/, ''))) return false;
  // The parser's own spelling: lower-case scheme and host, no default port, no completed numbers, no trailing dot.
  return url.href === clientId && !url.hostname.endsWith('.');
}

/** The host whose control of the document was verified by fetching it: what consent shows first. */
export const verifiedHost = (clientId: string): string => new URL(clientId).host;
