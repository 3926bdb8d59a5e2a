/** How many connections one network address may hold open at a process (#184). */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressBucket, isTrusted } from './client-address.ts';

/** Closes what comes on top at once. A trusted proxy brings the connections of many, and is not counted. */
export function capConnections(server: Server, perAddress: number, trusted: readonly string[]): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isTrusted(address, trusted)) return;
    const bucket = addressBucket(address);
    const count = (open.get(bucket) ?? 0) + 1;
    if (count > perAddress) {
      socket.destroy();
      return;
    }
    open.set(bucket, count);
    socket.once('close', () => {
      const left = (open.get(bucket) ?? 1) - 1;
      if (left === 0) open.delete(bucket);
      else open.set(bucket, left);
    });
  });
}
