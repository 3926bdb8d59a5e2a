/** Remembers what a step was last done for, so that it is done again only when its inputs changed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { at, ROOT } from './places.mjs';

const NOT_SOURCES = new Set(['node_modules', 'dist', '.git']);

/**
 * Does the step unless it was done for exactly these inputs and its outputs are still there.
 * The memory lives in node_modules: whoever removes that starts from nothing.
 *
 * @param {string} step
 * @param {{ inputs: string[], outputs: string[], also?: string }} depends paths from the root; folders count whole
 * @param {() => Promise<void>} act
 */
export async function unlessUnchanged(step, { inputs, outputs, also = '' }, act) {
  const memory = at('node_modules/.grantway', step);
  const now = fingerprint(inputs, also);
  if (outputs.every((path) => existsSync(at(path))) && remembered(memory) === now) return;
  rmSync(memory, { force: true }); // a step that is cut short is to be done again
  await act();
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, now);
}

/** @param {string} memory */
function remembered(memory) {
  return existsSync(memory) ? readFileSync(memory, 'utf8') : undefined;
}

/**
 * @param {string[]} paths
 * @param {string} also
 */
function fingerprint(paths, also) {
  const hash = createHash('sha256').update(also);
  for (const file of paths.flatMap((path) => filesIn(at(path))).sort()) {
    hash.update(`\0${relative(ROOT, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .filter((name) => !NOT_SOURCES.has(name))
    .flatMap((name) => filesIn(join(path, name)));
}
