/** SECURITY group B, second half: clients that are known by a metadata document at an https address of their own. */
import { createServer, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { bareClient, encode, postForm, visit } from '../actors/bare-client.ts';
import { type DocumentHost, nativeDocument } from '../actors/document-host.ts';
import { approve, openConsent } from '../fixtures/consent.ts';
import { portOf } from '../fixtures/port.ts';
import { expect, expectPage, isTaken, refusalOf, test } from '../fixtures/protocol.ts';

const REDIRECT = 'http://127.0.0.1:8976/callback';
const documented = (gatewayUrl: string, clientId: string) => bareClient(gatewayUrl, { client_id: clientId }, REDIRECT);

test('#26, #32 only one spelling of an https address with a path is a client, and for others nothing is fetched', async ({
  gateway,
  documents,
}) => {
  const good = documents.publish(nativeDocument('Spelt'));
  const { host } = new URL(documents.url);
  const path = new URL(good).pathname;
  const listener = createServer((_request, response) => response.end());
  let connections = 0;
  listener.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const port = portOf(listener);
  const wrong = [
    good.replace('https:', 'http:'),
    `https://${host}`,
    `https://${host}/`,
    `${good}#f`,
    `https://user@${host}${path}`,
    `https://${host}/./${path}`,
    `https://${host}/x/..${path}`,
    `https://${host}/x/%2e%2e${path}`,
    `${good} `,
    `${good}\t`,
    good.replace('/clients', '\\clients'),
    good.replace('https', 'HTTPS'),
    good.replace('localhost', 'LOCALHOST'),
    good.replace('localhost', 'localhost.'),
    'https:///x',
    `https://${host}/${'x'.repeat(4_000)}`,
    `https://0177.0.0.1:${port}/x`,
    `https://2130706433:${port}/x`,
    `https://0x7f.1:${port}/x`,
    `https://127.1:${port}/x`,
    `https://[::ffff:127.0.0.1]:${port}/x`,
    `https://①②⑦.⓪.⓪.①:${port}/x`,
  ];
  for (const clientId of wrong) {
    await expectPage(await visit(documented(gateway.url, clientId).ask().url));
    // The token endpoint does not fetch for anybody.
    const fields = { grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId };
    expect((await refusalOf(await postForm(`${gateway.url}/oauth/token`, fields)))[0], clientId).toBeGreaterThanOrEqual(
      400,
    );
  }
  expect([documents.fetched(good), connections]).toEqual([0, 0]);
  await new Promise((resolve) => listener.close(resolve));
});

const json = (response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

/** Documents that must not make a client, by what is wrong with them. `own` is the address that each is published at. */
const wrongDocuments = (
  documents: DocumentHost,
): [string, (own: string) => object | ((response: ServerResponse) => void)][] => {
  const good = (own: string) => JSON.stringify({ client_id: own, ...nativeDocument('Wrong') });
  const elsewhere = documents.publish(nativeDocument('Elsewhere'));
  return [
    ['#27 another client’s id', () => ({ client_id: elsewhere })],
    ['#27 its own id with a slash behind', (own) => ({ client_id: `${own}/` })],
    ['#27 its own id in another case', (own) => ({ client_id: own.replace('clients', 'Clients') })],
    ['#28 301', () => (response) => json(response, 301, '', { location: elsewhere })],
    ['#28 302', () => (response) => json(response, 302, '', { location: elsewhere })],
    ['#28 307', () => (response) => json(response, 307, '', { location: elsewhere })],
    ['#28 204', () => (response) => json(response, 204, '')],
    ['#28 206', (own) => (response) => json(response, 206, good(own))],
    ['#28 304', () => (response) => json(response, 304, '')],
    ['#28 401', (own) => (response) => json(response, 401, good(own))],
    ['#28 404', (own) => (response) => json(response, 404, good(own))],
    ['#28 500', (own) => (response) => json(response, 500, good(own))],
    ['#28 HTML', (own) => (response) => json(response, 200, good(own), { 'content-type': 'text/html' })],
    ['#28 something behind it', (own) => (response) => json(response, 200, `${good(own)}x`)],
    ['#29 60 kB', (own) => (response) => json(response, 200, `${good(own)}${' '.repeat(60_000)}`)],
    [
      '#29 a thousand redirect URIs',
      () => ({ redirect_uris: Array.from({ length: 1_000 }, (_, index) => `${REDIRECT}/${index}`) }),
    ],
    ['#30 a secret', () => ({ client_secret: 'x' })],
    ['#30 client_secret_basic', () => ({ token_endpoint_auth_method: 'client_secret_basic' })],
    ['#30 keys twice', () => ({ jwks: { keys: [] }, jwks_uri: 'https://localhost/keys' })],
    ['#30 a private key', () => ({ jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] } })],
    ['#14 a javascript: redirect', () => ({ redirect_uris: ['javascript:alert(1)'] })],
  ];
};

