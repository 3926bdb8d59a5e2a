/** Where things are in this repository, and which Node runs them. */
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {...string} parts */
export const at = (...parts) => join(ROOT, ...parts);

/** The pinned Node, once installed; else this one where it is new enough to run TypeScript by itself. */
export function modernNode() {
  const pinned = at('node_modules/node/bin/node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(`The pinned Node is missing (${pinned}). Remove node_modules and run the command again.`);
}

/**
 * This environment with the modern Node first on PATH, for tools that start `node` by name.
 *
 * @param {...string} folders more to find programs in
 * @returns {NodeJS.ProcessEnv}
 */
export function modernEnvironment(...folders) {
  return { ...process.env, PATH: [dirname(modernNode()), ...folders, process.env.PATH ?? ''].join(delimiter) };
}
