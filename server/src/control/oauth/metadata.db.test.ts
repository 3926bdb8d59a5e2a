import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openTestOAuth, type TestOAuth } from '../../testing/oauth-app.ts';
import { ISSUER } from '../../testing/scene.ts';

let database: Database;
let oauth: TestOAuth;
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
});
afterAll(() => database.close());

const ROUTE = `/mcp-connect/user/0198c5a2-0000-7000-8000-000000000001/0198c5a2-0000-7000-8000-000000000002/${'a'.repeat(32)}`;
const FORMS = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'].flatMap((path) => [
  path,
  path + ROUTE,
]);

describe('metadata', () => {
  test('#5 every well-known form is the same document', async () => {
    const bodies = await Promise.all(FORMS.map(async (path) => (await oauth.get(path)).text()));
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] as string)).toMatchObject({ issuer: ISSUER });
  });

  test('#6 it lists what is enforced and nothing else', async () => {
    const body = (await (await oauth.get(FORMS[0] as string)).json()) as Record<string, unknown>;
    expect(body).toMatchObject({
      authorization_endpoint: `${ISSUER}/oauth/authorize`,
      token_endpoint: `${ISSUER}/oauth/token`,
      registration_endpoint: `${ISSUER}/oauth/register`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      grant_types_supported: ['authorization_code', 'refresh_token'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      id_token_signing_alg_values_supported: ['ES256'],
      subject_types_supported: ['public'],
      scopes_supported: ['mcp:access', 'profile', 'offline_access'],
    });
    expect(JSON.stringify(body)).not.toMatch(/implicit|password|"none"\]|HS256/);
  });

  test('#7, #8 it does not depend on the request, and says how long it may be kept', async () => {
    const path = FORMS[0] as string;
    const plain = await (await oauth.get(path)).text();
    const forged = await oauth.app.request(`http://evil.example${path}?x=1`, {
      headers: {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example',
        accept: 'text/html',
      },
    });
    expect(await forged.text()).toBe(plain);
    expect(forged.headers.get('cache-control')).toBe('public, max-age=300');
  });

  test('a suffix that is no connect path is not found', async () => {
    for (const suffix of ['/mcp-connect/user/1/2/3', '/mcp-connect', '/mcp', '/mcp-connectx']) {
      expect((await oauth.get(`/.well-known/oauth-authorization-server${suffix}`)).status).toBe(404);
    }
    expect((await oauth.get('/.well-known/oauth-authorization-server/')).status).toBe(200);
  });

  test('other methods are not allowed', async () => {
    const response = await oauth.post(FORMS[0] as string, {});
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });
});

test('#9 the key set has public members alone', async () => {
  const response = await oauth.get('/oauth/jwks.json');
  const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };
  expect(Object.keys(keys[0] as object).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  expect(response.headers.get('cache-control')).toMatch(/^public/);
});

describe('cross-origin access', () => {
  const preflight = (path: string) =>
    oauth.app.request(path, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, mcp-protocol-version',
      },
    });

  test.each([
    '/oauth/token',
    '/token',
    `/oauth/token${ROUTE.replace('/mcp-connect', '')}`,
    '/oauth/register',
    '/register',
    '/oauth/register/x',
    '/oauth/revoke',
    '/oauth/introspect',
    '/oauth/userinfo',
    '/oauth/jwks.json',
    ...FORMS,
  ])(
    'field note E46: preflight of %s is answered before anything else, for any origin, without credentials',
    async (path) => {
      const response = await preflight(path);
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
      const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase().split(',');
      for (const name of ['authorization', 'mcp-protocol-version', '*']) expect(allowed).toContain(name);
    },
  );

  test('errors are readable too', async () => {
    const response = await oauth.post('/oauth/token', { grant_type: 'x' }, { origin: 'https://app.example' });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-expose-headers')).toMatch(/WWW-Authenticate/);
  });

  test('the page that people see is not opened', async () => {
    expect(
      (await oauth.get('/oauth/authorize', { origin: 'https://app.example' })).headers.get(
        'access-control-allow-origin',
      ),
    ).toBeNull();
  });
});
