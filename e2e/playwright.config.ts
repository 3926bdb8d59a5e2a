/** How the end-to-end tests run: real processes, one gateway per worker, Chromium only. */
import { defineConfig } from '@playwright/test';
import { browserLaunch } from '../scripts/browser.mjs';

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: 'results',
  globalSetup: './fixtures/migrated.ts',
  workers: 2,
  fullyParallel: false,
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    launchOptions: browserLaunch(),
    // What was done and asked, without the pages as they were and a film of them: those take longer than many a test.
    // Whoever looks for a failure has them with `--trace on`.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false },
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'protocol', testDir: 'protocol', use: desktop },
    // Clients and suites as npm has them; `npm run conformance` runs these alone.
    { name: 'clients', testDir: 'clients', use: desktop },
    // On a phone, what a person does there: look, allow, take back.
    { name: 'phone', testDir: 'people', grep: /@phone/, use: phone },
    { name: 'desktop', testDir: 'people', use: desktop },
  ],
});
