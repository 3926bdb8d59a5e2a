/** SECURITY group G: access tokens that somebody made, or altered, against the gateway that holds the key. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompactEncrypt,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose';
import { callMcp } from '../actors/bare-client.ts';
import { rawRequest } from '../actors/raw-request.ts';
import type { Gateway } from '../fixtures/gateway.ts';
import { expect, isTaken, test } from '../fixtures/protocol.ts';

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

/** The key that the gateway signs with, as its operator holds it. */
function signingKeyOf(gateway: Gateway): JWK {
  const { keys } = JSON.parse(readFileSync(join(gateway.data, 'keys.json'), 'utf8')) as { keys: JWK[] };
  const key = keys.find(({ kty }) => kty !== 'oct');
  if (!key) throw new Error('The keyring has no signing key.');
  return key;
}

/** The same token with these claims and headers instead, signed with the real key or another; undefined leaves one out. */
async function resigned(token: string, key: JWK, claims: object = {}, header: object = {}): Promise<string> {
  const payload = { ...decodeJwt(token), ...claims };
  const protectedHeader = { ...decodeProtectedHeader(token), ...header } as { alg: string };
  return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(await importJWK(key, key.alg ?? 'ES256'));
}

async function expectRefused(url: string, tokens: Record<string, string>): Promise<void> {
  for (const [what, token] of Object.entries(tokens)) {
    const response = await callMcp(url, token);
    expect(response.status, what).toBe(401);
    expect(response.headers.get('www-authenticate'), what).toMatch(/^Bearer error="invalid_token", resource_metadata=/);
  }
}

test('#142, #143, #147 no algorithm, another algorithm, another form', async ({
  gateway,
  connection,
  client,
  signIn,
}) => {
  const { access_token: token } = (await signIn(client)).tokens;
  const [header = '', payload = '', signature = ''] = token.split('.');
  const key = signingKeyOf(gateway);
  const { d: _private, ...open } = key;
  const refused: Record<string, string> = {
    'no signature': `${header}.${payload}.`,
    'no third part': `${header}.${payload}`,
  };
  for (const alg of ['none', 'None', 'nOnE', '']) {
    const start = `${encode({ ...decodeProtectedHeader(token), alg })}.${payload}`;
    refused[`${alg}, empty`] = `${start}.`;
    refused[`${alg}, signed`] = `${start}.${signature}`;
  }
  const publicKey = await importJWK(open, 'ES256');
  const texts = [JSON.stringify(open), String(open.x), JSON.stringify(await exportJWK(publicKey as CryptoKey))];
  for (const [index, secret] of texts.entries()) {
    for (const bits of ['256', '384', '512']) {
      const start = `${encode({ ...decodeProtectedHeader(token), alg: `HS${bits}` })}.${payload}`;
      const mac = createHmac(`sha${bits}`, secret).update(start).digest('base64url');
      refused[`HS${bits} with text ${index}`] = `${start}.${mac}`;
    }
  }
  refused.crit = `${encode({ ...decodeProtectedHeader(token), crit: ['x'], x: 1 })}.${payload}.${signature}`;
  refused.b64 = await resigned(token, key, {}, { b64: true, crit: ['b64'] });
  refused.encrypted = await new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(new Uint8Array(32));
  refused.five = `${token}.x.y`;
  refused.long = token + 'x'.repeat(9_000);
  await expectRefused(connection.url, refused);
  expect(await isTaken(connection.url, await resigned(token, key))).toBe(true); // else none of this shows anything
});

test('#145, #146 a token brings no key of its own, and no kid leads anywhere', async ({
  gateway,
  connection,
  client,
  signIn,
  documents,
}) => {
  const { access_token: token } = (await signIn(client)).tokens;
  const pair = await generateKeyPair('ES256', { extractable: true });
  const own = { ...(await exportJWK(pair.privateKey)), alg: 'ES256' };
  const { d: _private, ...open } = own;
  const jku = documents.publish({ keys: [open] });
  const headers: Record<string, object> = {
    jwk: { jwk: open },
    jku: { jku },
    x5u: { x5u: jku },
    x5c: { x5c: ['MIIB'] },
    'own key, our kid': {},
    path: { kid: '../../dev/null' },
    sql: { kid: "x' OR '1'='1" },
    long: { kid: 'k'.repeat(5_000) },
    empty: { kid: '' },
    missing: { kid: undefined },
  };
  const refused: Record<string, string> = {};
  for (const [what, header] of Object.entries(headers)) refused[what] = await resigned(token, own, {}, header);
  await expectRefused(connection.url, refused);
  expect(documents.fetched(jku)).toBe(0);
  expect(await isTaken(connection.url, await resigned(token, signingKeyOf(gateway)))).toBe(true);
});

