/** An MCP server that announces its own provider, both on one loopback host: whoever comes to sign in is let in at once. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { portOf } from '../fixtures/port.ts';

export type AnnouncedServer = {
  url: string;
  /** The client IDs that came to the sign-in page. */
  clients: string[];
  stop: () => Promise<void>;
};

const TOKEN = 'upstream-token';
const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'notes', version: '1.0.0' } };

/** @param registers whether clients can register themselves there. */
export async function openAnnounced(registers: boolean): Promise<AnnouncedServer> {
  const clients: string[] = [];
  const server = createServer((request, response) => answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${portOf(server)}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', base);
    const send = (status: number, json: object, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
    switch (pathname) {
      case '/mcp':
        if (request.headers.authorization !== `Bearer ${TOKEN}`)
          return void send(401, {}, { 'www-authenticate': 'Bearer scope="notes:read"' });
        return void send(200, { jsonrpc: '2.0', id: JSON.parse(body || '{}').id ?? null, result: HELLO });
      case '/.well-known/oauth-protected-resource/mcp':
        return void send(200, {
          resource: `${base}/mcp`,
          authorization_servers: [base],
          scopes_supported: ['notes:write'],
        });
      case '/.well-known/oauth-authorization-server':
        return void send(200, {
          issuer: base,
          authorization_endpoint: `${base}/authorize`,
          token_endpoint: `${base}/token`,
          userinfo_endpoint: `${base}/userinfo`,
          code_challenge_methods_supported: ['S256'],
          ...(registers ? { registration_endpoint: `${base}/register` } : {}),
        });
      case '/register':
        return void send(201, { client_id: 'registered-by-itself', client_secret: 'its secret', ...JSON.parse(body) });
      case '/authorize': {
        clients.push(searchParams.get('client_id') ?? '');
        const back = new URL(searchParams.get('redirect_uri') ?? '');
        back.search = new URLSearchParams({ code: 'one', state: searchParams.get('state') ?? '' }).toString();
        return void response.writeHead(302, { location: back.href }).end();
      }
      case '/token':
        return void send(200, { access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 });
      case '/userinfo':
        return void send(200, { sub: '1', email: 'ada@provider.example' });
      default:
        return void send(404, {});
    }
  }
  return {
    url: `${base}/mcp`,
    clients,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
