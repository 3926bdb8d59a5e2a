/** The load generator: keeps connections busy, times every answer, and counts only those that are the right one. */
import { connect, createServer, type Socket } from 'node:net';
import type { LoadResult, LoadTask } from './load-task.ts';
import { rounded } from './table.ts';

createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n')).listen(Number(process.env.PORT), '127.0.0.1');

process.on('message', (message: { task?: LoadTask }) => {
  if (message.task) void run(message.task).then((result) => process.send?.({ result }));
});

async function run(task: LoadTask): Promise<LoadResult> {
  const latencies: number[] = [];
  let wrong = 0;
  let firstWrong = '';
  const sockets = await Promise.all(Array.from({ length: task.concurrency }, () => dial(task.port)));
  const from = performance.now();
  const until = from + task.seconds * 1000;
  const counted = from + (task.ahead ?? 0) * 1000;
  await Promise.all(
    sockets.map(
      (socket, index) =>
        new Promise<void>((resolve, reject) => {
          const requests = task.requests.map((text) => Buffer.from(text));
          let turn = index;
          let startedAt = 0;
          let got = '';
          const next = (): void => {
            startedAt = performance.now();
            got = '';
            if (startedAt >= until) resolve();
            else socket.write(requests[turn++ % requests.length] as Buffer);
          };
          socket.on('data', (chunk: Buffer) => {
            got += chunk.toString('latin1');
            const end = got.indexOf('\r\n\r\n');
            if (end < 0) return;
            const length = /content-length: (\d+)/i.exec(got.slice(0, end))?.[1];
            const isWhole = length === undefined ? got.endsWith('0\r\n\r\n') : got.length >= end + 4 + Number(length);
            if (!isWhole) return;
            if (got.startsWith('HTTP/1.1 200') && bodyOf(got, end) === task.expected) {
              if (startedAt >= counted) latencies.push(performance.now() - startedAt);
            } else {
              wrong++;
              firstWrong ||= got.slice(0, 300);
            }
            if (task.pauseMs) setTimeout(next, task.pauseMs);
            else next();
          });
          socket.on('error', reject);
          socket.on('close', () => resolve());
          next();
        }),
    ),
  );
  const seconds = (performance.now() - from) / 1000;
  for (const socket of sockets) socket.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  const all = task.tellAll ? { latencies: latencies.map((ms) => rounded(ms, 3)) } : {};
  return { right: latencies.length, wrong, firstWrong, seconds, p50: at(0.5), p99: at(0.99), max: at(1), ...all };
}

/** The body, out of its chunks where it came in such. */
function bodyOf(text: string, end: number): string {
  const raw = text.slice(end + 4);
  if (!/transfer-encoding: chunked/i.test(text.slice(0, end))) return raw;
  let body = '';
  for (let at = 0; ; ) {
    const line = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.slice(at, line), 16);
    if (!(size > 0)) return body;
    body += raw.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
}

const dial = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
