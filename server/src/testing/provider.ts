/** A provider on loopback with an MCP server that it protects: it does as the specifications say, until a test tells it otherwise. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Reply = { status: number; body?: unknown; headers?: Record<string, string> };
type Pending = { challenge: string; redirectUri: string; scope: string; nonce: string | null };

export type TestProvider = {
  url: string;
  mcpUrl: string;
  /** What came to each endpoint. */
  tokenCalls: URLSearchParams[];
  revocations: URLSearchParams[];
  mcpCalls: { headers: IncomingHttpHeaders; body: string }[];
  /** Seconds; undefined: it does not say. */
  expiresIn: number | undefined;
  /** Whether a refresh gives a new refresh token, and ends the old one. */
  rotates: boolean;
  /** Changes its metadata document. */
  metadata: Record<string, unknown>;
  /** Every secret that it ever gave out or took. */
  secrets: Set<string>;
  /** In the place of what it would answer at an endpoint; undefined leaves that as it is. */
  instead: (path: string, body: URLSearchParams, ordinary: Reply) => Reply | undefined | Promise<Reply | undefined>;
  /** How the sign-in page answers; absent: with a code. */
  decline: string | null;
  /** Forgets every token that it gave. */
  drop: () => void;
  isLive: (accessToken: string) => boolean;
  close: () => Promise<void>;
};

const name = (kind: string): string => `canary-${kind}-${randomBytes(18).toString('base64url')}`;

export async function openProviderServer(): Promise<TestProvider> {
  const codes = new Map<string, Pending>();
  const access = new Set<string>();
  const refresh = new Set<string>();
  const provider: TestProvider = {
    url: '',
    mcpUrl: '',
    tokenCalls: [],
    revocations: [],
    mcpCalls: [],
    expiresIn: 3600,
    rotates: true,
    metadata: {},
    secrets: new Set(),
    instead: () => undefined,
    decline: null,
    drop: () => {
      access.clear();
      refresh.clear();
    },
    isLive: (token) => access.has(token),
    close: async () => {},
  };
  const secret = (kind: string): string => {
    const made = name(kind);
    provider.secrets.add(made);
    return made;
  };
  const give = (scope: string, refreshToken?: string): Reply => {
    const accessToken = secret('access');
    access.add(accessToken);
    if (refreshToken !== undefined) refresh.add(refreshToken);
    const body: Record<string, unknown> = { access_token: accessToken, token_type: 'Bearer', scope };
    if (provider.expiresIn !== undefined) body.expires_in = provider.expiresIn;
    if (refreshToken !== undefined) body.refresh_token = refreshToken;
    return { status: 200, body };
  };
  const token = (form: URLSearchParams): Reply => {
    if (form.get('grant_type') === 'authorization_code') {
      const pending = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const verifier = form.get('code_verifier') ?? '';
      provider.secrets.add(verifier);
      const proven = createHash('sha256').update(verifier).digest('base64url') === pending?.challenge;
      if (!pending || !proven || form.get('redirect_uri') !== pending.redirectUri) return INVALID_GRANT;
      return give(pending.scope, secret('refresh'));
    }
    const presented = form.get('refresh_token') ?? '';
    if (!refresh.has(presented)) return INVALID_GRANT;
    if (!provider.rotates) return give('mcp');
    refresh.delete(presented);
    return give('mcp', secret('refresh'));
  };
  const authorize = (query: URLSearchParams): Reply => {
    const to = new URL(query.get('redirect_uri') ?? '');
    to.searchParams.set('state', query.get('state') ?? '');
    to.searchParams.set('iss', provider.url);
    provider.secrets.add(query.get('state') ?? '');
    if (provider.decline) to.searchParams.set('error', provider.decline);
    else {
      const code = secret('code');
      codes.set(code, {
        challenge: query.get('code_challenge') ?? '',
        redirectUri: query.get('redirect_uri') ?? '',
        scope: query.get('scope') ?? 'mcp',
        nonce: query.get('nonce'),
      });
      to.searchParams.set('code', code);
    }
    return { status: 302, headers: { location: to.href } };
  };
  const mcp = (req: IncomingMessage, body: string): Reply => {
    const bearer = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ?? '';
    const challenge = `Bearer resource_metadata="${provider.url}/.well-known/oauth-protected-resource/mcp", scope="mcp"`;
    if (!access.has(bearer)) return { status: 401, headers: { 'www-authenticate': challenge }, body: {} };
    provider.mcpCalls.push({ headers: req.headers, body });
    // Whoever asks waits for the answer to its own number; some bodies are no JSON.
    const { id = null } = body.startsWith('{') ? JSON.parse(body) : {};
    return { status: 200, body: { jsonrpc: '2.0', id, result: { bearer } } };
  };
  const ordinary = (req: IncomingMessage, url: URL, body: string): Reply => {
    switch (url.pathname) {
      case '/mcp':
        return mcp(req, body);
      case '/.well-known/oauth-protected-resource/mcp':
        return { status: 200, body: { resource: provider.mcpUrl, authorization_servers: [provider.url] } };
      case '/.well-known/oauth-authorization-server':
        return { status: 200, body: { ...metadataOf(provider.url), ...provider.metadata } };
      case '/register':
        return {
          status: 201,
          body: {
            ...JSON.parse(body),
            client_id: `client-${randomBytes(4).toString('hex')}`,
            client_secret: secret('client'),
          },
        };
      case '/authorize':
        return authorize(url.searchParams);
      case '/token':
        provider.tokenCalls.push(new URLSearchParams(body));
        return token(new URLSearchParams(body));
      case '/revoke': {
        const form = new URLSearchParams(body);
        provider.revocations.push(form);
        access.delete(form.get('token') ?? '');
        refresh.delete(form.get('token') ?? '');
        return { status: 200, body: {} };
      }
      case '/userinfo':
        return { status: 200, body: { sub: 'u-1', email: 'ada@provider.example' } };
      default:
        return { status: 404, body: {} };
    }
  };
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const url = new URL(req.url ?? '/', provider.url);
    const reply = ordinary(req, url, body);
    const said = (await provider.instead(url.pathname, new URLSearchParams(body), reply)) ?? reply;
    const text = typeof said.body === 'string' ? said.body : JSON.stringify(said.body ?? {});
    res.writeHead(said.status, { 'content-type': 'application/json', ...said.headers }).end(text);
  };
  const server = createServer((req, res) => void answer(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider.mcpUrl = `${provider.url}/mcp`;
  provider.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return provider;
}

const INVALID_GRANT: Reply = { status: 400, body: { error: 'invalid_grant' } };

const metadataOf = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  registration_endpoint: `${url}/register`,
  revocation_endpoint: `${url}/revoke`,
  userinfo_endpoint: `${url}/userinfo`,
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
  response_types_supported: ['code'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
});
