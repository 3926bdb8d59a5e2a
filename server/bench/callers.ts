/** Callers for faults: whatever happens to a request is an answer that can be judged. */
import { type Agent, request } from 'node:http';
import type { Program } from './processes.ts';

export type Answer = { status: number; retryAfter: boolean; text: string };

/** A connection that breaks is an answer too: status 0. */
export function send(
  agent: Agent,
  port: number,
  path: string,
  body: string,
  headers: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve) => {
    const all = { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const req = request({ host: '127.0.0.1', port, method: 'POST', path, agent, headers: all }, async (res) => {
      let text = '';
      try {
        for await (const chunk of res) text += chunk;
      } catch {
        return resolve({ status: 0, retryAfter: false, text });
      }
      resolve({ status: res.statusCode as number, retryAfter: Number(res.headers['retry-after']) > 0, text });
    });
    req.once('error', () => resolve({ status: 0, retryAfter: false, text: '' }));
    req.end(body);
  });
}

export type HeldStream = {
  /** Resolves when it is over: with its own end, or torn off. */
  ended: Promise<'whole' | 'torn'>;
  leave: () => void;
};

/** Opens an event stream. Resolves when it has begun. */
export function openStream(port: number, path: string, host: string, token: string): Promise<HeldStream> {
  return new Promise((begun, reject) => {
    const headers = { host, authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    const req = request({ host: '127.0.0.1', port, method: 'GET', path, headers }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`no stream: ${res.statusCode}`));
      res.on('error', () => {});
      const ended = new Promise<'whole' | 'torn'>((resolve) =>
        res.resume().once('close', () => resolve(res.complete ? 'whole' : 'torn')),
      );
      begun({ ended, leave: () => req.destroy() });
    });
    req.once('error', reject);
    req.end();
  });
}

export const statusOf = async (program: Program, path: string): Promise<number> => {
  const answer = await fetch(`http://127.0.0.1:${program.port}${path}`);
  await answer.body?.cancel();
  return answer.status;
};
