/** PgBouncer for the end-to-end tests: one that is here, else one that can be had. */
import { spawnSync } from 'node:child_process';
import { installPackage } from './debian.mjs';
import { Refusal } from './run.mjs';

// Debian puts it where only root's PATH leads.
const PLACES = ['pgbouncer', '/usr/sbin/pgbouncer'];

/**
 * Makes sure that there is one, installing it where that is possible.
 *
 * @returns {Promise<string>} its path
 */
export async function obtainPooler() {
  const chosen = process.env.PGBOUNCER_PATH;
  if (chosen) {
    if (runs(chosen)) return chosen;
    throw new Refusal(`PGBOUNCER_PATH names no PgBouncer that runs: ${chosen}`);
  }
  const found = PLACES.find(runs) ?? ((await installPackage('pgbouncer')) ? PLACES.find(runs) : undefined);
  if (found) return found;
  throw new Refusal('There is no PgBouncer here and none could be had. Install it, or set PGBOUNCER_PATH.');
}

/** @param {string} path */
const runs = (path) => /PgBouncer/.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '');
