/** An upstream that is well, hangs, resets, never ends, drips or is slow: which of them is said by the path. */
import { createServer, type ServerResponse } from 'node:http';

const CHUNK = Buffer.alloc(16_384, 'x');
const SLOW_MS = 2_500;

// A megabyte a second for each, several times what passes: an upstream that is on this machine could fill the kernel's buffers at once,
// megabytes for each call, and what that takes of the machine would be another machine's.
const endless = new Set<ServerResponse>();
setInterval(() => {
  for (const res of endless) if (!res.writableNeedDrain) res.write(CHUNK);
}, 16);

const ways: Record<string, (res: ServerResponse) => void> = {
  '/well': (res) => res.writeHead(200, { 'content-type': 'application/json' }).end('{"well":"answer"}'),
  '/hang': () => {},
  '/reset': (res) => res.destroy(),
  '/endless': (res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.write(Buffer.alloc(131_072, 'x'));
    endless.add(res);
    res.on('close', () => endless.delete(res));
  },
  '/drip': (res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => res.write(' '), 100);
    res.on('close', () => clearInterval(timer));
  },
  '/slow': (res) => {
    setTimeout(() => res.writeHead(200, { 'content-type': 'application/json' }).end('{"slow":"answer"}'), SLOW_MS);
  },
};

createServer((req, res) => {
  const way = ways[req.url ?? ''];
  if (way) req.resume().on('end', () => way(res));
  else res.end();
}).listen(Number(process.env.PORT), '127.0.0.1');
