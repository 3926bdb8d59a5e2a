/** `npm run dev`: the gateway restarts when its source changes, and Vite serves the pages with hot reload in front of it. */
import './node-version.mjs';
import { watch } from 'node:fs';
import { bootstrap } from './bootstrap.mjs';
import { startDemo } from './demo.mjs';
import { GATEWAY_ENTRY, gatewayEnvironment, gatewayHost, gatewayPort } from './gateway.mjs';
import { household } from './household.mjs';
import { at, modernEnvironment } from './places.mjs';
import { freePortFrom, readPort } from './port.mjs';
import { script } from './run.mjs';

const SETTLE_MS = 150;

await script(async () => {
  await bootstrap();
  const house = household();
  const demoUrl = await startDemo(house, gatewayPort());
  const pagesPort = await freePortFrom(readPort('GRANTWAY_DEV_PORT', 5173), gatewayPort());
  const url = `http://localhost:${pagesPort}`;

  const pages = house.start(
    'pages',
    [at('web/node_modules/vite/bin/vite.js'), '--host', 'localhost', '--port', String(pagesPort), '--strictPort'],
    { cwd: at('web'), env: { ...modernEnvironment(), GRANTWAY_DEV_PROXY: gatewayUrl() } },
  );
  keepGatewayCurrent(house, gatewayEnvironment({ GRANTWAY_URL: url, GRANTWAY_DEMO_URL: demoUrl }));
  console.log(`\nOpen ${url}. The demo upstream is ${demoUrl}. Ctrl-C stops everything.\n`);

  await pages.exited;
  if (house.leaving) return;
  await house.stopAll();
  process.exit(1);
});

function gatewayUrl() {
  const host = gatewayHost();
  return `http://${host.includes(':') ? `[${host}]` : host}:${gatewayPort()}`;
}

/**
 * Restarts the gateway on every change of its source; one that stopped by itself waits for the next change.
 * Not `node --watch`: its watching process would outlive a killed parent.
 *
 * @param {ReturnType<typeof household>} house
 * @param {NodeJS.ProcessEnv} env
 */
function keepGatewayCurrent(house, env) {
  const startGateway = () => house.start('gateway', [GATEWAY_ENTRY], { env });
  let gateway = startGateway();
  /** @type {NodeJS.Timeout | undefined} */
  let settling;
  let restart = Promise.resolve();
  const changed = () => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      restart = restart.then(async () => {
        await gateway.stop();
        if (house.leaving) return;
        console.log('The source changed: the gateway restarts.');
        gateway = startGateway();
      });
    }, SETTLE_MS);
  };
  for (const folder of ['server/src', 'prisma/generated']) watch(at(folder), { recursive: true }, changed);
}
