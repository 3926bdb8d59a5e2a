/** The client that we are at a provider: registered once, bound to its issuer, replaced when it no longer serves. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { type Host, type HostAnswer, openHost } from '../../testing/host.ts';
import { makeConnection, makeUser, providersOf } from '../../testing/scene.ts';
import { callbackUrl } from '../connections/callback-url.ts';
import { changeConnection } from '../connections/change.ts';
import { setProviderClient } from '../connections/set-provider-client.ts';
import { documentUrl, type ProviderDeps } from './deps.ts';
import { forgetProvider, openProvider, type Provider, providerOfClient } from './provider.ts';
import { bindIssuer } from './static-issuer.ts';

let database: Database;
let deps: ProviderDeps;
beforeAll(async () => {
  database = await openTestDatabase();
  deps = await providersOf(database);
});
afterAll(() => database.close());

let mcp: Host;
let [first, second]: Host[] = [];
beforeEach(async () => {
  mcp = await openHost();
  first = await openHost();
  second = await openHost();
  namesProvider(first);
  serveProvider(first, 'first');
  serveProvider(second, 'second');
});
afterEach(() => Promise.all([mcp, first, second].map((host) => host?.close())));

const the = (host: Host | undefined): Host => host as Host;

/** From now on the MCP server sends people there. */
function namesProvider(host: Host | undefined, scope = 'read'): void {
  mcp.answers['/mcp'] = { status: 401, headers: { 'www-authenticate': `Bearer scope="${scope}"` }, json: {} };
  mcp.answers['/.well-known/oauth-protected-resource/mcp'] = {
    json: {
      resource: `${mcp.url}/mcp`,
      authorization_servers: [the(host).url],
      scopes_supported: ['read', 'write', 'all'],
    },
  };
}

/** What was registered at a host, as it was sent. */
const sent: Record<string, unknown>[] = [];

function serveProvider(host: Host | undefined, name: string, more: object = {}, registers?: HostAnswer): void {
  const { url, answers } = the(host);
  answers['/.well-known/oauth-authorization-server'] = {
    json: {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      registration_endpoint: `${url}/register`,
      code_challenge_methods_supported: ['S256'],
      ...more,
    },
  };
  let count = 0;
  answers['/register'] =
    registers ??
    ((_request, response, body) => {
      sent.push(JSON.parse(body));
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ client_id: `${name}-${++count}`, client_secret: `${name}-secret-${count}` }));
    });
}

async function connect(columns: object = {}) {
  const user = await makeUser(database);
  const made = await makeConnection(database, { userId: user.id });
  const data = { remoteUrl: `${mcp.url}/mcp`, authMode: 'oauth_dynamic' as const, ...columns };
  const connection = await database.db.connection.update({ where: { id: made.id }, data });
  return { user, connection, id: made.id };
}

async function open(id: string, options = {}, using = deps): Promise<Provider> {
  const opened = await openProvider(using, id, options);
  if (!opened.ok) throw new Error(JSON.stringify(opened.reason));
  return opened.value;
}
const refusalOf = async (id: string) => {
  const opened = await openProvider(deps, id);
  return opened.ok ? null : opened.reason.kind;
};
const registrations = (host: Host | undefined) => the(host).asked.filter((line) => line === 'POST /register').length;

/** What a request of this client says of who it is. */
function authOf({ server, client, clientAuth }: Provider) {
  const body = new URLSearchParams();
  const headers = new Headers();
  clientAuth(server, client, body, headers);
  const basic = headers.get('authorization')?.slice(6);
  return { basic: basic && Buffer.from(basic, 'base64').toString(), body: body.toString() };
}

