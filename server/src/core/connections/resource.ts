/** The connect resource: the public address of a connection, its canonical URL, and how a client's spelling of it is read. */
import { randomBytes } from 'node:crypto';
import type { Database } from '../../platform/database.ts';

export type ConnectAddress = {
  ownerUserId: string | null;
  ownerOrganizationId: string | null;
  connectionId: string;
  routeKey: string;
};

/** The members of a connect path: `/mcp-connect/{user|org}/{ownerId}/{connectionId}/{routeKey}`. */
export type ConnectRoute = { scope: 'user' | 'org'; ownerId: string; connectionId: string; routeKey: string };

/** A new route key of 192 random bits, URL-safe. */
export const newRouteKey = (): string => randomBytes(24).toString('base64url');

export const connectPath = (address: ConnectAddress): string => {
  const [scope, ownerId] =
    address.ownerOrganizationId === null ? ['user', address.ownerUserId] : ['org', address.ownerOrganizationId];
  return `/mcp-connect/${scope}/${ownerId}/${address.connectionId}/${address.routeKey}`;
};

/** What every connect URL of the gateway at `base` begins with. */
export const connectPrefix = (base: string): string => `${base}/mcp-connect/`;

/** The canonical connect URL: the OAuth `resource` and the token audience. */
export const connectUrl = (base: string, address: ConnectAddress): string => base + connectPath(address);

/** The address of a connection's page for people. Pages are addressed by GraphQL's global ids. */
export const connectionPage = (base: string, connectionId: string): string =>
  `${base}/connections/${Buffer.from(`McpConnection:${connectionId}`).toString('base64url')}`;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const ROUTE = new RegExp(`^(user|org)/(${UUID})/(${UUID})/([A-Za-z0-9_-]{32})(/.*)?$`);

/**
 * Reads what follows `/mcp-connect/`. `rest` is the descendant path, with its leading slash, or empty; a lone trailing slash is empty.
 * Null when malformed. Does not check that the route exists.
 */
export function parseRoute(path: string): (ConnectRoute & { rest: string }) | null {
  const match = ROUTE.exec(path);
  if (!match) return null;
  const [, scope, ownerId, connectionId, routeKey, rest = ''] = match;
  return {
    scope: scope as 'user' | 'org',
    ownerId: ownerId as string,
    connectionId: connectionId as string,
    routeKey: routeKey as string,
    rest: rest === '/' ? '' : rest,
  };
}

export type FoundRoute = ConnectAddress & {
  connectResourceId: string;
  name: string;
  pathPassthrough: boolean;
  remoteUrl: string;
};

const TEXT = `
  SELECT r.id AS "connectResourceId", n.id AS "connectionId", n.owner_user_id AS "ownerUserId",
    n.owner_organization_id AS "ownerOrganizationId", r.route_key AS "routeKey", n.name, n.path_passthrough AS "pathPassthrough",
    n.remote_url AS "remoteUrl", r.retired_at IS NOT NULL AS retired
  FROM connect_resource r JOIN connection n ON n.id = r.connection_id
  WHERE r.route_key = $1 AND n.deleted_at IS NULL AND n.status = 'enabled'`;

/** The live route with exactly these members; null for one that never was, is retired, or whose connection is disabled or deleted. */
export async function findRoute(database: Database, route: ConnectRoute): Promise<FoundRoute | null> {
  const found = await findRouteEver(database, route);
  return found === null || found.retired ? null : found;
}

/** The same with a route that was rotated away, which leads nowhere: for whoever tells of that. */
export async function findRouteEver(
  database: Database,
  route: ConnectRoute,
): Promise<(FoundRoute & { retired: boolean }) | null> {
  const [row] = (await database.query('grantway-route', TEXT, [route.routeKey])) as (FoundRoute & {
    retired: boolean;
  })[];
  if (!row || row.connectionId !== route.connectionId) return null;
  const ownerId = route.scope === 'user' ? row.ownerUserId : row.ownerOrganizationId;
  return ownerId === route.ownerId ? row : null;
}

/**
 * A `resource` parameter as our own canonical text: case of scheme and host, a default port and a trailing slash do not matter
 * (RFC 8707 §2, RFC 3986 §6.2). Null when it is no absolute http(s) URL, or has a fragment, a query or user information.
 */
export function canonicalResource(text: string): string | null {
  if (text.length > 2_048 || !URL.canParse(text)) return null;
  const url = new URL(text);
  // The raw text is compared too: the parser folds dot segments and backslashes, which no client of ours would send.
  if (/[\\\s]|\/\.\.?(\/|$)|%2e|%2f|%5c/i.test(text) || text.includes('#') || text.includes('?')) return null;
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) return null;
  return url.origin + url.pathname.replace(/\/$/, '');
}

/** The route that a canonical resource names under `base`; null when it is another's. */
export function routeOfResource(base: string, canonical: string): ConnectRoute | null {
  const prefix = connectPrefix(base);
  // What is canonical ends in no slash: one that is left is the second of two.
  if (!canonical.startsWith(prefix) || canonical.endsWith('/')) return null;
  const route = parseRoute(canonical.slice(prefix.length));
  return route && route.rest === '' ? route : null;
}
