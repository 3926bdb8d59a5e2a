/** What the gateway is measured against: the same road, node:http in and undici out, with no question asked on it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, type Dispatcher } from 'undici';

const upstream = new URL(process.env.UPSTREAM as string);
const agent = new Agent({ pipelining: 1, allowH2: false });
const HOP = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'authorization',
]);

createServer((req, res) => {
  const parts: Buffer[] = [];
  req.on('data', (chunk: Buffer) => parts.push(chunk));
  req.on('end', () => relay(req, res, parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)));
}).listen(Number(process.env.PORT), '127.0.0.1', 4_096);

function relay(req: IncomingMessage, res: ServerResponse, body: Buffer): void {
  const headers: string[] = [];
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const name = (req.rawHeaders[at] as string).toLowerCase();
    if (!HOP.has(name)) headers.push(name, req.rawHeaders[at + 1] as string);
  }
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => {},
    onResponseStart: (_, status, received) => {
      const passed: string[] = [];
      for (const name in received)
        if (!HOP.has(name) || name === 'content-length') passed.push(name, String(received[name]));
      res.writeHead(status, passed);
    },
    onResponseData: (controller, chunk) => {
      if (res.write(chunk)) return;
      controller.pause();
      res.once('drain', () => controller.resume());
    },
    onResponseEnd: () => res.end(),
    onResponseError: () => res.destroy(),
  };
  const method = req.method as Dispatcher.HttpMethod;
  const path = upstream.pathname;
  agent.dispatch({ origin: upstream.origin, path, method, headers, body: body.length > 0 ? body : null }, handler);
}
