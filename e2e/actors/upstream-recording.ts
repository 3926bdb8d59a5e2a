/** An upstream that keeps every request as it came over the wire, and answers what it got. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portOf } from '../fixtures/port.ts';

export type Recorded = { method: string; target: string; headers: [string, string][]; body: string; socket: number };
export type RecordingUpstream = { url: string; got: Recorded[]; stop: () => Promise<void> };

export async function openRecording(): Promise<RecordingUpstream> {
  const got: Recorded[] = [];
  const sockets = new Map<unknown, number>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: target = '', rawHeaders: raw, socket } = request;
    if (!sockets.has(socket)) sockets.set(socket, sockets.size);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = raw.flatMap((name, at): [string, string][] => (at % 2 ? [] : [[name, raw[at + 1] ?? '']]));
    const one = { method, target, headers, body: Buffer.concat(chunks).toString(), socket: sockets.get(socket) ?? -1 };
    got.push(one);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(one));
  };
  // A body that is cut is no request.
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/a/mcp`,
    got,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
