/** SECURITY group A: discovery and metadata, as a client finds its way, and as somebody who wants to lead it astray would ask. */
import { rawRequest } from '../actors/raw-request.ts';
import { expect, test } from '../fixtures/protocol.ts';

const ask = (url: string, headers: Record<string, string> = {}) => rawRequest(url, { headers });
const path = (url: string) => new URL(url).pathname;
const resourceMetadata = (gatewayUrl: string, connectUrl: string) =>
  `${gatewayUrl}/.well-known/oauth-protected-resource${path(connectUrl)}`;
/** The same address with another last part: well formed, and nobody's. */
const another = (connectUrl: string) => `${connectUrl.slice(0, connectUrl.lastIndexOf('/') + 1)}${'A'.repeat(32)}`;

const serverMetadataForms = (base: string, connectUrl: string) =>
  ['oauth-authorization-server', 'openid-configuration'].flatMap((name) => [
    `${base}/.well-known/${name}`,
    `${base}/.well-known/${name}${path(connectUrl)}`,
  ]);

test('#2, #10, field note E39 the resource metadata is the called URL’s own, and asks for one scope', async ({
  person,
  gateway,
  connection,
  everything,
}) => {
  const other = await person.createConnection({ name: 'Another', remoteUrl: everything.url });
  for (const { url } of [connection, other]) {
    const answer = await ask(resourceMetadata(gateway.url, url));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      resource: url,
      authorization_servers: [gateway.url],
      scopes_supported: ['mcp:access'],
    });
    expect(answer.body).not.toContain(everything.url);
    expect(answer.body).not.toContain('offline_access');
  }
  const challenge = (await fetch(connection.url, { method: 'POST' })).headers.get('www-authenticate') ?? '';
  expect(challenge).toBe(
    `Bearer resource_metadata="${resourceMetadata(gateway.url, connection.url)}", scope="mcp:access"`,
  );
});

test('#3, #4 what never existed, what is gone and the root are one 404', async ({ person, gateway, everything }) => {
  const gone = await person.createConnection({ name: 'Gone', remoteUrl: everything.url });
  await person.ask('mutation ($input: ConnectionDeleteInput!) { connectionDelete(input: $input) { __typename } }', {
    input: { connectionId: gone.id },
  });
  const root = `${gateway.url}/.well-known/oauth-protected-resource`;
  const addresses = [resourceMetadata(gateway.url, gone.url), resourceMetadata(gateway.url, another(gone.url)), root];
  const answers = await Promise.all(addresses.map((url) => ask(url)));
  for (const { status, body, headers } of answers) {
    expect([status, body, headers['cache-control']]).toEqual([404, answers[0]?.body, 'no-store']);
  }
  // The random part alone has more than 122 bits.
  expect(gone.url.split('/').at(-1)).toMatch(/^[A-Za-z0-9_-]{32}$/);
});

test('#5, #6, field notes E39, E42 every form of the server metadata is one document, with one issuer', async ({
  gateway,
  connection,
}) => {
  const answers = await Promise.all(serverMetadataForms(gateway.url, connection.url).map((url) => ask(url)));
  expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
  const metadata = JSON.parse(answers[0]?.body ?? '');
  expect(metadata).toMatchObject({
    issuer: gateway.url,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
    grant_types_supported: ['authorization_code', 'refresh_token'],
    response_types_supported: ['code'],
    request_uri_parameter_supported: false,
  });
  expect(metadata.token_endpoint_auth_methods_supported).toContain('none');
  expect(metadata.scopes_supported).toContain('offline_access'); // field note E43
  expect(metadata).not.toHaveProperty('pushed_authorization_request_endpoint'); // #82
  expect(answers[0]?.body).not.toMatch(/password|implicit|"none","HS|HS256/);
  // Everything that it names is there.
  for (const [name, url] of Object.entries(metadata)) {
    if (!/_(endpoint|uri)$/.test(name)) continue;
    expect(String(url).startsWith(`${gateway.url}/`), name).toBe(true);
    expect((await ask(String(url))).status, name).not.toBe(404);
  }
});

test('#7, #8 no header and no query changes a metadata document, and caches are told', async ({
  gateway,
  connection,
}) => {
  const addresses = [
    `${gateway.url}/.well-known/oauth-authorization-server`,
    resourceMetadata(gateway.url, connection.url),
  ];
  const forged: Record<string, string>[] = [
    { host: 'evil.example' },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
    { forwarded: 'host=evil.example;proto=http' },
    { accept: 'text/html' },
  ];
  for (const url of addresses) {
    const plain = await ask(url);
    expect(plain.headers['cache-control']).toMatch(/^public, max-age=\d+$/);
    for (const headers of forged) {
      const answer = await ask(url, headers);
      // A Host that is not ours may be refused, never echoed.
      if (answer.status === 200) expect(answer.body).toBe(plain.body);
      else expect([answer.status, headers.host]).toEqual([421, 'evil.example']);
      expect(answer.body).not.toContain('evil');
    }
    const query = await ask(`${url}?x=evil`);
    if (query.status === 200) expect(query.body).toBe(plain.body);
  }
});

test('#9 the key set holds public parts alone', async ({ gateway }) => {
  const { keys } = JSON.parse((await ask(`${gateway.url}/oauth/jwks.json`)).body);
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(key).toMatchObject({ kid: expect.any(String), alg: 'ES256', use: 'sig' });
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(member);
  }
});

test('field note E46 a page of another origin may ask everything that a client asks, and read the refusals', async ({
  gateway,
  connection,
}) => {
  const origin = 'http://localhost:6274'; // where the Inspector's page lives
  for (const url of [
    `${gateway.url}/.well-known/oauth-authorization-server`,
    resourceMetadata(gateway.url, connection.url),
    `${gateway.url}/oauth/register`,
    `${gateway.url}/oauth/token`,
    `${gateway.url}/oauth/revoke`,
    connection.url,
  ]) {
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,mcp-protocol-version,mcp-method,mcp-name',
      },
    });
    expect([preflight.status, url]).toEqual([204, url]);
    expect(preflight.headers.get('access-control-allow-origin'), url).toMatch(/^(\*|http:\/\/localhost:6274)$/);
    expect(preflight.headers.get('access-control-allow-credentials'), url).toBeNull();
  }
  const refused = await fetch(connection.url, { method: 'POST', headers: { origin } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('www-authenticate');
  expect(refused.headers.get('access-control-allow-origin')).toBeTruthy();
});
