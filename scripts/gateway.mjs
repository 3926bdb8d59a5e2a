/** The gateway as a child of a command here: its settings where none are given, and when it is ready. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, modernEnvironment } from './places.mjs';

export const GATEWAY_ENTRY = at('server/src/main.ts');

/** Where it will listen, as far as the settings say; a wrong one the gateway itself refuses. */
export const gatewayPort = () => Number(process.env.PORT || 4000);
export const gatewayHost = () =>
  ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[process.env.HOST ?? ''] ?? (process.env.HOST || '127.0.0.1');

/** Settings of these scripts, which the gateway would take for misspelt ones of its own. */
const OURS = /^GRANTWAY_(DEMO_PORT|DEV_PORT)$/;

/**
 * @param {NodeJS.ProcessEnv} settings
 * @returns {NodeJS.ProcessEnv}
 */
export function gatewayEnvironment(settings) {
  return {
    ...Object.fromEntries(Object.entries(modernEnvironment()).filter(([name]) => !OURS.test(name))),
    // A laptop's MCP servers are on loopback; whoever sets this says everything that is open.
    GRANTWAY_ALLOW_UPSTREAMS: process.env.GRANTWAY_ALLOW_UPSTREAMS ?? '127.0.0.0/8,::1/128,localhost',
    ...settings,
  };
}

/** Whether something answers there already: then "ready" would be the other one's answer. */
export async function addressAnswers() {
  return (await statusOf('/health/live')) !== undefined;
}

/**
 * @param {import('./household.mjs').Member} gateway
 * @returns {Promise<boolean>} false when it ended before it was ready
 */
export async function untilReady(gateway) {
  while (gateway.running) {
    if ((await statusOf('/health/ready')) === 200) return gateway.running;
    await sleep(200);
  }
  return false;
}

/**
 * @param {string} path
 * @returns {Promise<number | undefined>}
 */
function statusOf(path) {
  return new Promise((resolve) => {
    try {
      const request = get(
        { host: gatewayHost(), port: gatewayPort(), path, timeout: 2_000, agent: false },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(undefined));
    } catch {
      resolve(undefined); // a port that is no port: the gateway says so
    }
  });
}
