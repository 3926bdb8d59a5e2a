/** Holds many event streams open, and tells when each of them ended. */
import { connect, createServer, type Socket } from 'node:net';
import type { StreamResult, StreamTask } from './load-task.ts';

createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n')).listen(Number(process.env.PORT), '127.0.0.1');

let held: { request: number; socket: Socket; endedAt: number | null }[] = [];

process.on('message', ({ task }: { task?: StreamTask }) => {
  if (task === undefined) return;
  void perform(task).then((result) => process.send?.({ result }));
});

async function perform(task: StreamTask): Promise<StreamResult> {
  if (task.act === 'open') {
    const waiting = task.requests.flatMap((text, request) =>
      Array.from({ length: task.each }, () => ({ text, request })),
    );
    // Not all at once: a listen queue is not what is measured.
    const workers = Array.from({ length: 64 }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await open(task.port, next.text, next.request);
    });
    await Promise.all(workers);
  } else {
    const asked = held.filter(({ request }) => task.of === null || request === task.of);
    const until = performance.now() + task.patienceMs;
    while (asked.some(({ endedAt }) => endedAt === null) && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const ends = asked.map(({ endedAt }) => endedAt);
    held = held.filter(({ request }) => task.of !== null && request !== task.of);
    return { open: held.length, ends };
  }
  return { open: held.filter(({ endedAt }) => endedAt === null).length, ends: [] };
}

function open(port: number, text: string, request: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text));
    const stream: (typeof held)[number] = { request, socket, endedAt: null };
    let got = '';
    let isHeld = false;
    socket.on('data', (chunk: Buffer) => {
      if (stream.endedAt !== null) return;
      // Held is only what began as a stream should, and has carried an event.
      if (got.length < 4_096) got += chunk.toString('latin1');
      if (!got.startsWith('HTTP/1.1 200')) reject(new Error(`not a stream: ${got.slice(0, 200)}`));
      else if (got.includes(': open stream') && !isHeld) {
        isHeld = true;
        held.push(stream);
        socket.removeAllListeners('data');
        // The last chunk, or the end of the connection: whichever the client hears first.
        socket.on('data', (last: Buffer) => last.includes('0\r\n\r\n') && ended());
        resolve();
      }
    });
    const ended = (): void => {
      stream.endedAt ??= Date.now();
      socket.destroy();
    };
    socket.on('end', ended);
    socket.on('close', ended);
    socket.on('error', reject);
  });
}
