/** What the official suite starts as "the client" of a scenario: it hands the scenario to the test that waits at the port given first. */
const [port, serverUrl] = process.argv.slice(2);
const { MCP_CONFORMANCE_SCENARIO: scenario, MCP_CONFORMANCE_PROTOCOL_VERSION: version } = process.env;
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? 'null');

const response = await fetch(`http://127.0.0.1:${port}/`, {
  method: 'POST',
  body: JSON.stringify({ scenario, version, serverUrl, context }),
});
console.log(await response.text());
process.exitCode = response.ok ? 0 : 1;
