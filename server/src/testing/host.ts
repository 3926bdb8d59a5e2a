/** A web host on loopback that answers by path as a test says, and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HostAnswer =
  | { status?: number; headers?: Record<string, string>; json?: unknown; text?: string }
  | ((request: IncomingMessage, response: ServerResponse, body: string) => void);

export type Host = {
  url: string;
  /** By path, or by method and path; what is not here is 404. */
  answers: Record<string, HostAnswer>;
  /** Method and path of every request, in their order. */
  asked: string[];
  /** How many connections were opened to it. */
  connections: number;
  close: () => Promise<void>;
};

export async function openHost(address = '127.0.0.1'): Promise<Host> {
  const host: Host = { url: '', answers: {}, asked: [], connections: 0, close: async () => {} };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const asked = `${request.method} ${request.url}`;
    host.asked.push(asked);
    const answer = host.answers[asked] ?? host.answers[request.url ?? ''] ?? { status: 404, json: {} };
    if (typeof answer === 'function') return answer(request, response, body);
    const { status = 200, headers = {}, json, text = JSON.stringify(json ?? {}) } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  });
  server.on('connection', () => host.connections++);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  host.url = `http://${address}:${(server.address() as AddressInfo).port}`;
  host.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return host;
}
