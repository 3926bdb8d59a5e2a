import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiKey } from '../../core/people/api-key.ts';
import { verifyBearerToken } from '../../core/tokens/bearer-token.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeConnection, makeUser, type SceneConnection } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let ada: Person;
let connection: SceneConnection;
let sessionId: string;
beforeAll(async () => {
  database = await openTestDatabase();
  ada = await makeUser(database);
  const session = await database.db.session.create({
    data: { userId: ada.id, token: uuidv7(), expiresAt: new Date(Date.now() + 3_600_000) },
  });
  sessionId = session.id;
  const viewer = { userId: ada.id, sessionId, name: ada.name, email: ada.email, role: 'user' as const };
  world = await openGraphqlApp(database, {
    viewerOf: async (headers) => (headers.get('x-test-user') === ada.id ? viewer : null),
  });
  connection = await makeConnection(database, { userId: ada.id });
});
afterAll(() => database.close());

const MINT = `mutation ($connectionId: ID!, $expiresIn: Int) {
  connectTokenMint(input: { connectionId: $connectionId, expiresIn: $expiresIn }) {
    __typename ... on ConnectTokenMintPayload { token expiresAt url } ... on ValidationError { field message } } }`;
const idOf = (id: string) => encodeGlobalId('McpConnection', id);
const verify = (token: string) =>
  verifyBearerToken({ keyring: world.keyring, issuer: world.config.url, now: new Date() }, token);
const minted = async (headers?: Record<string, string>) => {
  const variables = { connectionId: idOf(connection.id) };
  const answer = await world.ask(headers ? null : ada, MINT, variables, headers);
  expect(answer.errors).toEqual([]);
  return answer.data.connectTokenMint as { token: string; expiresAt: string; url: string };
};

test('a signed-in person mints a token that names the session', async () => {
  const { token, url, expiresAt } = await minted();
  const claims = await verify(token);
  expect(claims).toMatchObject({
    source: 'derived_connect',
    minter: { kind: 'session', id: sessionId },
    userId: ada.id,
    connectionId: connection.id,
    audience: url,
    scopes: ['mcp:access'],
  });
  expect(new Date((claims?.expiresAt ?? 0) * 1000).getTime()).toBeCloseTo(new Date(expiresAt).getTime(), -4);
});

test('a key that may mints one that names the key; a key that may not is told so', async () => {
  const keyWith = async (scope: 'tokens:mint' | 'connections:read') => {
    const made = await createApiKey(
      database,
      { userId: ada.id, organizationId: null, name: 'CI', scopes: [scope] },
      new Date(),
    );
    if (!made.ok) throw new Error(made.reason.kind);
    return made.value;
  };
  const [may, mayNot] = [await keyWith('tokens:mint'), await keyWith('connections:read')];
  const { token } = await minted({ authorization: `Bearer ${may.key}` });
  expect(await verify(token)).toMatchObject({ minter: { kind: 'api_key', id: may.id } });
  const refused = await world.ask(
    null,
    MINT,
    { connectionId: idOf(connection.id) },
    { authorization: `Bearer ${mayNot.key}` },
  );
  expect([refused.status, refused.errors[0]?.message]).toEqual([403, expect.stringContaining('tokens:mint')]);
});

test("#240 someone else's connection, an unknown one and another thing's id are the same: not there", async () => {
  const other = await makeConnection(database, { userId: (await makeUser(database)).id });
  for (const connectionId of [idOf(other.id), idOf(uuidv7()), encodeGlobalId('Client', connection.id), 'x']) {
    const answer = await world.ask(ada, MINT, { connectionId });
    expect(answer.data.connectTokenMint).toEqual({ __typename: 'NotFoundError' });
  }
  const answer = await world.ask(ada, MINT, { connectionId: idOf(connection.id), expiresIn: 7_200 });
  expect(answer.data.connectTokenMint).toMatchObject({ __typename: 'ValidationError', field: 'expiresIn' });
});

test('#140 #152 a connect token is nothing at GraphQL', async () => {
  const { token } = await minted();
  const answer = await world.ask(
    null,
    MINT,
    { connectionId: idOf(connection.id) },
    { authorization: `Bearer ${token}` },
  );
  expect([answer.status, answer.errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
});
