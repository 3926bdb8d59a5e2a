/** The real server-everything of the MCP project as a process on loopback: the upstream of the 2025 era, with sessions and SSE. */
import { fileURLToPath } from 'node:url';
import { startChild } from '../fixtures/child.ts';

export type Upstream = { url: string; stop: () => Promise<void> };

const PRELOAD = fileURLToPath(new URL('./announce-port.mjs', import.meta.url));
const ENTRY = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
);

export async function openEverything(): Promise<Upstream> {
  // Nothing of our environment: one of its tools reads out all of its own.
  const child = startChild(['--import', PRELOAD, ENTRY, 'streamableHttp'], { PATH: '/usr/bin:/bin' });
  const port = await new Promise<number>((resolve, reject) => {
    child.process.once('message', (message: { port: number }) => resolve(message.port));
    child.exited.then(() => reject(new Error(`server-everything did not start:\n${child.said()}`)), reject);
  });
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    stop: async () => {
      await child.kill(); // it has nothing to tidy up, and would wait for its streams
    },
  };
}
