/** `npm test`: everything that is checked, step after step, ending in one line that counts. Names of steps run only those. */
import './node-version.mjs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { buildSite } from './build-site.mjs';
import { readShown, sectionOf, withSection } from './conformance-report.mjs';
import { countsFrom, playwrightCounts, vitestCounts } from './counts.mjs';
import { runEndToEnd } from './end-to-end.mjs';
import { at, modernEnvironment, modernNode } from './places.mjs';
import { Refusal, run, script } from './run.mjs';

/** @typedef {import('./counts.mjs').Counts} Counts */

const PASSED = { passed: 1, failed: 0, skipped: 0 };
const FAILED = { passed: 0, failed: 1, skipped: 0 };

/** @type {Record<string, (reports: string) => Promise<Counts>>} */
const STEPS = {
  lint: () => check('lint', [at('node_modules/@biomejs/biome/bin/biome'), 'check']),
  'types of server': () => checkTypes('server'),
  'types of web': () => checkTypes('web'),
  'types of prisma': () => checkTypes('prisma'),
  'types of e2e': () => checkTypes('e2e'),
  'types of scripts': () => checkTypes('scripts'),
  'types of documents': () => check('types of documents', [at('web/scripts/graphql-env.mjs'), '--check'], at('web')),
  server: (reports) => testUnits('server', reports),
  web: (reports) => testUnits('web', reports),
  build: async () => {
    await buildSite();
    return PASSED;
  },
  e2e: testEndToEnd,
};

await script(async () => {
  const steps = chosenSteps(process.argv.slice(2));
  /** @type {Array<[string, Counts]>} */
  const results = [];
  const ready = await outcome(bootstrap);
  if (ready === FAILED) results.push(['bootstrap', ready]);
  else {
    const reports = mkdtempSync(join(tmpdir(), 'grantway-reports-'));
    for (const name of steps) results.push([name, await resultOf(name, reports)]);
    rmSync(reports, { recursive: true, force: true });
  }

  console.log();
  for (const [name, counts] of results) console.log(`${name.padEnd(18)} ${inWords(counts)}`);
  const total = results.reduce((sum, [, counts]) => add(sum, counts), { passed: 0, failed: 0, skipped: 0 });
  console.log(`\n${inWords(total)}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
});

/**
 * `lint`, `types`, `server`, `web`, `build`, `e2e`; none means all. The end-to-end tests need the pages.
 *
 * @param {string[]} wanted
 */
function chosenSteps(wanted) {
  const all = Object.keys(STEPS);
  const groups = new Set(all.map(groupOf));
  const unknown = wanted.find((name) => !groups.has(name));
  if (unknown) throw new Refusal(`There is no step "${unknown}"; there are ${[...groups].join(', ')}.`);
  if (wanted.length === 0) return all;
  return all.filter((name) => wanted.includes(groupOf(name)) || (name === 'build' && wanted.includes('e2e')));
}

/** @param {string} name */
function groupOf(name) {
  return /** @type {string} */ (name.split(' ')[0]);
}

/**
 * @param {string} name
 * @param {string} reports
 */
function resultOf(name, reports) {
  console.log(`\n--- ${name}`);
  return outcome(() => /** @type {(reports: string) => Promise<Counts>} */ (STEPS[name])(reports));
}

/**
 * @template T
 * @param {() => Promise<T>} act
 */
async function outcome(act) {
  try {
    return await act();
  } catch (error) {
    console.error(error instanceof Refusal ? error.message : error);
    return FAILED;
  }
}

/**
 * @param {string} what
 * @param {string[]} args
 */
async function check(what, args, cwd = at('.')) {
  const { ok } = await run(modernNode(), args, { cwd, env: testEnvironment(), show: true });
  console.log(ok ? `${what}: fine` : `${what}: failed`);
  return ok ? PASSED : FAILED;
}

/** @param {string} workspace */
function checkTypes(workspace) {
  return check(`types of ${workspace}`, [
    at('node_modules/typescript/bin/tsc'),
    '--noEmit',
    '--project',
    at(workspace),
  ]);
}

/**
 * @param {string} workspace
 * @param {string} reports
 */
async function testUnits(workspace, reports) {
  const file = join(reports, `${workspace}.json`);
  const { ok } = await run(
    modernNode(),
    [
      at(workspace, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    { cwd: at(workspace), env: testEnvironment(), show: true },
  );
  return countsFrom(ok, file, vitestCounts);
}

/** @param {string} reports */
async function testEndToEnd(reports) {
  const file = join(reports, 'e2e.json');
  const { ok } = await runEndToEnd(file, [], testEnvironment());
  return add(countsFrom(ok, file, playwrightCounts), compareReadme(file));
}

/**
 * README says what the official suite and the real clients have shown: it must be what they have shown now.
 *
 * @param {string} file
 */
function compareReadme(file) {
  const readme = readFileSync(at('README.md'), 'utf8');
  if (withSection(readme, sectionOf(readShown(JSON.parse(readFileSync(file, 'utf8'))))) === readme) return PASSED;
  console.error('README says something else of the official suite and the clients: run `npm run conformance`.');
  return FAILED;
}

/**
 * Without the settings of the person who runs this: a test must not find their database or their port.
 * Node keeps what it has compiled: the tests start the same few programs again and again.
 */
function testEnvironment() {
  const settings = /^(GRANTWAY_|(DATABASE_URL|HOST|PORT|NODE_ENV)$)/;
  const theirs = Object.entries(modernEnvironment()).filter(([name]) => !settings.test(name));
  return { ...Object.fromEntries(theirs), NODE_COMPILE_CACHE: at('node_modules/.grantway/compiled') };
}

/**
 * @param {Counts} a
 * @param {Counts} b
 */
function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** @param {Counts} counts */
function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
