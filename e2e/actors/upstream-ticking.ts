/** An upstream whose every GET is an event stream that ticks until it is cut, and whose every POST has one answer. */
import { createServer } from 'node:http';
import { portOf } from '../fixtures/port.ts';
import type { Upstream } from './upstream-everything.ts';

const TICK_MS = 50;

export async function openTicking(): Promise<Upstream> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","id":1,"result":{}}');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write(': tick\n\n'), TICK_MS);
    response.once('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/mcp`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
