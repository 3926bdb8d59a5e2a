/** The real `mcp-remote` as a child process, spoken to over stdio as a desktop client would; its browser is the test's. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { NODE } from '../fixtures/child.ts';
import { removeFolder, temporaryFolder } from '../fixtures/gateway.ts';

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

export async function openMcpRemote(url: string): Promise<McpRemote> {
  const folder = temporaryFolder();
  const transport = new StdioClientTransport({
    command: NODE,
    args: [ENTRY, url, '--auth-timeout', '60'],
    env: { PATH: `${silentOpeners(folder)}:${dirname(NODE)}:/usr/bin:/bin`, HOME: folder, BROWSER: 'true' },
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
    close: async () => {
      await sdk.close();
      removeFolder(folder);
    },
  };
}

/** A folder with the openers of Linux and macOS that open nothing: the browser is the test's. */
function silentOpeners(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['open', 'xdg-open']) {
    writeFileSync(join(bin, name), '#!/bin/sh\nexit 0\n');
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}
