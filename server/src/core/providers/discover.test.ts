/** Discovery against real hosts: where it looks, in which order, what it believes, and where it never goes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Host, type HostAnswer, openHost } from '../../testing/host.ts';
import { openProviderDeps } from './deps.ts';
import { type Discovery, discoverProvider, pickServer } from './discover.ts';

let mcp: Host;
let issuer: Host;
/** On an address that is not opened: nobody may ever connect to it. */
let inner: Host;
beforeEach(async () => {
  mcp = await openHost();
  issuer = await openHost();
  inner = await openHost('127.0.0.2');
});
afterEach(async () => {
  expect(inner.connections).toBe(0);
  await Promise.all([mcp.close(), issuer.close(), inner.close()]);
});

const deps = (ownDocument = false) =>
  openProviderDeps({
    database: undefined as never,
    keyring: undefined as never,
    log: undefined as never,
    clock: () => new Date(),
    base: 'https://gateway.example',
    ownDocument,
    allowUpstreams: ['127.0.0.1'],
  });

const look = (path = '/mcp', ownDocument = false) => discoverProvider(deps(ownDocument), mcp.url + path);
const found = async (path?: string, ownDocument?: boolean): Promise<Extract<Discovery, { kind: 'protected' }>> => {
  const discovered = await look(path, ownDocument);
  if (!discovered.ok || discovered.value.kind !== 'protected') throw new Error(JSON.stringify(discovered));
  return discovered.value;
};

const challenge = (parameters = ''): HostAnswer => ({
  status: 401,
  headers: { 'www-authenticate': `Bearer ${parameters || 'error="invalid_token"'}` },
  json: {},
});
const metadata = (url: string, more: object = {}) => ({
  issuer: url,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  registration_endpoint: `${url}/register`,
  code_challenge_methods_supported: ['S256'],
  ...more,
});
const MESSAGE = { jsonrpc: '2.0', id: 1, result: { protocolVersion: '2025-11-25', serverInfo: {} } };
const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const AS = '/.well-known/oauth-authorization-server';

/** An MCP server that names `issuers` at the well-known address of its path. */
const protect = (issuers: string[] = [issuer.url], resource = `${mcp.url}/mcp`) => {
  mcp.answers['/mcp'] = challenge();
  mcp.answers[`${WELL_KNOWN}/mcp`] = { json: { resource, authorization_servers: issuers } };
};
const gets = (host: Host) => host.asked.filter((line) => line.startsWith('GET')).map((line) => line.slice(4));

