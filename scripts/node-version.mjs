/** Refuses a Node that cannot run these scripts. Imported first, and itself plain enough for a very old one. */
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace('>=', '');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(`Grantway needs Node ${needed} or newer to start; this is Node ${process.versions.node}.`);
  process.exit(1);
}
