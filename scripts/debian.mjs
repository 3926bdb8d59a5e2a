/** Programs that npm does not have, from the packages of Debian and Ubuntu: root may install them there. */
import { spawnSync } from 'node:child_process';
import { modernEnvironment } from './places.mjs';
import { run } from './run.mjs';

const INSTALL_MS = 10 * 60_000;

/**
 * Installs a package, where this is Debian or Ubuntu and this user is root.
 *
 * @param {string} name the package
 * @returns {Promise<boolean>} whether that worked
 */
export async function installPackage(name) {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    (await tried('Reading the package lists', 'apt-get', ['update'], env)) &&
    (await tried(`Installing ${name}`, 'apt-get', ['install', '-y', name], env))
  );
}

/**
 * Runs a command that may fail, and says so.
 *
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 */
export async function tried(title, command, args, env = modernEnvironment()) {
  console.log(`${title} ...`);
  const { ok, output } = await run(command, args, { env, timeout: INSTALL_MS });
  if (!ok) console.log(`  did not work: ${output.match(/^(Error|E): .+/m)?.[0] ?? output.trim().split('\n').at(-1)}`);
  return ok;
}
