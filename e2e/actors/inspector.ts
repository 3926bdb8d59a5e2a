/** The real `@modelcontextprotocol/inspector --cli`, one process per call, as a person types it; its browser is the test's. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NODE } from '../fixtures/child.ts';
import type { OpenBrowser } from './mcp-client.ts';
import { clientEnvironment } from './silent-openers.ts';

export type Inspected = { code: number | null; answer: unknown; said: string };

const ENTRY = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', import.meta.url),
);
const PROMPT = /Please navigate to:\s+(http\S+)\s/;

/** Calls one method. `home` is the folder that it keeps its tokens in. Without `openBrowser`, a browser must not be needed. */
export async function inspect(
  home: string,
  url: string,
  args: string[],
  openBrowser?: OpenBrowser,
): Promise<Inspected> {
  const child = spawn(NODE, [ENTRY, '--cli', '--server-url', url, '--transport', 'http', '--format', 'json', ...args], {
    env: { ...clientEnvironment(home), MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let answer = '';
  let said = '';
  let browser: Promise<void> | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    const [, asked] = PROMPT.exec(said) ?? [];
    if (!asked || browser) return;
    browser = openBrowser?.(new URL(asked)) ?? Promise.reject(new Error('It asked for a browser.'));
    browser.catch(() => child.kill()); // and is reported below
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await browser;
  return { code, answer: answer.trim() === '' ? null : JSON.parse(answer), said };
}
