/** What an operator sees when a gateway starts, starts again, cannot start, or is killed. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import { request } from '@playwright/test';
import { generate } from 'selfsigned';
import { openMcpClient } from '../actors/mcp-client.ts';
import { allow } from '../fixtures/consent.ts';
import { migratedFolder, openGateway, removeFolder, startGatewayProcess } from '../fixtures/gateway.ts';
import { signIn, signUp } from '../fixtures/person.ts';
import { freePort, portOf, takePort } from '../fixtures/port.ts';
import { expect, test } from '../fixtures/test.ts';
import { within } from '../fixtures/within.ts';

// Every start is a process of its own: seconds where the machine is busy.
test.describe.configure({ timeout: 180_000 });

test('kill -9 right after each acknowledged act loses none of them', async ({ browser, everything }) => {
  const gateway = await openGateway();
  const context = await browser.newContext({ baseURL: gateway.url });
  const page = await context.newPage();
  const restart = async () => {
    await gateway.kill();
    await gateway.start();
  };

  const person = await signUp(context.request, gateway.url);
  const connection = await person.createConnection({ name: 'Durable', remoteUrl: everything.url });
  await restart();
  expect(await person.connections()).toEqual([connection]); // with the session that it had

  const client = await openMcpClient(connection.url, { name: 'Durable' });
  await client.signIn(allow(page));
  await restart();
  const [grant] = await person.grants();
  expect(grant).toMatchObject({ status: 'ACTIVE', client: { name: 'Durable' } });
  await client.connect();
  expect(await client.echo('after the first kill')).toEqual([{ type: 'text', text: 'Echo: after the first kill' }]);

  const rotated = await client.refresh(client.memory.kept.tokens?.refresh_token ?? '');
  await restart();
  const next = await client.refresh(rotated.refresh_token ?? '');
  expect(next.access_token).toBeTruthy();

  await person.revoke(grant?.id ?? '');
  await restart();
  expect(await person.grants()).toEqual([]);
  expect((await person.grants('REVOKED')).map(({ id }) => id)).toEqual([grant?.id]);
  await expect(client.refresh(next.refresh_token ?? '')).rejects.toMatchObject({ errorCode: 'invalid_grant' });
  const headers = { authorization: `Bearer ${next.access_token}` };
  expect((await fetch(connection.url, { method: 'POST', headers })).status).toBe(401);

  await client.close();
  await context.close();
  await gateway.dispose();
});

test('a second start finds the accounts of the first, and the same data has one process at a time', async () => {
  const data = migratedFolder();
  const gateway = await openGateway({ GRANTWAY_DATA: data });
  const api = await request.newContext();
  const person = await signUp(api, gateway.url);

  const rival = startGatewayProcess({ GRANTWAY_DATA: data, PORT: String(await freePort()) });
  expect(await rival.exited).toEqual({ code: 1, signal: null });
  expect(linesOf(rival.said())).toHaveLength(1);
  expect(rival.said()).toContain(data);
  expect(rival.said()).toMatch(/in use|another/);

  await gateway.stop();
  await gateway.start();
  const fresh = await request.newContext();
  const again = await signIn(fresh, gateway.url, person);
  expect(await again.connections()).toEqual([]);
  await api.dispose();
  await fresh.dispose();
  await gateway.dispose();
  removeFolder(data);
});

test('a connection that a browser has opened ahead and not used does not hold up the stop', async () => {
  const gateway = await openGateway();
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.resume();
  await within(5_000, 'the gateway has stopped', gateway.stop()); // a request under way would get ten
  await closed;
  await gateway.dispose();
});

test('a port that is in use is named, and nothing starts', async () => {
  const data = migratedFolder();
  const { port, release } = await takePort();
  const gateway = startGatewayProcess({ GRANTWAY_DATA: data, PORT: String(port), GRANTWAY_LOG_LEVEL: 'error' });
  expect(await gateway.exited).toEqual({ code: 1, signal: null });
  expect(linesOf(gateway.said())).toHaveLength(1);
  expect(gateway.said()).toContain(`port ${port} is in use`);
  await release();
  removeFolder(data);
});

const wrongSettings: Record<string, string> = {
  PORT: 'many',
  GRANTWAY_URL: 'http://gateway.example.com',
  DATABASE_URL: 'mysql://localhost/x',
  GRANTWAY_KEYS: '/no/such/file',
  GRANTWAY_PLANES: 'astral',
  GRANTWAY_SIGN_UP: 'everyone',
  GRANTWAY_ALLOW_UPSTREAMS: '300.0.0.0/8',
  GRANTWAY_ALLOWED_ORIGINS: 'app.example.com',
  GRANTWAY_TRUST_PROXY: 'not an address',
  GRANTWAY_LOG_LEVEL: 'loud',
  GRANTWAY_ACCESS_TOKEN_SECONDS: '-1',
  GRANTWAY_DEMO_URL: 'nowhere',
  // A database of theirs that would not be used.
  GRANTWAY_DIRECT_DATABASE_URL: 'postgres://127.0.0.1/grantway',
};

test('#292 each wrong setting stops the start with one line that names it', async () => {
  const data = migratedFolder();
  for (const [name, value] of Object.entries(wrongSettings)) {
    const port = String(await freePort());
    const gateway = startGatewayProcess({
      GRANTWAY_DATA: data,
      PORT: port,
      GRANTWAY_LOG_LEVEL: 'error',
      [name]: value,
    });
    expect.soft(await gateway.exited, name).toEqual({ code: 1, signal: null });
    expect.soft(linesOf(gateway.said()), name).toHaveLength(1);
    expect.soft(gateway.said(), name).toContain(name);
  }
  removeFolder(data);
});

test('#292 a database that nobody vouches for, and a file of certificates that is not there, are told of as the setting', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
  // As PostgreSQL begins: asked for TLS it says yes, and goes on with it.
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('S');
      new TLSSocket(socket, { isServer: true, key, cert }).on('error', () => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const mode of ['verify-full', 'verify-full&sslrootcert=/nowhere/ca.pem']) {
    const gateway = startGatewayProcess({
      DATABASE_URL: `postgres://grantway@localhost:${portOf(server)}/grantway?sslmode=${mode}`,
      GRANTWAY_LOG_LEVEL: 'error',
    });
    expect(await gateway.exited, mode).toEqual({ code: 1, signal: null });
    expect(linesOf(gateway.said()), mode).toEqual([
      expect.stringMatching(/^grantway: DATABASE_URL: .*(certificate|ENOENT)/),
    ]);
  }
  server.close();
});

const linesOf = (text: string): string[] => text.trimEnd().split('\n');
