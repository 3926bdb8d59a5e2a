/** The official conformance suite as a child process; where it waits for a browser, the browser is the test's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../fixtures/child.ts';
import { removeFolder, temporaryFolder } from '../fixtures/gateway.ts';
import type { OpenBrowser } from './mcp-client.ts';

export type Check = { id: string; status: string; description: string; errorMessage?: string };
/** What each scenario checked. */
export type Scenarios = Map<string, Check[]>;

const ENTRY = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);
const PROMPT = /^(http\S+\/oauth\/authorize\?\S+)$/m;

/** Runs one command of it to the end. Its exit code is not looked at: what it found out is what it wrote. */
export async function runSuite(args: string[], openBrowser?: OpenBrowser): Promise<Scenarios> {
  const folder = temporaryFolder();
  const suite = startChild([ENTRY, ...args, '--output-dir', folder], { PATH: '/usr/bin:/bin', HOME: folder });
  let browser: Promise<void> | undefined;
  suite.process.stdout?.on('data', () => {
    const [, asked] = PROMPT.exec(suite.said()) ?? [];
    if (!asked || browser) return;
    browser = openBrowser?.(new URL(asked)) ?? Promise.reject(new Error('It asked for a browser.'));
    browser.catch(() => suite.kill()); // and is reported below
  });
  try {
    await suite.exited;
    await browser;
    return readResults(folder);
  } finally {
    removeFolder(folder);
  }
}

function readResults(folder: string): Scenarios {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('checks.json'),
  );
  return new Map(
    files.map((file) => [nameOf(file), JSON.parse(readFileSync(join(folder, file), 'utf8')) as Check[]] as const),
  );
}

/** The folder of a scenario is its name with the time of the run behind it. */
const nameOf = (file: string): string =>
  file
    .split('/')
    .slice(0, -1)
    .join('/')
    .replace(/-\d{4}-\d{2}-\d{2}T.*$/, '');
