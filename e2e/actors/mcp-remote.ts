/** The real `mcp-remote` as a child process, spoken to over stdio as a desktop client would; its browser is the test's. */
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { NODE } from '../fixtures/child.ts';
import { clientEnvironment } from './silent-openers.ts';

export type McpRemote = {
  sdk: Client;
  /** The next authorization URL that it prints and that was not taken yet. */
  authorizationUrl: () => Promise<URL>;
  /** Resolves when a browser has been through and it answers `initialize`. */
  connected: Promise<void>;
  said: () => string;
  close: () => Promise<void>;
};

const ENTRY = fileURLToPath(new URL('../node_modules/mcp-remote/dist/proxy.js', import.meta.url));
const PROMPT = /Please authorize this client by visiting:\s+(http\S+)\s/g;

/** `home` is the folder that it keeps its tokens in; `args` come behind the address. */
export async function openMcpRemote(url: string, home: string, args: string[] = []): Promise<McpRemote> {
  const transport = new StdioClientTransport({
    command: NODE,
    args: [ENTRY, url, ...args, '--auth-timeout', '60'],
    env: clientEnvironment(home),
    stderr: 'pipe',
  });
  let said = '';
  let taken = 0;
  const waiting: ((url: URL) => void)[] = [];
  transport.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    const urls = [...said.matchAll(PROMPT)].map(([, found]) => new URL(found as string));
    while (waiting.length > 0 && taken < urls.length) waiting.shift()?.(urls[taken++] as URL);
  });
  const sdk = new Client({ name: 'desktop', version: '1.0.0' });
  const connected = sdk.connect(transport, { timeout: 50_000 });
  connected.catch(() => {}); // it is reported to whoever waits for it
  return {
    sdk,
    connected,
    said: () => said,
    authorizationUrl: () => {
      const urls = [...said.matchAll(PROMPT)].map(([, found]) => new URL(found as string));
      const next = urls[taken];
      if (!next) return new Promise((resolve) => waiting.push(resolve));
      taken += 1;
      return Promise.resolve(next);
    },
    close: () => sdk.close(),
  };
}
