/** `npm start`: everything from a bare clone to a running gateway with a demo upstream behind it. */
import './node-version.mjs';
import { bootstrap } from './bootstrap.mjs';
import { buildSite } from './build-site.mjs';
import { startDemo } from './demo.mjs';
import { addressAnswers, GATEWAY_ENTRY, gatewayEnvironment, gatewayPort, untilReady } from './gateway.mjs';
import { household } from './household.mjs';
import { script } from './run.mjs';

await script(async () => {
  await bootstrap();
  await buildSite();

  const house = household();
  const taken = await addressAnswers();
  const demoUrl = await startDemo(house, gatewayPort());
  const gateway = house.start('gateway', [GATEWAY_ENTRY], { env: gatewayEnvironment({ GRANTWAY_DEMO_URL: demoUrl }) });

  if (!taken && (await untilReady(gateway)) && !house.leaving) welcome(demoUrl);

  const { code, signal } = await gateway.exited;
  if (house.leaving) return;
  await house.stopAll();
  if (signal) console.error(`The gateway was ended by ${signal}.`); // else it has said why itself
  process.exit(code === 0 ? 0 : 1);
});

/** @param {string} demoUrl */
function welcome(demoUrl) {
  const url = process.env.GRANTWAY_URL || `http://localhost:${gatewayPort()}`;
  console.log(`
Grantway is running: ${url}

  1. Open that page and create an account; the first one becomes the administrator.
  2. Its connection to the demo upstream (${demoUrl}) then shows the line
     that adds it to an MCP client, with the connect URL filled in:
       claude mcp add --transport http grantway-demo <connect URL>
  3. The client asks for permission in the browser. Under "Authorized clients" you take it back.

Ctrl-C stops everything. Your data stays.
`);
}
