/** A stateless MCP server of the 2026-07-28 era on loopback, with one tool; it remembers the headers that reached it. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { portOf } from '../fixtures/port.ts';

export type ReceivedRequest = { method: string; headers: IncomingHttpHeaders };
export type StatelessUpstream = { url: string; received: ReceivedRequest[]; stop: () => Promise<void> };

/** @param key what a client must send as `Authorization`; absent: anyone is let in. */
export async function openStateless(key?: string): Promise<StatelessUpstream> {
  const handler = createMcpHandler(newServer, { legacy: 'reject' });
  const received: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    received.push({ method: request.method ?? '', headers: request.headers });
    if (request.url !== '/mcp') return void response.writeHead(404).end();
    if (key !== undefined && request.headers.authorization !== key) return void response.writeHead(401).end();
    handler
      .fetch(toRequest(request, response))
      .then((answer) => send(answer, response))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/mcp`,
    received,
    stop: async () => {
      await handler.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function newServer(): McpServer {
  const server = new McpServer(
    { name: 'stateless', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } } },
  );
  const inputSchema = fromJsonSchema<{ message: string }>({
    type: 'object',
    properties: { message: { type: 'string' } },
    required: ['message'],
  });
  server.registerTool('echo', { description: 'Says it again', inputSchema }, async ({ message }) => ({
    content: [{ type: 'text', text: `Echo: ${message}` }],
  }));
  return server;
}

function toRequest(request: IncomingMessage, response: ServerResponse): Request {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
  const body = request.method === 'POST' ? (Readable.toWeb(request) as BodyInit) : null;
  const url = `http://127.0.0.1${request.url}`;
  const init = { method: request.method ?? 'GET', headers, body, signal: gone.signal, duplex: 'half' };
  return new Request(url, init);
}

async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.flushHeaders();
  if (answer.body) await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
  else response.end();
}
