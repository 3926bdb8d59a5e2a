/** Every way in which the gateway itself answers a request, as data. */
import { connectionPage } from '../core/connections/resource.ts';

/** A finished answer that is not the upstream's. */
export type Refusal = {
  status: number;
  /** Flat name, value pairs. */
  headers?: readonly string[];
  body: string;
};

/** A refusal of the gateway: an OAuth-shaped error with one plain sentence (RFC 6750 §3). */
export const refusal = (status: number, error: string, sentence: string, headers?: readonly string[]): Refusal => ({
  status,
  ...(headers ? { headers } : {}),
  body: JSON.stringify({ error, error_description: sentence }),
});

/** A refusal in the form that an MCP client shows to its user (JSON-RPC 2.0 §5.1). The id is null: bodies are never parsed here. */
export const rpcRefusal = (status: number, message: string, headers?: readonly string[]): Refusal => ({
  status,
  ...(headers ? { headers } : {}),
  body: JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32_000, message } }),
});

/** The one scope that the runtime asks for. */
export const RUNTIME_SCOPE = 'mcp:access';

// The URL has no character that would need escaping in a quoted-string (RFC 9110 §5.6.4): the issuer is an origin, the path is ours.
const challenge = (base: string, path: string, error?: string): string[] => [
  'www-authenticate',
  `Bearer ${error ? `error="${error}", ` : ''}resource_metadata="${base}/.well-known/oauth-protected-resource${path}", scope="${RUNTIME_SCOPE}"`,
];

/** No credential was presented: a bare challenge, without `error` (RFC 6750 §3.1, RFC 9728 §5.1). */
export const noToken = (base: string, path: string): Refusal =>
  refusal(401, 'unauthorized', 'Sign in to use this MCP server.', challenge(base, path));

/** One answer for every reason, so that none can be told from another. */
export const invalidToken = (base: string, path: string): Refusal =>
  refusal(401, 'invalid_token', 'The access token is not valid, or no longer.', challenge(base, path, 'invalid_token'));

export const insufficientScope = (base: string, path: string): Refusal =>
  refusal(
    403,
    'insufficient_scope',
    `This needs the scope ${RUNTIME_SCOPE}.`,
    challenge(base, path, 'insufficient_scope'),
  );

export const userMayNot = refusal(403, 'access_denied', 'You may not use this MCP server.');
export const foreignOrigin = refusal(403, 'access_denied', 'Requests from this web origin are not allowed.');
export const unknownRoute = refusal(404, 'not_found', 'There is no such MCP server.');
export const foreignHost = refusal(421, 'misdirected_request', 'This gateway does not answer under that host name.');
export const badRequest = (sentence: string): Refusal => refusal(400, 'invalid_request', sentence);
export const bodyTooLarge = refusal(413, 'invalid_request', 'The request body is too large.', ['connection', 'close']);
export const unknownSession = rpcRefusal(404, 'Session not found');

/** The grant could not be read: never 401, because clients throw their tokens away on that (field note 22). */
export const unavailable = (retryAfter = 2): Refusal =>
  rpcRefusal(503, 'Grantway is temporarily unavailable. Try again shortly.', ['retry-after', String(retryAfter)]);

/** What is stored for the connection could not be opened or used: no fault of the client. */
export const brokenCredentials = rpcRefusal(
  500,
  "Grantway could not use the connection's stored settings. Its owner has to enter them again.",
);

/** One sign-in, or one address without any, takes more than its share (#192). */
export const tooMany = (retryAfter: number): Refusal =>
  rpcRefusal(429, 'Too many requests of this client. Try again shortly.', ['retry-after', String(retryAfter)]);

/** The upstream failed again and again, or very many wait for it (#205). */
export const upstreamPaused = (retryAfter: number): Refusal =>
  rpcRefusal(503, 'The upstream MCP server does not answer now. Try again shortly.', [
    'retry-after',
    String(retryAfter),
  ]);

export const upstreamUnreachable = rpcRefusal(502, 'The upstream MCP server could not be reached.');
export const upstreamNotHttp = rpcRefusal(
  502,
  'The upstream MCP server answered with something that is not HTTP. Its URL in the connection may be wrong.',
);
export const upstreamUnusable = rpcRefusal(502, 'The upstream MCP server sent an answer that cannot be passed on.');
export const upstreamTooSlow = rpcRefusal(504, 'The upstream MCP server did not answer in time.');

/** A redirect keeps its status, but neither its target nor its body passes: both may name what lies behind (#195). */
export const upstreamRedirects = (status: number): Refusal =>
  rpcRefusal(
    status,
    'The upstream MCP server redirects elsewhere, which Grantway does not follow. Its URL in the connection may be out of date.',
  );

/** Never their 401 as ours: a client would throw away a token that is good (field note 45). */
export const reconnect = (base: string, connectionId: string): Refusal =>
  rpcRefusal(
    502,
    `The upstream MCP server refused the connection's credentials. Reconnect it at ${connectionPage(base, connectionId)}`,
  );
