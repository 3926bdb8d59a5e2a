/**
 * `npm run conformance`: the official suite and the real clients against a gateway. Prints what they show, and writes it where it is
 * kept: into README, and into docs/traceability.md which test shows which case. `npm test` fails when those say something else.
 */
import './node-version.mjs';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { buildSite } from './build-site.mjs';
import { readShown, sectionOf, withSection } from './conformance-report.mjs';
import { runEndToEnd } from './end-to-end.mjs';
import { at, modernEnvironment } from './places.mjs';
import { Refusal, script } from './run.mjs';
import { traceability } from './traceability.mjs';

await script(async () => {
  await bootstrap();
  await buildSite();
  const folder = mkdtempSync(join(tmpdir(), 'grantway-conformance-'));
  const file = join(folder, 'report.json');
  const choice = process.argv.slice(2);
  const { ok } = await runEndToEnd(file, ['--project=clients', ...choice], modernEnvironment());
  if (!existsSync(file)) throw new Refusal('Nothing was run.');
  const section = sectionOf(readShown(JSON.parse(readFileSync(file, 'utf8'))));
  rmSync(folder, { recursive: true, force: true });
  console.log(`\n${section}\n`);
  if (!ok) throw new Refusal('Not everything passed: README and docs/traceability.md stay as they are.');
  if (choice.length > 0) return console.log('That was a part: README.md and docs/traceability.md stay as they are.');
  writeFileSync(at('README.md'), withSection(readFileSync(at('README.md'), 'utf8'), section));
  writeFileSync(at('docs/traceability.md'), traceability());
  console.log('README.md and docs/traceability.md are up to date.');
});