test('#211 one registration, however many sign-ins begin at once; it is sealed, and on the record', async () => {
  const { id } = await connect();
  const opened = await Promise.all(Array.from({ length: 8 }, () => open(id)));
  expect(new Set(opened.map(({ providerClientId }) => providerClientId)).size).toBe(1);
  await open(id);
  expect(registrations(first)).toBe(1);
  expect(opened[0]).toMatchObject({
    client: { client_id: 'first-1' },
    resource: `${mcp.url}/mcp`,
    scopes: ['read'],
    parameters: {},
    redirectUri: callbackUrl(deps.base, the(first).url),
  });
  expect(authOf(opened[0] as Provider)).toEqual({ basic: 'first-1:first-secret-1', body: '' });
  const rows = await database.db.providerClient.findMany({ where: { connectionId: id } });
  expect(rows).toMatchObject([{ issuer: the(first).url, kind: 'dynamic', retiredAt: null }]);
  const events = await database.db.auditEvent.findMany({ where: { connectionId: id, kind: 'provider.registered' } });
  expect(events).toHaveLength(1);
  expect(JSON.stringify([rows, events])).not.toContain('first-secret');
  expect(sent.at(-1)).toEqual({
    client_name: 'Grantway',
    redirect_uris: [callbackUrl(deps.base, the(first).url)],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    application_type: 'native',
  });
});

test('#211 processes that register at once end up as one client', async () => {
  const { id } = await connect();
  const fresh = async (n: number): Promise<typeof import('./provider.ts')> =>
    import(/* @vite-ignore */ `./provider.ts?${n}`);
  const processes = await Promise.all([1, 2, 3].map(fresh));
  const opened = await Promise.all(processes.map((one) => one.openProvider(deps, id)));
  expect(new Set(opened.map((one) => one.ok && one.value.providerClientId)).size).toBe(1);
  expect(await database.db.providerClient.count({ where: { connectionId: id, retiredAt: null } })).toBe(1);
});

test('#211 when the server moves to another issuer: a new registration there, and nothing of the old one', async () => {
  const { id } = await connect();
  const before = await open(id);
  namesProvider(second);
  const after = await open(id);
  expect(after.server.issuer).toBe(the(second).url);
  expect(after.client.client_id).toBe('second-1');
  expect(JSON.stringify(authOf(after))).not.toContain('first');
  // Field note A13: what the old client obtained is refreshed and revoked as the old client, at its issuer.
  const old = await providerOfClient(deps, before.providerClientId);
  expect(old).toMatchObject({
    ok: true,
    value: { client: { client_id: 'first-1' }, server: { issuer: the(first).url } },
  });
  namesProvider(first);
  expect((await open(id)).providerClientId).toBe(before.providerClientId);
});

test('#211 an issuer that the owner chose is left by nobody but the owner', async () => {
  const { id } = await connect({ providerIssuer: the(first).url });
  namesProvider(second);
  expect(await refusalOf(id)).toBe('refused');
  expect(registrations(second)).toBe(0);
});

test('field note A13 a provider that forgot us, a secret that expired, and another callback make a new registration', async () => {
  const { id } = await connect();
  const one = await open(id);
  await forgetProvider(deps, one.providerClientId);
  const two = await open(id);
  expect(two.client.client_id).toBe('first-2');
  await database.db.providerClient.update({
    where: { id: two.providerClientId },
    data: { expiresAt: new Date(Date.now() + 60_000) },
  });
  const three = await open(id);
  expect(three.client.client_id).toBe('first-3');
  const moved = { ...deps, base: 'https://moved.example' };
  const four = await open(id, {}, moved);
  expect(four).toMatchObject({
    client: { client_id: 'first-4' },
    redirectUri: callbackUrl('https://moved.example', the(first).url),
  });
  expect(sent.at(-1)).toMatchObject({ application_type: 'web', client_uri: 'https://moved.example' });
  for (const { providerClientId } of [one, two, three])
    expect((await providerOfClient(deps, providerClientId)).ok).toBe(true);
});