describe('where it looks (#210)', () => {
  test('a challenge leads to the metadata, and names the scopes; nothing else is asked for', async () => {
    mcp.answers['/mcp'] = challenge(`resource_metadata="${mcp.url}/elsewhere", scope="a b a"`);
    mcp.answers['/elsewhere'] = {
      json: { resource: `${mcp.url}/mcp`, authorization_servers: [issuer.url], scopes_supported: ['a', 'b', 'c'] },
    };
    issuer.answers[AS] = { json: metadata(issuer.url) };
    const { resource, scopes, scopesOffered, servers, guessed } = await found();
    expect({ resource, scopes, scopesOffered, guessed }).toEqual({
      resource: `${mcp.url}/mcp`,
      scopes: ['a', 'b'],
      scopesOffered: ['a', 'b', 'c'],
      guessed: false,
    });
    expect(servers).toMatchObject([{ issuer: issuer.url, registration: 'dynamic', pkce: true }]);
    expect(gets(mcp)).toEqual(['/elsewhere']);
    expect(gets(issuer)).toEqual([AS]);
  });

  test('without one: the address of the path, then that of the origin', async () => {
    mcp.answers['/mcp'] = challenge();
    mcp.answers[WELL_KNOWN] = { json: { resource: mcp.url, authorization_servers: [issuer.url] } };
    issuer.answers[AS] = { json: metadata(issuer.url) };
    expect(await found()).toMatchObject({ resource: mcp.url, scopes: null });
    expect(gets(mcp)).toEqual([`${WELL_KNOWN}/mcp`, WELL_KNOWN]);
  });

  test('an issuer with a path: three places, in the order of the specification', async () => {
    protect([`${issuer.url}/tenant`]);
    issuer.answers['/tenant/.well-known/openid-configuration'] = { json: metadata(`${issuer.url}/tenant`) };
    expect((await found()).servers).toMatchObject([{ issuer: `${issuer.url}/tenant` }]);
    expect(gets(issuer)).toEqual([
      `${AS}/tenant`,
      '/.well-known/openid-configuration/tenant',
      '/tenant/.well-known/openid-configuration',
    ]);
  });

  test('2025-03-26: a server that describes itself nowhere is its own authorization server', async () => {
    mcp.answers['/mcp'] = challenge();
    mcp.answers[AS] = { json: metadata(mcp.url) };
    expect(await found()).toMatchObject({ resource: null, guessed: false, servers: [{ issuer: mcp.url }] });
  });

  test('no metadata at all is told from sign-in that is announced', async () => {
    mcp.answers['/mcp'] = { status: 401, json: { error: 'api key missing' } };
    const { guessed, servers } = await found();
    expect(guessed).toBe(true);
    expect(servers[0]?.server.token_endpoint).toBe(`${mcp.url}/token`);
  });

  test('several authorization servers: five are asked, and the first that lets us register is picked', async () => {
    const tenants = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${issuer.url}/${name}`);
    protect(tenants);
    const { registration_endpoint: _, ...byHand } = metadata(`${issuer.url}/a`);
    issuer.answers[`${AS}/a`] = { json: byHand };
    issuer.answers[`${AS}/b`] = { json: metadata(`${issuer.url}/b`) };
    const { servers, broken } = await found();
    expect(servers.map(({ issuer: url, registration }) => [url, registration])).toEqual([
      [tenants[0], 'static'],
      [tenants[1], 'dynamic'],
    ]);
    expect(broken.map(({ problem }) => problem)).toEqual(['absent', 'absent', 'absent']);
    expect(pickServer(servers)?.issuer).toBe(tenants[1]);
    expect(gets(issuer).some((path) => path.includes('/f'))).toBe(false);
  });
});

describe('what kind of server', () => {
  const sse: HostAnswer = (_request, response) => {
    // It never ends: what is read of it has to be enough.
    response.writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': 's1' });
    response.write(`event: message\ndata: ${JSON.stringify(MESSAGE)}\n\n`);
  };

  test('one that lets anyone in, also over an event stream; its session is ended', async () => {
    mcp.answers['POST /mcp'] = sse;
    expect(await look()).toEqual({ ok: true, value: { kind: 'open' } });
    expect(mcp.asked).toEqual(['POST /mcp', 'POST /mcp', 'DELETE /mcp']);
  });

  test('one that lets anyone begin, and asks for sign-in at the first list', async () => {
    mcp.answers['/mcp'] = (_request, response, body) => {
      const begins = JSON.parse(body || '{}').method === 'initialize';
      response.writeHead(begins ? 200 : 401, {
        'content-type': 'application/json',
        'www-authenticate': 'Bearer scope="x"',
      });
      response.end(JSON.stringify(MESSAGE));
    };
    expect((await found()).scopes).toEqual(['x']);
  });

  test('one of 2026-07-28, which knows no initialize', async () => {
    mcp.answers['/mcp'] = (request, response) => {
      const modern = request.headers['mcp-protocol-version'] === '2026-07-28' && request.headers['mcp-method'];
      response.writeHead(modern ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify(modern ? MESSAGE : {}));
    };
    expect(await look()).toEqual({ ok: true, value: { kind: 'open' } });
  });

  test.each<[string, HostAnswer, string]>([
    ['a page', { headers: { 'content-type': 'text/html' }, text: '<html>' }, 'not_mcp'],
    ['nothing', { status: 404 }, 'not_mcp'],
    ['#195 a redirect', { status: 302, headers: { location: 'http://127.0.0.2/' } }, 'redirects'],
    ['a fault', { status: 503 }, 'unreachable'],
    ['a reset', (_request, response) => response.destroy(), 'unreachable'],
    ['#204 more than fits', { text: 'x'.repeat(300_000) }, 'unreachable'],
  ])('%s', async (_name, answer, kind) => {
    mcp.answers['/mcp'] = answer;
    expect(await look()).toEqual({ ok: false, reason: { kind } });
  });
});

describe('what it does not believe', () => {
  test.each([
    ['another host', () => 'https://evil.example/mcp'],
    ['another port', () => issuer.url],
    ['a neighbour', () => `${mcp.url}/mcp2`],
    ['something below', () => `${mcp.url}/mcp/x`],
    ['no URL', () => 'mcp'],
  ])('#210 a resource that is %s: the look ends there', async (_name, resource) => {
    protect([issuer.url], resource());
    expect(await look()).toEqual({ ok: false, reason: { kind: 'mismatch' } });
    expect(issuer.asked).toEqual([]);
  });

  test.each(['https://attacker.example', 'SELF/other', 'SELF.evil.example'])(
    '#210 metadata of another issuer (%s) is not used, nor is a friendlier place looked for',
    async (said) => {
      protect();
      issuer.answers[AS] = { json: metadata(said.replace('SELF', issuer.url)) };
      issuer.answers['/.well-known/openid-configuration'] = { json: metadata(issuer.url) };
      expect(await found()).toMatchObject({ servers: [], broken: [{ issuer: issuer.url, problem: 'mismatch' }] });
      expect(gets(issuer)).toEqual([AS]);
    },
  );

  test('field note E42 the slash of an empty path is no other issuer, and the server’s own spelling is kept', async () => {
    protect([`${issuer.url}/`]);
    issuer.answers[AS] = { json: metadata(issuer.url) };
    expect((await found()).servers[0]?.issuer).toBe(issuer.url);
  });

  test('#196 no connection is opened to an address that is not allowed, whoever names it', async () => {
    mcp.answers['/mcp'] = challenge(`resource_metadata="${inner.url}/x"`);
    mcp.answers[`${WELL_KNOWN}/mcp`] = {
      json: { resource: `${mcp.url}/mcp`, authorization_servers: [inner.url, 'http://169.254.169.254', 'file:///etc'] },
    };
    const { servers, broken } = await found();
    expect(servers).toEqual([]);
    expect(broken.map(({ problem }) => problem)).toEqual(['unusable', 'unusable', 'unusable']);
  });

  test.each<[string, (inside: string) => object]>([
    ['javascript', () => ({ authorization_endpoint: 'javascript:alert(1)' })],
    ['data', () => ({ authorization_endpoint: 'data:text/html,x' })],
    ['plain http elsewhere', () => ({ authorization_endpoint: 'http://login.example/authorize' })],
    ['a private sign-in page', (inside) => ({ authorization_endpoint: `${inside}/authorize` })],
    ['a private token endpoint', (inside) => ({ token_endpoint: `${inside}/token` })],
    ['no token endpoint', () => ({ token_endpoint: undefined })],
  ])('#196 a provider with %s cannot be used', async (_name, more) => {
    protect();
    issuer.answers[AS] = { json: metadata(issuer.url, more(inner.url)) };
    expect((await found()).broken).toEqual([{ issuer: issuer.url, problem: 'unusable' }]);
  });

  test('#196 an optional endpoint that is not allowed is as if it were not there', async () => {
    protect();
    const more = { registration_endpoint: `${inner.url}/register`, jwks_uri: 'file:///etc/passwd', evil: 'x' };
    issuer.answers[AS] = { json: metadata(issuer.url, more) };
    const { servers } = await found();
    expect(servers[0]?.registration).toBe('static');
    expect(Object.keys(servers[0]?.server ?? {}).sort()).toEqual([
      'authorization_endpoint',
      'code_challenge_methods_supported',
      'issuer',
      'token_endpoint',
    ]);
  });

  test('#193 an address that may not be stored is not looked at', async () => {
    for (const url of ['http://127.0.0.2/mcp', 'https://user@a.example/', 'ftp://a.example', 'https://a.example/#x']) {
      expect(await discoverProvider(deps(), url)).toMatchObject({ ok: false, reason: { kind: 'refused_url' } });
    }
  });
});

test('#211 our document is used where the provider takes it and can fetch it, before a registration', async () => {
  protect();
  issuer.answers[AS] = { json: metadata(issuer.url, { client_id_metadata_document_supported: true }) };
  expect((await found('/mcp', true)).servers[0]?.registration).toBe('metadata_document');
  expect((await found('/mcp', false)).servers[0]?.registration).toBe('dynamic');
});