test('#27, #28, #29, #30 a document that is not right makes no client, and is asked for again next time', async ({
  gateway,
  documents,
}) => {
  for (const [what, of] of wrongDocuments(documents)) {
    const clientId = documents.publish({});
    const document = of(clientId);
    if (typeof document === 'function')
      documents.change(clientId, (_request: unknown, response: ServerResponse) => document(response));
    else documents.change(clientId, { ...nativeDocument('Wrong'), ...document });
    const before = documents.fetched(clientId);
    const { url } = documented(gateway.url, clientId).ask();
    for (let times = 1; times <= 2; times += 1) {
      await test.step(what, async () => expectPage(await visit(url), new URL(documents.url).host));
      expect(documents.fetched(clientId) - before, what).toBe(times);
    }
  }
});

test('#29 a host that drips or says nothing is given up after seconds, and a stream without end is cut', async ({
  gateway,
  documents,
}) => {
  const silent = documents.publish(() => {});
  const dripping = documents.publish((_request: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 500);
    response.once('close', () => clearInterval(drip));
  });
  let sent = 0;
  const endless = documents.publish((_request: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      sent += 65_536;
      if (!response.destroyed && sent < 50_000_000) response.write(' '.repeat(65_536), more);
    };
    more();
  });
  const answers = [silent, dripping, endless].map(async (clientId) =>
    expectPage(await visit(documented(gateway.url, clientId).ask().url), 'cannot be'),
  );
  await Promise.all(answers); // the time limit of the test stands behind the deadline
  expect(sent).toBeLessThan(50_000_000);
});

test('#38 no registration ever has an id that could be a document’s', async ({ client }) => {
  expect(client.id).toMatch(/^client_[A-Za-z0-9_-]+$/);
});

test('#39 a client of loopback alone that calls itself somebody is shown with its host and a warning', async ({
  page,
  gateway,
  connection,
  documents,
}) => {
  const clientId = documents.publish(nativeDocument('Google Drive'));
  const asked = documented(gateway.url, clientId).ask({ resource: connection.url });
  await openConsent(page, asked.url);
  const main = page.getByRole('main');
  await expect(main).toContainText(new URL(clientId).host);
  await expect(main).toContainText(REDIRECT);
  // Stronger than what is said of an unverified client, whose name nobody takes for somebody's.
  await expect(main.getByRole('alert')).toContainText(
    `This goes to a program on this computer, and any program could use the identity of ${new URL(clientId).host}.`,
  );
});