test('#211 our document, where the provider takes it: no registration, no secret', async () => {
  serveProvider(first, 'first', { client_id_metadata_document_supported: true });
  const { id } = await connect();
  const provider = await open(id, {}, { ...deps, base: 'https://gateway.example', ownDocument: true });
  expect(provider.client).toMatchObject({ client_id: documentUrl('https://gateway.example') });
  expect(authOf(provider)).toEqual({
    basic: undefined,
    body: `client_id=${encodeURIComponent(provider.client.client_id)}`,
  });
  expect(registrations(first)).toBe(0);
});

test.each([
  [['client_secret_post'], {}, 'post'],
  [['none'], { client_secret: undefined }, 'none'],
  [['none', 'client_secret_post'], { token_endpoint_auth_method: 'none' }, 'none'],
  [undefined, {}, 'basic'],
])('#222 how we authenticate follows %j and the answer %j', async (supported, answer, way) => {
  const json = { client_id: 'id', client_secret: 'the secret', ...answer };
  serveProvider(first, 'first', { token_endpoint_auth_methods_supported: supported }, { status: 200, json });
  const auth = authOf(await open((await connect()).id));
  expect(auth).toEqual(
    {
      post: { basic: undefined, body: 'client_id=id&client_secret=the+secret' },
      none: { basic: undefined, body: 'client_id=id' },
      basic: { basic: 'id:the+secret', body: '' },
    }[way],
  );
});

test('#222 Basic is form-encoded, and leaves alone what needs no encoding', async () => {
  serveProvider(first, 'first', {}, { status: 201, json: { client_id: 'a-b.c_d', client_secret: 'p:/ä+"~\'()' } });
  expect(authOf(await open((await connect()).id)).basic).toBe('a-b.c_d:p%3A%2F%C3%A4%2B%22%7E%27%28%29');
});

test.each<[string, HostAnswer, string]>([
  ['a refusal', { status: 400, json: { error: 'invalid_redirect_uri' } }, 'refused'],
  ['#209 HTML', { status: 400, text: '<h1>internal.host failed with token abc' }, 'refused'],
  ['another callback', { status: 201, json: { client_id: 'x', redirect_uris: ['https://evil.example'] } }, 'refused'],
  ['no client ID', { status: 201, json: {} }, 'refused'],
  [
    'a way that we do not know',
    { status: 201, json: { client_id: 'x', client_secret: 'y', token_endpoint_auth_method: 'tls' } },
    'refused',
  ],
  [
    'a secret that is missing',
    { status: 201, json: { client_id: 'x', token_endpoint_auth_method: 'client_secret_basic' } },
    'refused',
  ],
  ['a fault', { status: 500, text: 'stack' }, 'unreachable'],
  ['#195 a redirect', { status: 307, headers: { location: 'http://127.0.0.1:9/' } }, 'refused'],
  ['#221 more than fits', { status: 201, text: 'x'.repeat(300_000) }, 'unreachable'],
])('a registration that is answered with %s is not kept', async (_name, answer, kind) => {
  serveProvider(first, 'first', {}, answer);
  const { id } = await connect();
  const opened = await openProvider(deps, id);
  expect(opened).toMatchObject({ ok: false, reason: { kind } });
  expect(JSON.stringify(opened)).not.toMatch(/internal|abc|stack|evil/);
  expect(await database.db.providerClient.count({ where: { connectionId: id } })).toBe(0);
});

test('#214 a provider that does not announce PKCE is refused, unless the owner said otherwise', async () => {
  serveProvider(first, 'first', { code_challenge_methods_supported: ['plain'] });
  expect(await refusalOf((await connect()).id)).toBe('refused');
  expect((await open((await connect({ providerPkceUnannounced: true })).id)).scopes).toEqual(['read']);
});

test('#223 scopes: from the challenge, or the owner, with what was granted before; never from what is offered', async () => {
  const { id } = await connect();
  expect((await open(id)).scopes).toEqual(['read']);
  expect((await open(id, { scopes: ['read', 'write'] })).scopes).toEqual(['read', 'write']);
  await database.db.connection.update({
    where: { id },
    data: { providerScopes: ['all'], providerScopesSource: 'manual' },
  });
  expect((await open(id)).scopes).toEqual(['all']);
  mcp.answers['/mcp'] = { status: 401, json: {} };
  expect((await open((await connect()).id)).scopes).toEqual([]);
});

