/** The official conformance suite against the gateway: as an authorization server, and as a server with an upstream behind it. */
import { createServer, request as forward } from 'node:http';
import { type Check, runSuite, type Scenarios } from '../actors/conformance-suite.ts';
import { openMcpClient } from '../actors/mcp-client.ts';
import { openStateless } from '../actors/upstream-stateless.ts';
import { allow, allowUnseen } from '../fixtures/consent.ts';
import { freePort, portOf } from '../fixtures/port.ts';
import { expect, test } from '../fixtures/test.ts';

const count = (checks: Check[], status: string): number => checks.filter((one) => one.status === status).length;
const failures = (scenarios: Scenarios): string[] =>
  [...scenarios].flatMap(([name, checks]) =>
    checks.filter(({ status }) => status === 'FAILURE').map(({ id }) => `${name}: ${id}`),
  );
const passes = (scenarios: Scenarios): string[] =>
  [...scenarios].flatMap(([name, checks]) =>
    checks.filter(({ status }) => status === 'SUCCESS').map(({ id }) => `${name}: ${id}`),
  );

/** For the table in README: how many checks passed and failed. */
function note(suite: string, date: string, scenarios: Scenarios): void {
  const checks = [...scenarios.values()].flat();
  const counts = { passed: count(checks, 'SUCCESS'), failed: count(checks, 'FAILURE') };
  test.info().annotations.push({ type: 'conformance', description: JSON.stringify({ suite, date, ...counts }) });
}

test.describe('authorization', () => {
  for (const date of ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']) {
    test(`the authorization server conforms to ${date}`, async ({ page, person, gateway, everything }) => {
      // The suite names no resource: the person's only connection is meant.
      await person.createConnection({ name: 'Only one', remoteUrl: everything.url });
      const port = String(await freePort());
      const registered = await fetch(`${gateway.url}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        // Public: where metadata lists `none`, the suite presents no secret.
        body: JSON.stringify({
          client_name: 'Conformance suite',
          redirect_uris: [`http://127.0.0.1:${port}/callback`],
          token_endpoint_auth_method: 'none',
        }),
      });
      const { client_id: clientId } = (await registered.json()) as { client_id: string };
      const scenarios = await runSuite(
        ['authorization', '--url', gateway.url, '-p', port, '--spec-version', date, '--client-id', clientId],
        allow(page),
      );
      expect([...scenarios.keys()].sort()).toEqual([
        expect.stringContaining('authorization-code-grant'),
        expect.stringContaining('authorization-server-metadata-endpoint'),
      ]);
      expect(failures(scenarios)).toEqual([]);
      for (const [name, checks] of scenarios) expect(count(checks, 'SUCCESS'), name).toBeGreaterThan(0);
      note('authorization', date, scenarios);
    });
  }
});

/**
 * The suite's server mode wants tools of its own reference server and cannot sign in. So what counts is the difference: the same
 * upstream directly, and through the gateway with a token added on the way. Nothing that it passes alone may fail behind the gateway.
 */
test.describe('server', () => {
  for (const date of ['2025-06-18', '2025-11-25', '2026-07-28']) {
    test(`nothing that an upstream of ${date} does right is lost behind the gateway`, async ({
      context,
      person,
      everything,
    }) => {
      const stateless = date === '2026-07-28' ? await openStateless() : undefined;
      const upstream = stateless ?? everything;
      const connection = await person.createConnection({ name: 'Conforming', remoteUrl: upstream.url });
      const client = await openMcpClient(connection.url, { name: 'Conformance suite' });
      const accessToken = await client.obtainToken(allowUnseen(context.request, person));
      const relay = await openRelay(connection.url, accessToken);

      const run = (url: string) => runSuite(['server', '--url', url, '--spec-version', date]);
      const [alone, behind] = [await run(upstream.url), await run(relay.url)];
      expect([...behind.keys()].sort()).toEqual([...alone.keys()].sort());
      const lost = failures(behind).filter((one) => !failures(alone).includes(one));
      expect(lost).toEqual([]);
      expect(passes(behind)).toEqual(expect.arrayContaining(passes(alone)));
      expect(passes(alone).length).toBeGreaterThan(10);
      note('server', date, behind);
      note('server, without the gateway', date, alone);

      await relay.stop();
      await client.close();
      await stateless?.stop();
    });
  }
});

/** What the suite cannot do: hold a token. Passes everything on as it is, but for the Host, and adds it. */
async function openRelay(to: string, accessToken: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const target = new URL(to);
  const server = createServer((incoming, outgoing) => {
    // A Host that was sent to test us is for the gateway to judge; the relay's own is not.
    const host = incoming.headers.host === `127.0.0.1:${portOf(server)}` ? target.host : incoming.headers.host;
    const onward = forward(
      {
        host: target.hostname,
        port: target.port,
        path: target.pathname,
        method: incoming.method,
        headers: { ...incoming.headers, host, authorization: `Bearer ${accessToken}` },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.once('error', () => outgoing.destroy());
    outgoing.once('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/mcp`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