test('#40, field note D36 an assertion names issuer or token endpoint exactly, is used once, and is signed with a key of the client', async ({
  context,
  gateway,
  connection,
  documents,
  person,
}) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' };
  const clientId = documents.publish({
    ...nativeDocument('With a key'),
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'], // advertised, not used: negotiated
    jwks: { keys: [jwk] },
  });
  const client = documented(gateway.url, clientId);
  const asked = client.ask({ resource: connection.url });
  const answer = await approve(context.request, person, asked.url);
  const endpoint = `${gateway.url}/oauth/token`;
  const assertion = (
    changes: { aud?: string; exp?: number; jti?: string | undefined } = {},
    key: typeof privateKey | Uint8Array = privateKey,
    alg = 'ES256',
  ) => {
    const { aud = endpoint, exp = Math.floor(Date.now() / 1000) + 60, jti = crypto.randomUUID() } = changes;
    return new SignJWT({ ...('jti' in changes && changes.jti === undefined ? {} : { jti }) })
      .setProtectedHeader({ alg, kid: 'one' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(aud)
      .setIssuedAt()
      .setExpirationTime(exp)
      .sign(key);
  };
  const form = (clientAssertion?: string) =>
    client.codeForm(asked, answer, {
      ...(clientAssertion === undefined
        ? {}
        : {
            client_assertion: clientAssertion,
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          }),
    });

  const { privateKey: stranger } = await generateKeyPair('ES256');
  const refused = [
    await assertion({ aud: endpoint.replace('/token', '//token') }),
    await assertion({ aud: 'https://elsewhere.example' }),
    await assertion({ exp: Math.floor(Date.now() / 1000) - 120 }),
    await assertion({ jti: undefined }),
    await assertion({}, stranger),
    await assertion({}, new TextEncoder().encode(JSON.stringify(jwk)), 'HS256'),
  ];
  for (const one of refused)
    expect(await refusalOf(await postForm(endpoint, form(one)))).toEqual([401, 'invalid_client']);
  expect(await refusalOf(await postForm(endpoint, form()))).toEqual([401, 'invalid_client']);

  const once = await assertion();
  const redeemed = await postForm(endpoint, form(once)); // none of the refusals has consumed the code
  expect(redeemed.status).toBe(200);
  const { refresh_token: refreshToken } = (await redeemed.json()) as { refresh_token: string };
  const refresh = async (clientAssertion: string) =>
    postForm(endpoint, {
      ...client.refreshForm(refreshToken),
      client_assertion: clientAssertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
  expect(await refusalOf(await refresh(once))).toEqual([401, 'invalid_client']);
  expect((await refresh(await assertion({ aud: gateway.url }))).status).toBe(200);
});

test('#41, field note B20 two installations of one document are two sign-ins, and end one at a time', async ({
  gateway,
  connection,
  documents,
  signIn,
}) => {
  const clientId = documents.publish(nativeDocument('On two machines'));
  const first = await signIn(documented(gateway.url, clientId));
  const other = bareClient(gateway.url, { client_id: clientId }, 'http://127.0.0.1:5555/callback');
  const second = await signIn(other);
  expect(await isTaken(connection.url, first.tokens.access_token)).toBe(true);
  const ended = await postForm(`${gateway.url}/oauth/revoke`, {
    client_id: clientId,
    token: first.tokens.refresh_token ?? '',
  });
  expect(ended.status).toBe(200);
  expect(await isTaken(connection.url, first.tokens.access_token)).toBe(false);
  expect(await isTaken(connection.url, second.tokens.access_token)).toBe(true);
  expect(documents.fetched(clientId)).toBe(1); // fresh, and the same for both
});

test('field notes C23, C24 a document without ports: the code goes to the port that was asked for, and is bound to it', async ({
  context,
  gateway,
  connection,
  documents,
  person,
}) => {
  const clientId = documents.publish(nativeDocument('Claude Code’s way'));
  const client = bareClient(gateway.url, { client_id: clientId }, 'http://localhost:49152/callback');
  const asked = client.ask({ resource: connection.url });
  const answer = await approve(context.request, person, asked.url);
  expect(answer.origin).toBe('http://localhost:49152');
  const endpoint = `${gateway.url}/oauth/token`;
  const elsewhere = client.codeForm(asked, answer, { redirect_uri: 'http://localhost/callback' });
  expect(await refusalOf(await postForm(endpoint, elsewhere))).toEqual([400, 'invalid_grant']);
  expect((await postForm(endpoint, client.codeForm(asked, answer))).status).toBe(200);
  expect(encode(client.codeForm(asked, answer))).toContain('49152');
});