test('#224 offline_access: where it is announced, with consent; never where it is not', async () => {
  serveProvider(first, 'first', { scopes_supported: ['read', 'offline_access'] });
  expect(await open((await connect()).id)).toMatchObject({
    scopes: ['read', 'offline_access'],
    parameters: { prompt: 'consent' },
  });
  const own = { providerAuthorizeParameters: { prompt: 'login', access_type: 'offline' } };
  expect((await open((await connect(own)).id)).parameters).toEqual({ prompt: 'login', access_type: 'offline' });
  serveProvider(first, 'first', { scopes_supported: ['read'] });
  namesProvider(first, 'read offline_access');
  expect((await open((await connect()).id)).scopes).toEqual(['read']);
});

test('#211 a client entered by hand is bound to its issuer, and never shown to another', async () => {
  const { user, id, connection } = await connect({ authMode: 'oauth_static' });
  expect(await refusalOf(id)).toBe('needs_client');
  const bound = await bindIssuer(deps, connection.remoteUrl, null);
  if (!bound.ok) throw new Error(bound.reason);
  const client = { clientId: 'by-hand', clientSecret: 'typed', authMethod: bound.value.authMethod };
  const input = { connectionId: id, issuer: bound.value.issuer, client };
  expect((await setProviderClient(database, deps.keyring, { userId: user.id }, input, new Date())).ok).toBe(true);
  const provider = await open(id);
  expect(authOf(provider).basic).toBe('by-hand:typed');
  await forgetProvider(deps, provider.providerClientId);
  expect((await open(id)).providerClientId).toBe(provider.providerClientId);
  expect(registrations(first)).toBe(0);
  namesProvider(second);
  expect(await refusalOf(id)).toBe('refused');
  expect(the(second).asked.filter((line) => line.startsWith('POST'))).toEqual([]);
  expect(await database.db.connection.findUnique({ where: { id } })).toMatchObject({ version: 2 });
});

test('leaving the mode of an entered client takes it out of use, and another setting ends what hung on the old one', async () => {
  const { user, id } = await connect({ authMode: 'oauth_static', providerIssuer: the(first).url });
  const client = { clientId: 'by-hand', clientSecret: 'typed', authMethod: 'client_secret_basic' as const };
  const input = { connectionId: id, issuer: the(first).url, client };
  await setProviderClient(database, deps.keyring, { userId: user.id }, input, new Date());
  const settings = { keyring: deps.keyring, allowUpstreams: deps.allow };
  const change = (columns: object) =>
    changeConnection(database, settings, { userId: user.id }, { connectionId: id, ...columns }, new Date());
  const versionNow = async () => (await database.db.connection.findUniqueOrThrow({ where: { id } })).version;
  const version = await versionNow();
  await change({ name: 'Renamed', providerIssuer: the(first).url });
  expect(await versionNow()).toBe(version);
  const parameters = [
    { name: 'bb', value: '1' },
    { name: 'a', value: '2' },
  ];
  await change({ providerAuthorizeParameters: parameters });
  await change({ providerAuthorizeParameters: parameters.toReversed() });
  expect(await versionNow()).toBe(version + 1);
  await change({ authMode: 'oauth_dynamic' });
  await change({ authMode: 'oauth_static' });
  expect(await refusalOf(id)).toBe('needs_client');
});

test('a connection without a provider, a deleted one and an open server have none', async () => {
  expect(await refusalOf((await connect({ authMode: 'none' })).id)).toBe('not_found');
  expect(await refusalOf((await connect({ deletedAt: new Date() })).id)).toBe('not_found');
  mcp.answers['/mcp'] = { json: { jsonrpc: '2.0', id: 1, result: {} } };
  expect(await refusalOf((await connect()).id)).toBe('refused');
});
