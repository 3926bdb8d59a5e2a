/** Runs the end-to-end tests, or some of them, with a browser that is here or can be had. */
import { obtainBrowser } from './browser.mjs';
import { at, modernNode } from './places.mjs';
import { run } from './run.mjs';

/**
 * @param {string} report where the JSON report goes
 * @param {string[]} choice further arguments of Playwright
 * @param {NodeJS.ProcessEnv} environment
 */
export async function runEndToEnd(report, choice, environment) {
  const browser = await obtainBrowser();
  const cli = at('e2e/node_modules/@playwright/test/cli.js');
  const config = at('e2e/playwright.config.ts');
  const env = {
    ...environment,
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    ...(browser ? { CHROMIUM_PATH: browser } : {}),
  };
  return run(modernNode(), [cli, 'test', '--config', config, '--reporter=list,json', ...choice], { env, show: true });
}
