import { describe, expect, test } from 'vitest';
import { shrinkageOf } from './change.ts';
import { readMetadata } from './metadata.ts';

const OWN = 'https://gateway.example.com';
const read = (metadata: Record<string, unknown>) =>
  readMetadata({ redirect_uris: ['http://localhost/cb'], ...metadata }, OWN);
const accepted = (metadata: Record<string, unknown>) => {
  const result = read(metadata);
  if (!result.ok) throw new Error(result.reason.description);
  return result.value;
};

describe('metadata', () => {
  test('defaults: code, and refresh tokens', () => {
    expect(accepted({})).toMatchObject({
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      scopes: [],
      tokenEndpointAuthMethod: undefined,
      name: null,
    });
  });

  test('field note C26: https, loopback and private-use redirect URIs in one registration', () => {
    const uris = [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://www.cursor.com/agents/cb',
      'http://localhost:8787/cb',
    ];
    expect(accepted({ redirect_uris: uris }).redirectUris).toEqual(uris);
  });

  test('one bad redirect URI refuses all, and is named', () => {
    const result = read({ redirect_uris: ['https://ok.example/cb', 'javascript:x'] });
    expect(result).toMatchObject({
      ok: false,
      reason: { error: 'invalid_redirect_uri', description: expect.stringContaining('javascript:x') },
    });
  });

  test.each([
    [[]],
    [undefined],
    ['https://a.example'],
    [[7]],
    [[null]],
    [Array.from({ length: 51 }, (_, i) => `https://a.example/${i}`)],
  ])('#15 redirect_uris %j is invalid_redirect_uri', (uris) => {
    expect(readMetadata({ redirect_uris: uris }, OWN)).toMatchObject({
      ok: false,
      reason: { error: 'invalid_redirect_uri' },
    });
  });

  test.each([null, [], 'x', 7, true])('#13 %j is invalid_client_metadata', (input) => {
    expect(readMetadata(input, OWN)).toMatchObject({ ok: false, reason: { error: 'invalid_client_metadata' } });
  });

  test.each([
    { token_endpoint_auth_method: 'private_key_jwt' },
    { token_endpoint_auth_method: 7 },
    { grant_types: ['implicit'] },
    { grant_types: ['client_credentials', 'password'] },
    { grant_types: ['refresh_token'] },
    { grant_types: 'authorization_code' },
    { response_types: ['token'] },
    { client_name: {} },
    { scope: 'a"b' },
    { scope: ['a'] },
  ])('#17 %j is invalid_client_metadata', (metadata) => {
    expect(read(metadata)).toMatchObject({ ok: false, reason: { error: 'invalid_client_metadata' } });
  });

  test('field note D36: more grant and response types than we have are negotiated', () => {
    const { grantTypes, responseTypes } = accepted({
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'authorization_code'],
      response_types: ['code', 'code id_token'],
    });
    expect([grantTypes, responseTypes]).toEqual([['authorization_code'], ['code']]);
  });

  test('#17 what is not a member of client metadata reaches nothing', () => {
    const value = accepted(
      JSON.parse('{"id":"x","ownerId":"x","trusted":true,"createdAt":1,"__proto__":{"kind":"manual"},"kind":"manual"}'),
    );
    expect(Object.keys(value).sort()).toEqual(Object.keys(accepted({})).sort());
    expect((value as Record<string, unknown>).kind).toBeUndefined();
  });

  test('#18 a name is one line of limited length, without anything that turns it around', () => {
    expect(accepted({ client_name: 'Goo\u202egle\n\u0000<b>\ud800' }).name).toBe('Goo gle <b>\ufffd');
    expect(accepted({ client_name: 'x'.repeat(10_000) }).name).toHaveLength(120);
    expect(accepted({ client_name: '  ' }).name).toBeNull();
  });

  test('null members are absent, and broken decoration is dropped', () => {
    const value = accepted({
      client_uri: null,
      scope: null,
      logo_uri: '',
      tos_uri: 'javascript:x',
      contacts: 'me',
      application_type: 'spaceship',
    });
    expect(value).toMatchObject({ clientUri: null, metadata: {}, applicationType: null });
  });

  test('#21 application_type changes nothing of what is accepted', () => {
    for (const application_type of ['web', 'native']) {
      expect(
        accepted({ application_type, redirect_uris: ['http://localhost/cb', 'https://a.example/cb', 'app.x:/cb'] })
          .applicationType,
      ).toBe(application_type);
    }
  });

  test('of scopes the known ones are kept', () => {
    expect(accepted({ scope: 'openid offline_access admin mcp:access' }).scopes).toEqual([
      'mcp:access',
      'offline_access',
    ]);
  });
});

describe('what a change takes away', () => {
  const base = {
    redirectUris: ['https://a/cb', 'https://a/other'],
    scopes: [],
    grantTypes: ['authorization_code', 'refresh_token'],
    responseTypes: ['code'],
  };
  const nothing = { everything: false, redirectUris: [], scopes: [] };
  test('nothing where it only adds', () => {
    expect(shrinkageOf(base, { ...base, redirectUris: [...base.redirectUris, 'https://b/cb'] })).toEqual(nothing);
    expect(shrinkageOf({ ...base, scopes: ['mcp:access'] }, base)).toEqual(nothing);
  });
  test('a redirect URI byte for byte: /cb → /cb/ removes /cb', () => {
    expect(shrinkageOf(base, { ...base, redirectUris: ['https://a/cb/', 'https://a/other'] })).toEqual({
      ...nothing,
      redirectUris: ['https://a/cb'],
    });
  });
  test('the scopes beside those that are named first', () => {
    expect(shrinkageOf(base, { ...base, scopes: ['mcp:access', 'offline_access'] })).toEqual({
      ...nothing,
      scopes: ['profile'],
    });
  });
  test('everything where refresh tokens come or go', () => {
    const without = { ...base, grantTypes: ['authorization_code'] };
    expect([shrinkageOf(base, without).everything, shrinkageOf(without, base).everything]).toEqual([true, true]);
  });
});
