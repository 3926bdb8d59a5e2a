/** Refreshes, each with the token that the last answer gave: as many clients at once as there are tokens, each waiting for its answer. */
import { Agent, createServer, request } from 'node:http';
import type { LoadResult, RefreshTask } from './load-task.ts';

createServer((_, res) => res.end()).listen(Number(process.env.PORT), '127.0.0.1');

process.on('message', ({ task }: { task?: RefreshTask }) => {
  if (task) void run(task).then((result) => process.send?.({ result }));
});

async function run({ port, path, clientId, tokens, seconds }: RefreshTask): Promise<LoadResult & { tokens: string[] }> {
  // A pool for each spell: between two of them a server closes what is idle.
  const agent = new Agent({ keepAlive: true });
  const latencies: number[] = [];
  let [wrong, firstWrong] = [0, ''];
  const from = performance.now();
  const until = from + seconds * 1000;
  const last = await Promise.all(
    tokens.map(async (first) => {
      let token = first;
      while (performance.now() < until) {
        const startedAt = performance.now();
        const body = new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: token,
          client_id: clientId,
        }).toString();
        const { status, text } = await post(agent, port, path, body);
        const answer = status === 200 ? JSON.parse(text) : {};
        // Rotated, and with a token that could be used: anything else is no refresh.
        if (answer.refresh_token && answer.refresh_token !== token && answer.access_token?.split('.').length === 3) {
          latencies.push(performance.now() - startedAt);
          token = answer.refresh_token;
        } else {
          wrong++;
          firstWrong ||= `${status} ${text.slice(0, 300)}`;
          break;
        }
      }
      return token;
    }),
  );
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  const took = (performance.now() - from) / 1000;
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

const post = (agent: Agent, port: number, path: string, body: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
    const req = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
    });
    req.on('error', reject);
    req.end(body);
  });
