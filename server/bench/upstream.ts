/** An upstream that costs next to nothing: it reads a request and says the one answer, or holds event streams open. */
import { createServer, type Socket } from 'node:net';

const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: {
    content: [{ type: 'text', text: 'Echo: a measured answer of an ordinary size, as most tool calls give it.' }],
  },
});
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
);
const STREAM = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n10\r\n: open stream\n\n\n\r\n',
);

createServer({ noDelay: true }, (socket: Socket) => {
  let rest: Buffer | null = null;
  socket.on('data', (chunk: Buffer) => {
    let data = rest ? Buffer.concat([rest, chunk]) : chunk;
    for (;;) {
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) break;
      const head = data.toString('latin1', 0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (data.length < end + 4 + length) break;
      data = data.subarray(end + 4 + length);
      socket.write(head.startsWith('GET /mcp') ? STREAM : ANSWER);
    }
    rest = data.length > 0 ? data : null;
  });
  socket.on('error', () => socket.destroy());
}).listen(Number(process.env.PORT), '127.0.0.1', 4_096);
