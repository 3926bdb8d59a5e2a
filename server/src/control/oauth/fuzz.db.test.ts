import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { AUTHORIZATION_CODE, newSecret, REFRESH_TOKEN } from '../../platform/secret.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openTestOAuth, type TestOAuth } from '../../testing/oauth-app.ts';
import { CALLBACK, ISSUER, makeClient, type SceneClient } from '../../testing/scene.ts';

/** How many inputs for each endpoint: more by FUZZ_RUNS. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
let database: Database;
let oauth: TestOAuth;
let client: SceneClient;
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database, { limits: { replays: 20, registrationsPerMinute: 1e6, signInsPerMinute: 9 } });
  client = await makeClient(database);
});
afterAll(() => database.close());

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '%00',
    '%zz',
    'null',
    'S256',
    'code',
    'none',
    ISSUER,
    `${ISSUER}/mcp-connect/`,
    CALLBACK,
    'mcp:access',
    'a'.repeat(43),
    'x'.repeat(5_000),
  ),
);
const names = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'code_challenge',
  'code_challenge_method',
  'scope',
  'state',
  'resource',
  'prompt',
  'request',
  'grant_type',
  'code',
  'code_verifier',
  'refresh_token',
  'client_secret',
  'token',
  'token_type_hint',
];
const encode = (value: string) => encodeURIComponent(value.toWellFormed());
const fields = fc
  .array(
    fc.tuple(
      fc.constantFrom(...names),
      fc.oneof(
        text.map(encode),
        text.map((raw) => raw.replaceAll('#', '')),
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.map(([name, value]) => `${name}=${value}`).join('&'));
const good = (): Record<string, string> => ({
  client_id: client.clientId,
  redirect_uri: CALLBACK,
  response_type: 'code',
  code_challenge: 'a'.repeat(43),
  code_challenge_method: 'S256',
  code: newSecret(AUTHORIZATION_CODE),
  refresh_token: newSecret(REFRESH_TOKEN),
  token: newSecret(REFRESH_TOKEN),
});
/** A good request but for a few fields, so that what is behind the first check is reached too; or anything at all. */
const almost = fc.dictionary(fc.constantFrom(...names), text.map(encode), { maxKeys: 3 }).map((wrong) => () => {
  const all = { ...Object.fromEntries(Object.entries(good()).map(([name, value]) => [name, encode(value)])), ...wrong };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
});
const anything = fields.map((query) => () => query);
const request = fc.oneof(almost, anything);
const grant = fc.constantFrom('', 'grant_type=authorization_code&', 'grant_type=refresh_token&');

test('no input of the authorization endpoint is a 500', async () => {
  let turn = 0;
  await fc.assert(
    fc.asyncProperty(request, fc.boolean(), async (asked, post) => {
      oauth.from(`10.${(turn >> 8) & 255}.${turn++ & 255}.1`);
      const all = asked();
      const response = post
        ? await oauth.post('/oauth/authorize', all)
        : await oauth.app.request(new Request(`http://localhost/oauth/authorize?${all}`));
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: RUNS },
  );
});

test('no input of the token endpoint and its like is a 500', async () => {
  let turn = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/oauth/token', '/oauth/revoke', '/oauth/introspect'),
      grant,
      request,
      text,
      async (path, kind, asked, secret) => {
        oauth.from(`10.${(turn >> 8) & 255}.${turn++ & 255}.2`);
        const authorization = `Basic ${Buffer.from(`${client.clientId}:${secret}`).toString('base64')}`;
        const headers: Record<string, string> = turn % 3 === 0 ? { authorization } : {};
        const response = await oauth.post(path, kind + asked(), headers);
        expect(response.status).toBeLessThan(500);
        expect(response.headers.get('cache-control')).toBe('no-store');
      },
    ),
    { numRuns: RUNS },
  );
});

test('no input of registration is a 500', async () => {
  const metadata = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record(
        {
          redirect_uris: fc.oneof(fc.constant([CALLBACK]), fc.array(fc.oneof(text, fc.webUrl())), fc.anything()),
          client_name: fc.oneof(text, fc.anything()),
          scope: fc.oneof(text, fc.anything()),
          grant_types: fc.oneof(fc.constant(['authorization_code']), fc.array(text), fc.anything()),
          response_types: fc.oneof(fc.constant(['code']), fc.anything()),
          token_endpoint_auth_method: fc.constantFrom('none', 'client_secret_basic', 'x', null),
          contacts: fc.oneof(fc.array(text), fc.anything()),
          client_uri: fc.oneof(fc.webUrl(), text),
          software_id: fc.oneof(text, fc.anything()),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? String(member) : member))),
  );
  await fc.assert(
    fc.asyncProperty(metadata, async (body) => {
      const response = await oauth.postJson('/oauth/register', body);
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: RUNS },
  );
});
