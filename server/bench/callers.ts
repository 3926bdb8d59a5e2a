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

/** Opens an event stream. @returns when it has begun, what resolves when it ends. */
export function openStream(port: number, path: string, host: string, token: string): Promise<{ ended: Promise<void> }> {
  return new Promise((begun, reject) => {
    const headers = { host, authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    const req = request({ host: '127.0.0.1', port, method: 'GET', path, headers }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`no stream: ${res.statusCode}`));
      const ended = new Promise<void>((resolve) => res.resume().once('close', resolve));
      begun({ ended });
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
