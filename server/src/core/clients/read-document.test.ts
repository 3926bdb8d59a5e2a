import { expect, test } from 'vitest';
import { freshnessOf, readDocument } from './read-document.ts';

const ID = 'https://app.example/client.json';
const GOOD = { client_id: ID, client_name: 'App', redirect_uris: ['http://localhost/callback'] };
const read = (document: unknown) =>
  readDocument(typeof document === 'string' ? document : JSON.stringify(document), ID, 'https://gateway.example');

test('a plain document is read, public unless it says otherwise', () => {
  expect(read(GOOD)).toMatchObject({
    ok: true,
    value: { authMethod: 'none', metadata: { name: 'App', redirectUris: ['http://localhost/callback'] } },
  });
});

test('#27 the client_id must be the address, character by character', () => {
  for (const client_id of [
    `${ID}/`,
    'https://APP.example/client.json',
    'https://app.example:443/client.json',
    'https://app.example/client%2ejson',
    undefined,
  ]) {
    expect(read({ ...GOOD, client_id })).toMatchObject({ ok: false });
  }
});

test('#28 what is not one JSON object is refused', () => {
  for (const text of ['', '<html>', '[]', 'null', '"x"', `${JSON.stringify(GOOD)}garbage`])
    expect(read(text)).toMatchObject({ ok: false });
});

test('#30 secrets, shared-secret methods and private keys are refused', () => {
  const refused = [
    { client_secret: 'x' },
    { token_endpoint_auth_method: 'client_secret_post' },
    { token_endpoint_auth_method: 'client_secret_basic' },
    { token_endpoint_auth_method: 'client_secret_jwt' },
    { token_endpoint_auth_method: 'private_key_jwt' },
    { jwks: { keys: [{ kty: 'EC', d: 'x' }] } },
    { jwks: { keys: [] }, jwks_uri: 'https://app.example/jwks' },
    { jwks_uri: 'http://app.example/jwks' },
  ];
  for (const members of refused)
    expect(read({ ...GOOD, ...members }), JSON.stringify(members)).toMatchObject({ ok: false });
});

test('field note D36: several methods are negotiated, and extra grant types do no harm', () => {
  expect(
    read({
      ...GOOD,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      jwks_uri: 'https://app.example/jwks',
    }),
  ).toMatchObject({ ok: true, value: { authMethod: 'none' } });
  expect(
    read({ ...GOOD, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' }),
  ).toMatchObject({ ok: true, value: { authMethod: 'private_key_jwt' } });
  expect(
    read({
      ...GOOD,
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    }),
  ).toMatchObject({ ok: true, value: { metadata: { grantTypes: ['authorization_code', 'refresh_token'] } } });
});

test('#29 a thousand redirect URIs are refused', () => {
  expect(
    read({ ...GOOD, redirect_uris: Array.from({ length: 1000 }, (_, index) => `https://app.example/${index}`) }),
  ).toMatchObject({ ok: false });
});

test('freshness follows HTTP within bounds', () => {
  expect(
    [null, 'no-store', 'max-age=0', 'public, max-age=600', 'max-age=99999999', 'max-age="300"'].map(freshnessOf),
  ).toEqual([3600, 60, 60, 600, 86400, 300]);
});
