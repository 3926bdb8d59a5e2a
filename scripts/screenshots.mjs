/** `npm run screenshots`: every page and state as a picture, desktop and phone, light and dark, in e2e/screenshots. */
import './node-version.mjs';
import { bootstrap } from './bootstrap.mjs';
import { obtainBrowser } from './browser.mjs';
import { buildSite } from './build-site.mjs';
import { at, modernEnvironment, modernNode } from './places.mjs';
import { run, script } from './run.mjs';

await script(async () => {
  await bootstrap();
  await buildSite();
  const browser = await obtainBrowser();
  const { ok } = await run(
    modernNode(),
    [
      at('e2e/node_modules/@playwright/test/cli.js'),
      'test',
      '--config',
      at('e2e/screenshots.config.ts'),
      ...process.argv.slice(2),
    ],
    { cwd: at('e2e'), env: { ...modernEnvironment(), CHROMIUM_PATH: browser }, show: true },
  );
  process.exitCode = ok ? 0 : 1;
});
