/** Callers for faults: whatever happens to a request is an answer that can be judged. */
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Program } from './processes.ts';

export type Question = {
  method?: 'GET' | 'POST';
  path: string;
  body?: string;
  headers: Record<string, string>;
  /** The one body of a right answer. */
  expected?: string;
};

export type Answer = { status: number; retryAfter: boolean; headers: IncomingHttpHeaders; text: string };

/** Asks once. A connection that breaks is an answer too: status 0. */
export function send(agent: Agent, port: number, { method = 'POST', path, body, headers }: Question): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = (text = ''): void => resolve({ status: 0, retryAfter: false, headers: {}, text });
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const all = { ...headers, ...length };
    const req = request({ host: '127.0.0.1', port, method, path, agent, headers: all }, async (res) => {
      let text = '';
      try {
        for await (const chunk of res) text += chunk;
      } catch {
        return broken(text);
      }
      const { statusCode: status = 0, headers: told } = res;
      resolve({ status, retryAfter: Number(told['retry-after']) > 0, headers: told, text });
    });
    req.once('error', () => broken());
    req.end(body);
  });
}

export type Asked = Answer & { startedAt: number; ms: number; right: boolean };

/** The same, timed, and compared with what is right. */
export async function ask(agent: Agent, port: number, question: Question): Promise<Asked> {
  const startedAt = performance.now();
  const answer = await send(agent, port, question);
  const right = answer.status === 200 && answer.text === question.expected;
  return { ...answer, startedAt, ms: performance.now() - startedAt, right };
}

/** DESIGN and #278: so long may a caller wait for a 503. */
const PATIENCE_MS = 5_500;

/** 503 with Retry-After. */
export const isUnavailable = ({ status, retryAfter }: Asked): boolean => status === 503 && retryAfter;

/** Right answers and "unavailable", and nothing else. */
export const isTransient = (asked: readonly Asked[]): boolean => asked.every((one) => one.right || isUnavailable(one));

/** Whether nobody waited longer than is promised. */
export const areInTime = (asked: readonly Asked[]): boolean => asked.every(({ ms }) => ms < PATIENCE_MS);

/** How often each status was told, and the longest wait. */
export function tell(asked: readonly Pick<Asked, 'status' | 'ms'>[]): string {
  const statuses = new Map<number, number>();
  for (const { status } of asked) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const counts = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  return `${counts}; longest ${Math.round(Math.max(...asked.map(({ ms }) => ms)))} ms`;
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
