/** The browser that the end-to-end tests drive: one that is here, else one that can be had. */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { installPackage, tried } from './debian.mjs';
import { at, modernEnvironment, modernNode } from './places.mjs';
import { Refusal, run } from './run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPLICATIONS = ['Google Chrome', 'Chromium'].map((name) => `Applications/${name}.app/Contents/MacOS/${name}`);

const isRoot = process.getuid?.() === 0;

const FLAGS = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  ...(isRoot ? ['--no-sandbox'] : []), // Chromium's sandbox refuses to work for root
];

/** What Playwright's `launchOptions` should be here. Without an `executablePath`, Playwright takes its own Chromium. */
export function browserLaunch() {
  const executablePath = process.env.CHROMIUM_PATH || findSystemBrowser();
  return { args: FLAGS, ...(executablePath ? { executablePath } : {}) };
}

/**
 * Makes sure that there is a browser, downloading or installing one where need be.
 *
 * @returns {Promise<string | undefined>} its path; none for Playwright's own
 */
export async function obtainBrowser() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (runs(chosen)) return chosen;
    throw new Refusal(`CHROMIUM_PATH names no browser that runs: ${chosen}`);
  }
  const present = findSystemBrowser();
  if (present) return present;

  if (await downloadBrowser()) return undefined;
  const installed = (await installPackage('chromium')) ? findSystemBrowser() : undefined;
  if (installed) return installed;

  throw new Refusal(
    'No browser for the end-to-end tests: none is installed and none could be had. Install Chromium, or set CHROMIUM_PATH.',
  );
}

/** @returns {string | undefined} */
function findSystemBrowser() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const onMac =
    process.platform === 'darwin'
      ? ['/', homedir()].flatMap((base) => MAC_APPLICATIONS.map((app) => join(base, app)))
      : [];
  return [...onPath, ...onMac].find(runs);
}

/**
 * Asks it for its version: on Ubuntu, `chromium-browser` may be a script that only says to install a snap.
 *
 * @param {string} path
 */
function runs(path) {
  const { status, stdout } = spawnSync(path, ['--version'], {
    encoding: 'utf8',
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 && /Chrom/.test(stdout);
}

async function downloadBrowser() {
  if (!(await attempt("Downloading Playwright's Chromium", ['install', '--only-shell', 'chromium']))) return false;
  if (await launches()) return true;
  if (
    isRoot &&
    (await attempt('Installing the libraries that it needs', ['install-deps', 'chromium'])) &&
    (await launches())
  )
    return true;
  console.log(
    "Playwright's Chromium is here but does not start; `npx playwright install-deps chromium`, as root, may help.",
  );
  return false;
}

/**
 * @param {string} title
 * @param {string[]} args
 */
async function attempt(title, args) {
  return tried(title, modernNode(), [at('e2e/node_modules/@playwright/test/cli.js'), ...args]);
}

async function launches() {
  const launch = `import('@playwright/test').then(async ({ chromium }) => (await chromium.launch({ args: ${JSON.stringify(FLAGS)} })).close())`;
  const { ok } = await run(modernNode(), ['--eval', launch], {
    cwd: at('e2e'),
    env: modernEnvironment(),
    timeout: 60_000,
  });
  return ok;
}
