/** Bytes over a socket, as no library would send them. */
import { connect, type Socket } from 'node:net';

export type Dialled = {
  socket: Socket;
  /** All that came back so far. */
  heard: () => string;
  /** Resolves when the other side has closed. */
  closed: Promise<void>;
};

export function dial(url: string): Dialled {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
  });
  socket.on('error', () => {}); // a cut is an answer too
  return { socket, heard: () => heard, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

/** Sends `text` as it is; all that came back when the other side closed, or after `ms` of silence about the end. */
export async function speak(url: string, text: string, ms = 2_000): Promise<{ heard: string; wasClosed: boolean }> {
  const { socket, heard, closed } = dial(url);
  socket.write(text, 'latin1');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const wasClosed = await Promise.race([closed.then(() => true), late]);
  clearTimeout(timer);
  socket.destroy();
  return { heard: heard(), wasClosed };
}

/** The status of each answer in what came back. */
export const statusesIn = (heard: string): number[] =>
  [...heard.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map(([, status]) => Number(status));
