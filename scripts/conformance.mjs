/**
 * `npm run conformance`: the official suite and the real clients against a gateway. Prints what they show, and writes it where it is
 * kept: into README, and into docs/traceability.md which test shows which case. `npm test` fails when those say something else.
 */
import './node-version.mjs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { obtainBrowser } from './browser.mjs';
import { buildSite } from './build-site.mjs';
import { readShown, sectionOf, withSection } from './conformance-report.mjs';
import { at, modernEnvironment, modernNode } from './places.mjs';
import { Refusal, run, script } from './run.mjs';
import { traceability } from './traceability.mjs';

await script(async () => {
  await bootstrap();
  await buildSite();
  const browser = await obtainBrowser();
  const folder = mkdtempSync(join(tmpdir(), 'grantway-conformance-'));
  const file = join(folder, 'report.json');
  const { ok } = await run(
    modernNode(),
    [
      at('e2e/node_modules/@playwright/test/cli.js'),
      'test',
      '--config',
      at('e2e/playwright.config.ts'),
      '--project=clients',
      '--reporter=list,json',
      ...process.argv.slice(2),
    ],
    {
      env: {
        ...modernEnvironment(),
        PLAYWRIGHT_JSON_OUTPUT_FILE: file,
        ...(browser ? { CHROMIUM_PATH: browser } : {}),
      },
      show: true,
    },
  );
  const section = sectionOf(readShown(JSON.parse(readFileSync(file, 'utf8'))));
  rmSync(folder, { recursive: true, force: true });
  console.log(`\n${section}\n`);
  if (!ok) throw new Refusal('Not everything passed: README and docs/traceability.md stay as they are.');
  writeFileSync(at('README.md'), withSection(readFileSync(at('README.md'), 'utf8'), section));
  writeFileSync(at('docs/traceability.md'), traceability());
  console.log('README.md and docs/traceability.md are up to date.');
});
