/** Providers in the API: what a look tells, what is stored, and what is never shown. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callbackUrl } from '../../core/connections/callback-url.ts';
import type { Database } from '../../platform/database.ts';
import { openLimiter } from '../../platform/rate-limit.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { ask, BROWSER, makeClient, makeConnection, makeUser } from '../../testing/scene.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let provider: TestProvider;
let ada: Person;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  provider = await openProviderServer();
  ada = await makeUser(database);
});
afterAll(async () => {
  await provider.close();
  await database.close();
});

const run = async (mutation: string, input: object, selection: string, person: Person | null = ada) => {
  const type = mutation.charAt(0).toUpperCase() + mutation.slice(1);
  const answer = await world.ask(
    person,
    `mutation($input: ${type}Input!) { it: ${mutation}(input: $input) { __typename ... on Error { message }
      ... on ValidationError { field } ... on ${type}Payload { ${selection} } } }`,
    { input },
  );
  return { ...answer, it: answer.data?.it };
};
const PROVIDER = `connection { id version authMode provider { issuer scopes pkceUnannounced callbackUrl
  authorizeParameters { name value } client { clientId issuer registration } } }`;
const FOUND =
  'status authMode issuer scopes scopesOffered callbackUrl providers { issuer registration pkce problem callbackUrl }';
const SECRET = 'canary-of-the-static-client';

test('a look tells what the server asks for, and is for people who are signed in', async () => {
  const { it } = await run('connectionDiscover', { remoteUrl: provider.mcpUrl }, FOUND);
  expect(it).toEqual({
    __typename: 'ConnectionDiscoverPayload',
    status: 'NEEDS_SIGN_IN',
    authMode: 'OAUTH_DYNAMIC',
    issuer: provider.url,
    scopes: ['mcp'],
    scopesOffered: [],
    callbackUrl: callbackUrl(world.config.url, provider.url),
    providers: [
      {
        issuer: provider.url,
        registration: 'REGISTRATION',
        pkce: true,
        problem: null,
        callbackUrl: callbackUrl(world.config.url, provider.url),
      },
    ],
  });
  expect(await database.db.providerClient.count()).toBe(0);
  const nobody = await run('connectionDiscover', { remoteUrl: provider.mcpUrl }, FOUND, null);
  expect(nobody.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  const refused = await run('connectionDiscover', { remoteUrl: 'http://10.0.0.1/' }, FOUND);
  expect(refused.it).toMatchObject({ __typename: 'ValidationError', field: 'remoteUrl' });
});

test('#196 a person cannot have a network searched: looks are counted', async () => {
  const eve = await makeUser(database, 'Eve');
  const looks = await Promise.all(
    Array.from({ length: 61 }, () => run('connectionDiscover', { remoteUrl: 'http://127.0.0.1:9/' }, 'status', eve)),
  );
  const refused = looks.filter(({ errors }) => errors[0]?.extensions.code === 'RATE_LIMITED');
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({ status: 429 });
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('#196 nor by approving a request again and again: those looks are counted with them', async () => {
  const grace = await makeUser(database, 'Grace');
  const connection = await makeConnection(database, { userId: grace.id });
  const data = { remoteUrl: provider.mcpUrl, authMode: 'oauth_dynamic' as const };
  await database.db.connection.update({ where: { id: connection.id }, data });
  const { handle } = await ask(database, { user: grace, client: await makeClient(database), connection });
  const cookie = { cookie: `grantway_browser=${BROWSER}` };
  const approve = () =>
    world.ask(
      grace,
      'mutation ($id: String!) { it: authorizationApprove(input: { requestId: $id }) { __typename } }',
      { id: handle },
      cookie,
    );
  // The first sets out; those that follow find the request waiting, and set out again.
  for (let times = 0; times < 2; times++) {
    expect((await approve()).data?.it).toEqual({ __typename: 'AuthorizationApprovePayload' });
  }
  const looks = openLimiter(database, 'discover', { points: 60, seconds: 60 });
  while ((await looks.take(grace.id)).allowed);
  expect((await approve()).errors[0]?.extensions.code).toBe('RATE_LIMITED');
});

test('#211, #248 a client entered by hand is bound to the issuer that the server names, sealed, and never shown', async () => {
  const input = {
    name: 'Notes',
    remoteUrl: provider.mcpUrl,
    authMode: 'OAUTH_STATIC',
    providerClientId: 'by-hand',
    providerClientSecret: SECRET,
    providerScopes: ['a', 'b'],
    providerAuthorizeParameters: [{ name: 'access_type', value: 'offline' }],
  };
  const missing = await run('connectionCreate', { ...input, providerClientId: '' }, PROVIDER);
  expect(missing.it).toMatchObject({ __typename: 'ValidationError', field: 'providerClientId' });
  const made = await run('connectionCreate', input, PROVIDER);
  const { connection } = made.it;
  expect(connection).toMatchObject({
    version: 1,
    provider: {
      issuer: provider.url,
      scopes: ['a', 'b'],
      authorizeParameters: [{ name: 'access_type', value: 'offline' }],
      client: { clientId: 'by-hand', issuer: provider.url, registration: 'BY_HAND' },
    },
  });
  const replaced = await run(
    'connectionSetProviderClient',
    { connectionId: connection.id, providerClientId: 'another', providerClientSecret: SECRET },
    PROVIDER,
  );
  expect(replaced.it.connection).toMatchObject({ version: 2, provider: { client: { clientId: 'another' } } });
  const rows = await database.db.providerClient.findMany({ where: { kind: 'static' }, orderBy: { createdAt: 'asc' } });
  expect(rows.map(({ retiredAt }) => retiredAt === null)).toEqual([false, true]);
  const events = await database.db.auditEvent.findMany();
  expect(JSON.stringify([rows, events, made.data, replaced.data])).not.toContain(SECRET);
});

test('a provider that cannot be asked is told beside the field, and nothing is stored', async () => {
  const before = await database.db.connection.count();
  const input = { name: 'Notes', authMode: 'OAUTH_STATIC', providerClientId: 'by-hand' };
  const away = await run('connectionCreate', { ...input, remoteUrl: 'http://127.0.0.1:9/mcp' }, PROVIDER);
  expect(away.it).toMatchObject({ __typename: 'ValidationError', field: 'remoteUrl' });
  const other = await run(
    'connectionCreate',
    { ...input, remoteUrl: provider.mcpUrl, providerIssuer: `${provider.url}/tenant` },
    PROVIDER,
  );
  expect(other.it).toMatchObject({ __typename: 'ValidationError', field: 'providerIssuer' });
  expect(await database.db.connection.count()).toBe(before);
});
