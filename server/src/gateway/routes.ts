/** What a raw request target means to the gateway plane: decided once, on the text as it was sent. */
import { type ConnectRoute, parseRoute } from '../core/connections/resource.ts';

const CONNECT = '/mcp-connect';
const METADATA = '/.well-known/oauth-protected-resource';

/**
 * Whether a raw request target is this plane's. Not decoded: `/%6dcp-connect` is someone else's 404, never another spelling of ours.
 * Everything that merely begins like ours is ours too, so that no near miss (`/mcp-connect;x`) falls through to another handler.
 */
export const matches = (target: string): boolean => begins(target, CONNECT) || begins(target, METADATA);

const begins = (target: string, prefix: string): boolean =>
  target.startsWith(prefix) && !/[A-Za-z0-9_-]/.test(target.charAt(prefix.length));

export const isMetadata = (target: string): boolean => begins(target, METADATA);

/** A connect route as it was called. */
export type Target = {
  route: ConnectRoute;
  /** The canonical path of the route, without `rest`: what the audience of a token ends with. */
  path: string;
  /** What lies below the route, with its leading slash; or empty. */
  rest: string;
  /** The query, without its `?`; or empty. */
  query: string;
};

// One segment: characters of RFC 3986 §3.3 but `;`, and escapes but those of dot, slash, backslash, percent, `;` and controls.
const DESCENDANT = /^(\/([A-Za-z0-9._~!$&'()*+,=:@-]|%(?!2e|2f|5c|25|3b|[01]|7f)[0-9a-f]{2})+)+\/?$/i;
const DOT_SEGMENT = /\/\.\.?(\/|$)/;
const VISIBLE_ASCII = /^[\x21-\x7e]*$/;

/**
 * Reads the raw target of a connect request; null for every malformed one: not origin-form, dot segments, empty segments, escaped
 * separators (RFC 3986 §6.2.2; SECURITY #164-167). What is returned is forwarded as it stands: nothing decodes it again.
 * Does not check that the route exists, nor that it takes descendants.
 */
export function readTarget(target: string): Target | null {
  if (!target.startsWith(`${CONNECT}/`) || !VISIBLE_ASCII.test(target) || target.includes('#')) return null;
  const mark = target.indexOf('?');
  const pathname = mark === -1 ? target : target.slice(0, mark);
  const parsed = parseRoute(pathname.slice(CONNECT.length + 1));
  if (parsed === null) return null;
  const { rest, ...route } = parsed;
  if (rest !== '' && (!DESCENDANT.test(rest) || DOT_SEGMENT.test(rest))) return null;
  const path = `${CONNECT}/${route.scope}/${route.ownerId}/${route.connectionId}/${route.routeKey}`;
  return { route, path, rest, query: mark === -1 ? '' : target.slice(mark + 1) };
}

/** The route that a metadata request asks about (RFC 9728 §3.1); null for the root form and for what names no route. */
export function readMetadataTarget(target: string): { route: ConnectRoute; path: string } | null {
  const suffix = target.slice(METADATA.length).split('?')[0] as string;
  const read = readTarget(suffix);
  return read !== null && read.rest === '' ? { route: read.route, path: read.path } : null;
}

/** Whether a query carries a credential, which belongs in no URL (RFC 6750 §5.3). */
export const carriesToken = (query: string): boolean =>
  query !== '' && [...new URLSearchParams(query).keys()].some((name) => name.toLowerCase() === 'access_token');
