/** Cross-origin access for browser-based clients: any origin, no credentials, preflight before anything else. */
import { cors } from 'hono/cors';

const EXPOSED = ['WWW-Authenticate', 'Mcp-Session-Id', 'Retry-After'];

/** What it adds to an answer. */
export const OPEN_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED.join(','),
} as const;

/** For endpoints that programs call. Never for pages: those are for people, at this origin. */
export const openToAllOrigins = cors({
  origin: '*',
  allowMethods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
  allowHeaders: [
    'Authorization',
    'Content-Type',
    'Accept',
    'MCP-Protocol-Version',
    'Mcp-Session-Id',
    'Mcp-Method',
    'Mcp-Name',
    'Last-Event-ID',
    // All others (Fetch §3.3.5): `Mcp-Param-*` has no list, and tracing adds its own. `Authorization` is the one that has to be named.
    '*',
  ],
  exposeHeaders: EXPOSED,
  maxAge: 86_400,
});
