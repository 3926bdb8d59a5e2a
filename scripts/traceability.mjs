/**
 * docs/traceability.md: which tests show that a case of attack, or of a client in the field, is handled. Its rows are written by hand;
 * this fills their last column with the files whose tests name the case in their titles. A file's path and not its titles: those change.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { at } from './places.mjs';

const DOCUMENT = 'docs/traceability.md';
const FOLDERS = ['server/src', 'server/bench', 'e2e/clients', 'e2e/people', 'e2e/protocol'];
const ROW = /^\| (#\d+|[A-E]\d+) \|(.*)\|[^|]*\|$/;
// The title of a test or of a group: a text, followed by what it does.
const TITLE = /(['"`])((?:(?!\1)[^\n\\]|\\.)*)\1,\s*(?:\{[^{}]*\},\s*)?(?:async\s*)?\(/g;
// "#12", and what follows "field note" or "field notes": A1, A2.
const NUMBERS = /#\d+/g;
const NOTES = /field notes? ((?:[A-E]\d+(?:,? (?:and )?|, )?)+)/g;

/** The document as it should be now. @returns {string} */
export function traceability() {
  const files = filesByCase();
  return readFileSync(at(DOCUMENT), 'utf8')
    .split('\n')
    .map((line) => {
      const [, name, said] = ROW.exec(line) ?? [];
      return name === undefined ? line : `| ${name} |${said}| ${linksTo(files.get(name))} |`;
    })
    .join('\n');
}

/** The rows that no test stands behind. @param {string} document @returns {string[]} */
export const untested = (document) =>
  document.split('\n').flatMap((line) => {
    const [, name] = ROW.exec(line) ?? [];
    return name !== undefined && line.endsWith('| none |') ? [name] : [];
  });

/** @param {Set<string> | undefined} files */
const linksTo = (files) =>
  files
    ? [...files]
        .sort()
        .map((file) => `[${file.split('/').at(-1)}](../${file})`)
        .join(' ')
    : 'none';

/** @returns {Map<string, Set<string>>} */
function filesByCase() {
  /** @type {Map<string, Set<string>>} */
  const found = new Map();
  for (const file of FOLDERS.flatMap(testFiles)) {
    for (const [, , title = ''] of readFileSync(at(file), 'utf8').matchAll(TITLE)) {
      const notes = [...title.matchAll(NOTES)].flatMap(([, list = '']) => list.match(/[A-E]\d+/g) ?? []);
      for (const name of [...(title.match(NUMBERS) ?? []), ...notes]) {
        found.set(name, (found.get(name) ?? new Set()).add(file));
      }
    }
  }
  return found;
}

/** @param {string} folder */
const testFiles = (folder) =>
  readdirSync(at(folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(test|spec)\.ts$/.test(file))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`);

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(at(DOCUMENT), traceability());
