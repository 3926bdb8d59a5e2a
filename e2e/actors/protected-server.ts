/** An MCP server that asks for OAuth, and its provider: oidc-provider with its own sign-in pages, in front of the real server-everything. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import Provider from 'oidc-provider';
import { portOf } from '../fixtures/port.ts';

export type ProtectedServer = {
  /** The MCP endpoint. */
  url: string;
  issuer: string;
  /** The headers of every request that was let in. */
  letIn: IncomingHttpHeaders[];
  /** How many tokens were asked for, by grant type. */
  tokensAsked: (grantType: string) => number;
  /** How often a token was revoked here. */
  revocations: () => number;
  /** Every token that was given, and what came with it. */
  secrets: Set<string>;
  /** Forgets all that it ever granted. */
  forgetGrants: () => Promise<void>;
  stop: () => Promise<void>;
};

/** `everything`: where requests go that are let in. */
export async function openProtectedServer(everything: string, accessTokenSeconds = 3600): Promise<ProtectedServer> {
  let answer: (req: IncomingMessage, res: ServerResponse) => void = (_, res) => res.writeHead(503).end();
  const server = createServer((req, res) => answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${portOf(server)}`;
  const url = `${issuer}/mcp`;
  const provider = new Provider(issuer, configurationOf(url, accessTokenSeconds));

  const letIn: IncomingHttpHeaders[] = [];
  const secrets = new Set<string>();
  const grants = new Set<string>();
  const asked: string[] = [];
  let revocations = 0;
  provider.on('grant.success', (ctx: { oidc: { params: { grant_type: string } }; body: Record<string, string> }) => {
    asked.push(ctx.oidc.params.grant_type);
    for (const name of ['access_token', 'refresh_token', 'id_token']) if (ctx.body[name]) secrets.add(ctx.body[name]);
  });
  provider.on('access_token.saved', ({ grantId }: { grantId: string }) => grants.add(grantId));
  provider.on('refresh_token.destroyed', () => {
    revocations += 1;
  });

  const oauth = provider.callback();
  answer = (req, res) => {
    const path = new URL(req.url ?? '/', issuer).pathname;
    if (path === '/.well-known/oauth-protected-resource/mcp')
      return json(res, 200, { resource: url, authorization_servers: [issuer] });
    if (path !== '/mcp') return oauth(req, res);
    guard(req, res).catch(() => res.destroy());
  };
  const guard = async (req: IncomingMessage, res: ServerResponse) => {
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
    const found = token && (await provider.AccessToken.find(token));
    if (!found || !(await provider.Grant.find(found.grantId))) {
      const metadata = `${issuer}/.well-known/oauth-protected-resource/mcp`;
      return json(res, 401, {}, { 'www-authenticate': `Bearer resource_metadata="${metadata}", scope="openid mcp"` });
    }
    letIn.push(req.headers);
    relay(everything, req, res);
  };
  return {
    url,
    issuer,
    letIn,
    secrets,
    tokensAsked: (grantType) => asked.filter((one) => one === grantType).length,
    revocations: () => revocations,
    forgetGrants: async () => {
      for (const id of grants) await (await provider.Grant.find(id))?.destroy();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const configurationOf = (resource: string, accessTokenSeconds: number) => ({
  scopes: ['openid', 'offline_access', 'mcp'],
  claims: { openid: ['sub'], mcp: ['email'] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  pkce: { required: () => true },
  ttl: { AccessToken: accessTokenSeconds, Grant: 86_400, Interaction: 600, Session: 86_400, RefreshToken: 86_400 },
  rotateRefreshToken: true,
  issueRefreshToken: async (_: unknown, client: { grantTypeAllowed: (type: string) => boolean }) =>
    client.grantTypeAllowed('refresh_token'),
  findAccount: (_: unknown, id: string) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: `${id}@provider.example` }),
  }),
  features: {
    registration: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'mcp', accessTokenFormat: 'opaque' }),
    },
  },
});

function json(res: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function relay(to: string, req: IncomingMessage, res: ServerResponse): void {
  const { authorization: _, host: __, ...headers } = req.headers;
  const onward = request(to, { method: req.method, headers }, (answered) => {
    res.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(res);
  });
  onward.on('error', () => res.destroy());
  res.on('close', () => onward.destroy());
  req.pipe(onward);
}
