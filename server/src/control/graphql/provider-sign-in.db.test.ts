/** The viewer's own sign-in at a provider, as the page sees it. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, SESSION } from '../../testing/graphql-app.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { makeTraveller, openTravel, type Travel, type Traveller } from '../../testing/provider-scene.ts';
import { makeConnection } from '../../testing/scene.ts';
import { encodeGlobalId } from './global-id.ts';

let database: Database;
let provider: TestProvider;
let travel: Travel;
let ask: Awaited<ReturnType<typeof openGraphqlApp>>['ask'];
let close: () => Promise<void>;
let who: Traveller;
let id: string;
beforeAll(async () => {
  database = await openTestDatabase();
  provider = await openProviderServer();
  travel = await openTravel(database);
  ({ ask, close } = await openGraphqlApp(database, { keyring: travel.providers.keyring }));
});
beforeEach(async () => {
  who = { ...(await makeTraveller(database, provider)), sessionId: SESSION };
  id = encodeGlobalId('McpConnection', who.connection.id);
});
afterAll(async () => {
  await close();
  await provider.close();
  await database.close();
});

const stateOf = async (person: Traveller['user'], connectionId = id) =>
  (
    await ask(
      person,
      'query($id: ID!) { node(id: $id) { ... on McpConnection { providerSignIn { status account scopes signedInAt expiresAt } } } }',
      { id: connectionId },
    )
  ).data.node?.providerSignIn;
const SIGN_IN = `mutation($id: ID!) { it: connectionProviderSignIn(input: { connectionId: $id }) {
  __typename ... on ConnectionProviderSignInPayload { redirectTo } ... on Error { message } } }`;
const DISCONNECT = `mutation($id: ID!) { it: connectionProviderDisconnect(input: { connectionId: $id }) {
  __typename ... on ConnectionProviderDisconnectPayload { connection { providerSignIn { status } } } } }`;
const TEST = `mutation($id: ID!) { it: connectionTest(input: { connectionId: $id }) {
  __typename ... on ConnectionTestPayload { test { __typename } } ... on Error { message } } }`;
const act = async (document: string, person = who.user) => (await ask(person, document, { id })).data.it;

test('signed out, signed in, no longer accepted, signed out again', async () => {
  const nothing = { account: null, scopes: [], signedInAt: null, expiresAt: null };
  expect(await stateOf(who.user)).toEqual({ status: 'SIGNED_OUT', ...nothing });
  const begun = await act(SIGN_IN);
  expect(begun.__typename).toBe('ConnectionProviderSignInPayload');
  await travel.comeBack(who, await travel.visit(begun.redirectTo), { cookie: '' });
  expect(await stateOf(who.user)).toMatchObject({
    status: 'SIGNED_IN',
    account: 'ada@provider.example',
    scopes: ['mcp'],
    signedInAt: expect.any(String),
    expiresAt: expect.any(String),
  });
  await database.db.connectionInstance.updateMany({ where: { userId: who.user.id }, data: { status: 'needs_reauth' } });
  expect(await stateOf(who.user)).toMatchObject({ status: 'NEEDS_REAUTH', account: 'ada@provider.example' });
  expect(await act(DISCONNECT)).toEqual({
    __typename: 'ConnectionProviderDisconnectPayload',
    connection: { providerSignIn: { status: 'SIGNED_OUT' } },
  });
  expect(await stateOf(who.user)).toEqual({ status: 'SIGNED_OUT', ...nothing });
});

test('a connection that signs in otherwise has none', async () => {
  const plain = await makeConnection(database, { userId: who.user.id });
  expect(await stateOf(who.user, encodeGlobalId('McpConnection', plain.id))).toBeNull();
});

test('each person sees their own alone, also on a connection that several share', async () => {
  await travel.comeBack(who, await travel.visit((await act(SIGN_IN)).redirectTo));
  const eve = await makeTraveller(database, provider);
  expect(await stateOf(eve.user)).toBeUndefined();
  expect((await act(SIGN_IN, eve.user)).__typename).toBe('NotFoundError');
  expect((await act(DISCONNECT, eve.user)).__typename).toBe('NotFoundError');
  const organization = await database.db.organization.create({
    data: {
      name: 'Acme',
      memberships: { create: [who.user, eve.user].map((user) => ({ userId: user.id, role: 'member' as const })) },
    },
  });
  await database.db.connection.update({
    where: { id: who.connection.id },
    data: {
      ownerUserId: null,
      ownerOrganizationId: organization.id,
      sharingMode: 'multi_user',
      assignments: { create: [who.user, eve.user].map((user) => ({ userId: user.id })) },
    },
  });
  expect(await stateOf(eve.user)).toMatchObject({ status: 'SIGNED_OUT', account: null });
  expect((await act(DISCONNECT, eve.user)).__typename).toBe('ConnectionProviderDisconnectPayload');
  expect(await stateOf(who.user)).toMatchObject({ status: 'SIGNED_IN' });
});

test('a provider that does not answer is a sentence, not a fault', async () => {
  provider.instead = (path) => (path === '/mcp' ? { status: 503 } : undefined);
  expect(await act(SIGN_IN)).toMatchObject({
    __typename: 'ValidationError',
    message: expect.stringContaining('Try again'),
  });
  provider.instead = () => undefined;
});

test('trying the connection out sends the viewer’s own token, and asks for a sign-in where there is none', async () => {
  expect(await act(TEST)).toMatchObject({ __typename: 'ValidationError', message: expect.stringContaining('Sign in') });
  await travel.comeBack(who, await travel.visit((await act(SIGN_IN)).redirectTo));
  const before = provider.mcpCalls.length;
  expect((await act(TEST)).__typename).toBe('ConnectionTestPayload');
  expect(provider.mcpCalls.length).toBeGreaterThan(before);
});

test('beginning one looks at the server, so it counts with the looks at servers, and none is without end (#192)', async () => {
  const LOOK = 'mutation { connectionDiscover(input: { remoteUrl: "nonsense" }) { __typename } }';
  await Promise.all(Array.from({ length: 60 }, () => ask(who.user, LOOK)));
  const answer = await ask(who.user, SIGN_IN, { id });
  expect(answer.errors?.[0]?.extensions?.code).toBe('RATE_LIMITED');
  expect(await database.db.pendingProviderAuthorization.count({ where: { userId: who.user.id } })).toBe(0);
});
