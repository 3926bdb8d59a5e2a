/** What is changed at one process holds at another from its acknowledgement on, while that one is under load. */
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { encodeGlobalId } from '../src/control/graphql/global-id.ts';
import { connectUrl } from '../src/core/connections/resource.ts';
import { storeStaticHeaders } from '../src/core/connections/secrets.ts';
import { createApiKey } from '../src/core/people/api-key.ts';
import { mintAccessToken } from '../src/core/tokens/access-token.ts';
import { type Database, openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { transact } from '../src/platform/transact.ts';
import { claimsOf, makeClient, makeConnection, makeOrganization, makeUser, signIn } from '../src/testing/scene.ts';
import { type Answer, send } from './callers.ts';
import { openGround, startGateway } from './ground.ts';
import type { Program } from './processes.ts';
import { CALL, newKeys } from './scene.ts';

const BASE = 'http://localhost:7755';
const [CALLERS, ROUNDS] = [16, 6];

const begun = new AsyncDisposableStack();
let database: Database;
let keys: Awaited<ReturnType<typeof newKeys>>;
let control: Program;
let gateway: Program;
let upstreamUrl: string;
beforeAll(async () => {
  const ground = await openGround({ serverUrl: inject('serverUrl') });
  begun.defer(ground.close);
  const url = await ground.database();
  database = await openDatabase({ url, dataDirectory: '', poolSize: 2, log: openLog('silent') });
  begun.defer(database.close);
  keys = await newKeys();
  const start = async (planes: string): Promise<Program> => {
    const settings = { GRANTWAY_URL: BASE, GRANTWAY_PLANES: planes, GRANTWAY_LOG_LEVEL: 'silent' };
    const program = await startGateway(url, keys.text, settings);
    begun.defer(program.kill);
    return program;
  };
  [control, gateway] = await Promise.all([start('control'), start('gateway')]);
  const upstream = createServer((req, res) => {
    req.resume().once('end', () => res.end(`${req.url} ${req.headers['x-key']} ${req.headers['x-plain']}`));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  begun.defer(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
});
afterAll(() => begun.disposeAsync());

const agent = new Agent({ keepAlive: true });
const host = new URL(BASE).host;
const json = { host, 'content-type': 'application/json' };

/** An organization's connection with static headers, the calls of a member's client, and the owner's changes over GraphQL. */
async function open() {
  const [owner, user] = [await makeUser(database), await makeUser(database)];
  const { id: organizationId } = await makeOrganization(database, [owner, user]);
  await database.db.membership.updateMany({ where: { userId: owner.id }, data: { role: 'owner' } });
  const connection = await makeConnection(database, { organizationId, assignees: [user] });
  const where = { id: connection.id };
  await database.db.connection.update({
    where,
    data: { remoteUrl: upstreamUrl, authMode: 'static_headers', staticHeaderNames: ['x-key'] },
  });
  await transact(database, (tx) =>
    storeStaticHeaders(tx, keys.keyring, connection.id, [{ name: 'x-key', value: 'first' }]),
  );
  const made = await signIn(database, { user, connection, client: await makeClient(database) });
  const audience = connectUrl(BASE, { ...connection, ...connection.resource });
  const claims = { ...claimsOf(made), audience };
  const { token } = await mintAccessToken(keys.keyring, BASE, claims, 3_600, new Date());
  const key = await createApiKey(
    database,
    { userId: owner.id, organizationId: null, name: 'changes', scopes: ['connections:write'] },
    new Date(),
  );
  if (!key.ok) throw new Error(key.reason.kind);
  const call = (): Promise<Answer> =>
    send(agent, gateway.port, {
      path: `${new URL(audience).pathname}/below`,
      body: CALL,
      headers: { ...json, authorization: `Bearer ${token}` },
    });
  const change = async (mutation: string, more: object = {}): Promise<void> => {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
    const query = `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { __typename } }`;
    const input = { connectionId: encodeGlobalId('McpConnection', connection.id), ...more };
    const { text } = await send(agent, control.port, {
      path: '/graphql',
      body: JSON.stringify({ query, variables: { input } }),
      headers: { ...json, 'x-graphql-yoga-csrf': '1', authorization: `Bearer ${key.value.key}` },
    });
    expect(JSON.parse(text)).toEqual({ data: { [mutation]: { __typename: `${type}Payload` } } });
  };
  return { call, change };
}

test('#162 #233 headers, passthrough and switching off count at the next request, beside callers whose rows are remembered', async () => {
  const { call, change } = await open();
  let over = false;
  let asked = 0;
  const callers = Array.from({ length: CALLERS }, async () => {
    for (; !over; asked++) await call();
  });
  const all = () => Promise.all(Array.from({ length: 8 }, call));
  const told = async () => [...new Set((await all()).map(({ status, text }) => `${status} ${text}`))];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await change('connectionUpdate', { pathPassthrough: true });
      await change('connectionSetStaticHeaders', { staticHeaders: [{ name: 'x-key', value: `key-${round}` }] });
      expect(await told()).toEqual([expect.stringMatching(`^200 /mcp/below key-${round} `)]);
      await change('connectionUpdate', { auxiliaryHeaders: [{ name: 'x-plain', value: `plain-${round}` }] });
      expect(await told()).toEqual([`200 /mcp/below key-${round} plain-${round}`]);
      await change('connectionUpdate', { pathPassthrough: false });
      expect(new Set((await all()).map(({ status }) => status))).toEqual(new Set([404]));
    }
    await change('connectionUpdate', { pathPassthrough: true });
    await change('connectionDisable');
    expect(new Set((await all()).map(({ status }) => status))).toEqual(new Set([404]));
    // Its grants ended with it.
    await change('connectionEnable');
    expect(new Set((await all()).map(({ status }) => status))).toEqual(new Set([401]));
  } finally {
    over = true;
    await Promise.all(callers);
    agent.destroy();
  }
  expect(asked).toBeGreaterThan(ROUNDS * CALLERS);
}, 120_000);
