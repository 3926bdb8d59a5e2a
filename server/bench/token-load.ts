/** Refreshes, each with the token that the last answer gave: as many clients at once as there are tokens, each waiting for its answer. */
import { connect, createServer, type Socket } from 'node:net';
import type { LoadResult, RefreshTask } from './load-task.ts';

createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n')).listen(Number(process.env.PORT), '127.0.0.1');

process.on('message', ({ task }: { task?: RefreshTask }) => {
  if (task) void run(task).then((result) => process.send?.({ result }));
});

async function run({ port, path, clientId, tokens, seconds }: RefreshTask): Promise<LoadResult & { tokens: string[] }> {
  const latencies: number[] = [];
  let [wrong, firstWrong] = [0, ''];
  // New ones for each spell: between two of them a server closes what is idle.
  const sockets = await Promise.all(tokens.map(() => dial(port)));
  const from = performance.now();
  const until = from + seconds * 1000;
  const chain = async (socket: Socket, first: string): Promise<string> => {
    let token = first;
    while (performance.now() < until) {
      const startedAt = performance.now();
      const text = await ask(socket, requestOf(port, path, clientId, token));
      const answer = text.startsWith('HTTP/1.1 200 ') ? JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) : {};
      // Rotated, and with a token that could be used: anything else is no refresh.
      if (answer.refresh_token && answer.refresh_token !== token && answer.access_token?.split('.').length === 3) {
        latencies.push(performance.now() - startedAt);
        token = answer.refresh_token;
      } else {
        wrong++;
        firstWrong ||= text.slice(0, 500);
        break;
      }
    }
    return token;
  };
  const last = await Promise.all(sockets.map((socket, index) => chain(socket, tokens[index] as string)));
  const took = (performance.now() - from) / 1000;
  for (const socket of sockets) socket.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  return {
    right: latencies.length,
    wrong,
    firstWrong,
    seconds: took,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    tokens: last,
  };
}

function requestOf(port: number, path: string, clientId: string, token: string): string {
  const body = `grant_type=refresh_token&refresh_token=${encodeURIComponent(token)}&client_id=${encodeURIComponent(clientId)}`;
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'connection: keep-alive',
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** The whole answer, as text: straight on the socket, because a client library would take as much of the machine as what is measured. */
const ask = (socket: Socket, request: string): Promise<string> =>
  new Promise((resolve) => {
    let got = '';
    const settle = (text: string): void => {
      socket.off('data', hear).off('close', leave);
      resolve(text);
    };
    const leave = (): void => settle(`closed after: ${got}`);
    const hear = (chunk: Buffer): void => {
      got += chunk.toString('latin1');
      const end = got.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /content-length: (\d+)/i.exec(got.slice(0, end))?.[1];
      if (length === undefined) settle(`of no known length: ${got}`);
      else if (got.length >= end + 4 + Number(length)) settle(got);
    };
    socket.on('data', hear).on('close', leave);
    socket.write(request, 'latin1');
  });

const dial = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.on('error', reject);
  });
