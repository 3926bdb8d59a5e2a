/** What a run with the real clients has shown, as the section of README that says so. */
import { readFileSync } from 'node:fs';
import { at } from './places.mjs';

const BEGIN = '<!-- conformance: written by `npm run conformance` -->';
const END = '<!-- end of conformance -->';
const SUITE = '@modelcontextprotocol/conformance';
const AUTHORIZATION = 'authorization';
const BEHIND = 'server';
const ALONE = 'server, without the gateway';
const CLIENT = 'client';

/**
 * @typedef {{ suite: string, date: string, passed: number, failed: number }} Summary
 * @typedef {{ client: string, flow: string, passed: boolean }} Flow
 * @typedef {{ summaries: Summary[], flows: Flow[] }} Shown
 */

/**
 * @param {any} report Playwright's, as JSON; of it, the project `clients`
 * @returns {Shown}
 */
export function readShown(report) {
  /** @type {Shown} */
  const shown = { summaries: [], flows: [] };
  for (const file of report.suites) {
    for (const group of file.suites ?? []) {
      for (const spec of group.specs) {
        const test = spec.tests.find((/** @type {any} */ one) => one.projectName === 'clients');
        if (!test) continue;
        const noted = test.annotations.filter((/** @type {any} */ one) => one.type === 'conformance');
        for (const { description } of noted) shown.summaries.push(JSON.parse(description));
        if (!/conformance(-client)?\.spec\.ts$/.test(file.file))
          shown.flows.push({ client: group.title, flow: plain(spec.title), passed: spec.ok });
      }
    }
  }
  return shown;
}

/** Without the cases that a title names. @param {string} title */
const plain = (title) => title.replace(/^((#\d+|field note [A-Z]\d+),? )+/, '');

/**
 * The section, markers included.
 *
 * @param {Shown} shown
 */
export function sectionOf({ summaries, flows }) {
  const versions = JSON.parse(readFileSync(at('e2e/package.json'), 'utf8')).dependencies;
  const dates = [...new Set(summaries.map(({ date }) => date))].sort();
  /** @param {string} suite @param {string} date */
  const find = (suite, date) => summaries.find((one) => one.suite === suite && one.date === date);
  /** @param {string} date */
  const rowOf = (date) => {
    const [authorization, behind, alone, client] = [AUTHORIZATION, BEHIND, ALONE, CLIENT].map((suite) =>
      find(suite, date),
    );
    const counted = (/** @type {Summary | undefined} */ one, /** @type {string} */ otherwise) =>
      one ? `${one.passed} passed, ${one.failed} failed` : otherwise;
    const own = counted(authorization, 'not run');
    const upstream = counted(client, 'the suite has none');
    const difference = behind && alone ? `${behind.passed}, alone ${alone.passed}` : 'the suite has none';
    return `| ${date} | ${own} | ${upstream} | ${difference} |`;
  };
  const byClient = [...flows].sort((a, b) => a.client.localeCompare(b.client));
  return [
    BEGIN,
    '',
    `\`${SUITE}\` ${versions[SUITE]}, checks:`,
    '',
    '| revision of MCP | authorization server | client, at the provider of an upstream | what an upstream passes through the gateway |',
    '|---|---|---|---|',
    ...dates.map(rowOf),
    '',
    '| client | flow | result |',
    '|---|---|---|',
    ...byClient.map(
      ({ client, flow, passed }) => `| ${versioned(client, versions)} | ${flow} | ${passed ? 'passed' : 'FAILED'} |`,
    ),
    '',
    END,
  ].join('\n');
}

/**
 * @param {string} client the package, and how it is called
 * @param {Record<string, string>} versions
 */
function versioned(client, versions) {
  const [name = '', ...how] = client.split(' ');
  return `\`${[name, ...how].join(' ')}\` ${versions[name]}`;
}

/**
 * The text with its section replaced.
 *
 * @param {string} text
 * @param {string} section
 */
export function withSection(text, section) {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error('README has no place for the conformance section.');
  return text.slice(0, from) + section + text.slice(to + END.length);
}
