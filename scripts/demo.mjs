/** The demo upstream: the real server-everything of the MCP project, on loopback, so that there is something to connect to. */
import { at } from './places.mjs';
import { freePortFrom, readPort } from './port.mjs';

const SETTING = 'GRANTWAY_DEMO_PORT';

/**
 * @param {ReturnType<typeof import('./household.mjs').household>} house
 * @param {number} gatewayPort
 * @returns {Promise<string>} its MCP endpoint
 */
export async function startDemo(house, gatewayPort) {
  const wanted = readPort(SETTING, 4001);
  const port = await freePortFrom(wanted, gatewayPort);
  if (port !== wanted)
    console.log(`Port ${wanted} is in use: the demo upstream takes ${port} (${SETTING} chooses another).`);

  const entry = at('e2e/node_modules/@modelcontextprotocol/server-everything/dist/index.js');
  const demo = house.start('demo upstream', [entry, 'streamableHttp'], {
    quiet: true,
    preload: ['loopback-only.mjs'],
    // Nothing of our environment: one of its tools reads out all of its own to any client.
    // Another fetches any address it is given, unless it is told which hosts.
    env: { PORT: String(port), PATH: '/usr/bin:/bin', GZIP_ALLOWED_DOMAINS: 'raw.githubusercontent.com' },
  });
  void demo.exited.then(({ code, signal }) => {
    if (house.leaving) return;
    console.error(
      `The demo upstream stopped (${signal ?? `exit code ${code}`}); the gateway goes on without it.\n${demo.said()}`,
    );
  });
  return `http://127.0.0.1:${port}/mcp`;
}
