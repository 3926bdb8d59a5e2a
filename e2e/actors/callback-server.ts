/** The loopback server of a native client, on a port that it learns only when it starts: takes the answer of an authorization. */
import { createServer } from 'node:http';
import { portOf } from '../fixtures/port.ts';

export type CallbackServer = {
  redirectUri: string;
  /** The next answer that arrives, or has arrived and was not taken. */
  answer: () => Promise<URL>;
  /** How many answers have arrived. */
  count: () => number;
  stop: () => Promise<void>;
};

export async function openCallbackServer(host = '127.0.0.1', path = '/callback'): Promise<CallbackServer> {
  const arrived: URL[] = [];
  const waiting: ((answer: URL) => void)[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', redirectUri);
    if (url.pathname !== path) return response.writeHead(204).end(); // a browser asks for an icon
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>Back</title><h1>Back at the client</h1>');
    count += 1;
    const next = waiting.shift();
    if (next) next(url);
    else arrived.push(url);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const redirectUri = `http://${host}:${portOf(server)}${path}`;
  return {
    redirectUri,
    answer: () => {
      const first = arrived.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    },
    count: () => count,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