test('#148, #149, #150, #151 another type, issuer, audience or time', async ({
  gateway,
  person,
  connection,
  client,
  everything,
  signIn,
}) => {
  const { access_token: token } = (await signIn(client)).tokens;
  const key = signingKeyOf(gateway);
  const other = await person.createConnection({ name: 'Other', remoteUrl: everything.url });
  const claims: Record<string, object> = {
    'issuer with a slash': { iss: `${gateway.url}/` },
    'another issuer': { iss: 'https://evil.example' },
    'no issuer': { iss: undefined },
    'another audience': { aud: other.url },
    'the origin': { aud: gateway.url },
    'a prefix': { aud: connection.url.slice(0, -1) },
    'a longer path': { aud: `${connection.url}/x` },
    'several audiences': { aud: [connection.url, other.url] },
    'no audience': { aud: undefined },
    'long over': { exp: now() - 60 },
    'no end': { exp: undefined },
    'an end as text': { exp: String(now() + 60) },
    'a negative end': { exp: -1 },
    'not yet': { nbf: now() + 120 },
    'from the future': { iat: now() + 120 },
  };
  const refused: Record<string, string> = {};
  for (const [what, changes] of Object.entries(claims)) refused[what] = await resigned(token, key, changes);
  for (const typ of ['JWT', 'id_token', 'logout+jwt', 'client-authentication+jwt', '', undefined]) {
    refused[`type ${typ}`] = await resigned(token, key, {}, { typ });
  }
  await expectRefused(connection.url, refused);
  await expectRefused(other.url, { 'a token of another connection': token });
  expect(await isTaken(connection.url, await resigned(token, key, {}, { typ: 'application/at+jwt' }))).toBe(true);
});

test('#152, #153 every claim is compared with the rows: altered, missing or another’s is refused', async ({
  gateway,
  person,
  connection,
  client,
  signIn,
  everything,
}) => {
  const { access_token: token } = (await signIn(client)).tokens;
  const other = await person.createConnection({ name: 'Other', remoteUrl: everything.url });
  const elsewhere = decodeJwt((await signIn(client, { resource: other.url })).tokens.access_token);
  const key = signingKeyOf(gateway);
  const names = ['oauth_grant_id', 'family_id', 'connection_id', 'connect_resource_id', 'instance_id'];
  const bindings = [...names, 'sub', 'client_id', 'execution_context', 'connection_version', 'token_source', 'jti'];
  const refused: Record<string, string> = {};
  for (const name of names) refused[`${name} of another`] = await resigned(token, key, { [name]: elsewhere[name] });
  for (const name of bindings) {
    refused[`no ${name}`] = await resigned(token, key, { [name]: undefined });
    refused[`${name} as a list`] = await resigned(token, key, { [name]: [decodeJwt(token)[name]] });
  }
  for (const source of ['derived_connect', 'session', 'api_key', 'internal', 'provider']) {
    refused[`source ${source}`] = await resigned(token, key, { token_source: source });
  }
  refused['another user'] = await resigned(token, key, { sub: crypto.randomUUID() });
  refused['another client'] = await resigned(token, key, { client_id: 'client_other' });
  refused['another version'] = await resigned(token, key, { connection_version: 2 });
  refused['another context'] = await resigned(token, key, { execution_context: crypto.randomUUID() });
  await expectRefused(connection.url, refused);
  expect(await isTaken(connection.url, await resigned(token, key))).toBe(true);
});

test('#154, #155 a member twice, and anything but the token itself', async ({
  gateway,
  connection,
  client,
  signIn,
}) => {
  const { access_token: token } = (await signIn(client)).tokens;
  const [header = '', payload = '', signature = ''] = token.split('.');
  const key = signingKeyOf(gateway);
  const claims = decodeJwt(token);
  // Twice: the last one counts in verification and in use alike, so an altered one is refused and the same one is taken.
  const twice = async (name: string, value: unknown) => {
    const text = JSON.stringify(claims).replace(/}$/, `,"${name}":${JSON.stringify(value)}}`);
    const start = `${header}.${encode(text)}`;
    const signing = (await importJWK(key, 'ES256')) as CryptoKey;
    const bytes = await crypto.subtle.sign(
      { name: 'ECDSA', hash: 'SHA-256' },
      signing,
      new TextEncoder().encode(start),
    );
    return `${start}.${Buffer.from(bytes).toString('base64url')}`;
  };
  await expectRefused(connection.url, {
    'audience twice': await twice('aud', gateway.url),
    'user twice, escaped': await twice('s\\u0075b', crypto.randomUUID()),
    'a prefix': token.slice(0, -1),
    'another case': token.toLowerCase(),
    'signature of another': `${header}.${payload}.${signature.split('').reverse().join('')}`,
  });
  const raw = (authorization: string) =>
    rawRequest(connection.url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}',
    });
  for (const authorization of [
    `Bearer ${token} ${token}`,
    `Bearer ${token},${token}`,
    `Bearer "${token}"`,
    'Bearer',
    `Bearer\t${token}x`,
  ]) {
    expect((await raw(authorization)).status, authorization.slice(0, 10)).toBe(401);
  }
  expect((await raw(`bearer ${token}`)).status).not.toBe(401);
});
