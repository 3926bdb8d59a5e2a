/** Which port a server of ours takes on loopback: the one asked for, else a free one near it. */
import { createServer } from 'node:net';
import { Refusal } from './run.mjs';

/**
 * @param {string} setting the environment variable that says which
 * @param {number} fallback
 */
export function readPort(setting, fallback) {
  const text = process.env[setting];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new Refusal(`${setting} must be a port number from 1 to 65535, not "${text}".`);
}

/**
 * @param {number} wanted
 * @param {number} [except] one that a sibling is about to take
 */
export async function freePortFrom(wanted, except) {
  const last = Math.min(wanted + 20, 65535);
  for (let port = wanted; port <= last; port++) if (port !== except && (await isFree(port))) return port;
  throw new Refusal(`Every port from ${wanted} to ${last} is in use.`);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
