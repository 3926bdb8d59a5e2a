import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import type { GuardedFetch } from '../../platform/http/guarded-fetch.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { makeConnection, makeUser, type SceneClient, signIn } from '../../testing/scene.ts';
import { verifyAssertion } from './assertion.ts';
import type { DocumentTrust } from './client-host.ts';
import { openClientKeys } from './client-keys.ts';
import { openDocumentClients } from './metadata-document.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

// The network is an argument: this one counts, and answers what the test says.
let fetches = 0;
let answer: () => Response | Promise<Response>;
const fetch: GuardedFetch = async () => {
  fetches++;
  return answer();
};
let now = new Date();
let number = 0;
let id = '';
beforeEach(() => {
  fetches = 0;
  now = new Date();
  id = `https://app${++number}.example/client.json`;
});

const OPEN: DocumentTrust = { mode: 'allow', allowedHosts: [], deniedHosts: [] };
const clients = (trust = OPEN) =>
  openDocumentClients({ database, fetch, own: 'https://gateway.example', trust, clock: () => now });
const document = (members: object = {}, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({ client_id: id, client_name: 'App', redirect_uris: ['http://localhost/callback'], ...members }),
    {
      headers: { 'content-type': 'application/json', ...headers },
    },
  );
const later = (seconds: number): void => {
  now = new Date(now.getTime() + seconds * 1000);
};

describe('a client known by its document', () => {
  test('is fetched once while fresh, and coalesced when many ask', async () => {
    answer = () => document({}, { 'cache-control': 'max-age=600' });
    const known = clients();
    const answers = await Promise.all(Array.from({ length: 5 }, () => known.resolve(id)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(fetches).toBe(1);
    expect(answers[0]).toMatchObject({
      value: { client: { clientId: id, kind: 'metadata_document', tokenEndpointAuthMethod: 'none' } },
    });
    later(599);
    await known.resolve(id);
    expect(fetches).toBe(1);
    later(2);
    await known.resolve(id);
    expect(fetches).toBe(2);
    expect(await database.db.oAuthClient.count({ where: { clientId: id } })).toBe(1);
  });

  test('#26 an address that no document may have is refused without a fetch', async () => {
    answer = () => document();
    for (const wrong of [
      'https://app.example',
      'https://app.example/a#b',
      'https://127.1/x',
      'HTTPS://app.example/a',
    ]) {
      expect(await clients().resolve(wrong)).toEqual({ ok: false, reason: { kind: 'not_a_document_url' } });
    }
    expect(fetches).toBe(0);
  });

  test('#28 anything but 200 with JSON is a failure, and failures are not kept', async () => {
    const host = new URL(id).host;
    for (const status of [204, 206, 301, 302, 307, 308, 401, 404]) {
      answer = () => new Response(null, { status, headers: status < 400 ? { location: 'https://evil.example/' } : {} });
      expect(await clients().resolve(id)).toMatchObject({ ok: false, reason: { kind: 'invalid', host } });
    }
    answer = () => new Response('<html>', { headers: { 'content-type': 'text/html' } });
    expect(await clients().resolve(id)).toMatchObject({ ok: false, reason: { kind: 'invalid' } });
    answer = () => Promise.reject(new Error('refused address'));
    expect(await clients().resolve(id)).toEqual({ ok: false, reason: { kind: 'unreachable', host } });
    expect(await database.db.oAuthClient.count({ where: { clientId: id } })).toBe(0);
    answer = () => document();
    expect(await clients().resolve(id)).toMatchObject({ ok: true });
  });

  test('field note D36: an outage of theirs leaves the last good document in force, for a day', async () => {
    answer = () => document();
    await clients().resolve(id);
    answer = () => new Response(null, { status: 503 });
    later(3_700);
    expect(await clients().resolve(id)).toMatchObject({ ok: true });
    later(2 * 86_400);
    expect(await clients().resolve(id)).toMatchObject({ ok: false, reason: { kind: 'unreachable' } });
  });

  test('#38 does not take over a client that was registered under the same id', async () => {
    await database.db.oAuthClient.create({
      data: {
        clientId: id,
        kind: 'manual',
        redirectUris: ['https://mine.example/cb'],
        grantTypes: [],
        responseTypes: [],
        scopes: [],
        tokenEndpointAuthMethod: 'none',
      },
    });
    answer = () => document();
    expect(await clients().resolve(id)).toMatchObject({ ok: true, value: { client: { kind: 'manual' } } });
    expect(fetches).toBe(0);
  });

  test('a document that shrinks ends the grants that hung on what is gone; one that grows ends none', async () => {
    answer = () => document({ redirect_uris: ['http://localhost/callback', 'http://localhost/other'] });
    const resolved = await clients().resolve(id);
    if (!resolved.ok) throw new Error();
    const user = await makeUser(database);
    const connection = await makeConnection(database, { userId: user.id });
    const how = { user, connection, client: resolved.value.client as SceneClient };
    const kept = await signIn(database, { ...how, redirectUri: 'http://localhost/callback' });
    const gone = await signIn(database, { ...how, redirectUri: 'http://localhost/other' });
    answer = () => document({ client_name: 'Renamed' });
    later(3_700);
    expect(await clients().resolve(id)).toMatchObject({
      ok: true,
      value: { revoked: [gone.grantId], client: { name: 'Renamed' } },
    });
    answer = () => document({ redirect_uris: ['http://localhost/callback', 'http://localhost/new'] });
    later(3_700);
    expect(await clients().resolve(id)).toMatchObject({ ok: true, value: { revoked: [] } });
    const { status } = await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: kept.grantId } });
    expect(status).toBe('active');
  });

  test('keys that the document no longer has are no longer the client’s', async () => {
    answer = () => document({ jwks: { keys: [{ kid: 'old' }] } });
    await clients().resolve(id);
    answer = () => document({ jwks_uri: 'https://app.example/jwks' });
    later(3_700);
    const moved = await clients().resolve(id);
    expect(moved).toMatchObject({ ok: true, value: { client: { jwks: null, jwksUri: 'https://app.example/jwks' } } });
  });

  test('what PostgreSQL cannot store is refused as a document, and is no fault of ours', async () => {
    answer = () => document({ jwks: { keys: [{ kty: 'EC', x: '\u0000' }] } });
    expect(await clients().resolve(id)).toMatchObject({ ok: false, reason: { kind: 'invalid' } });
    answer = () => document({ jwks: { keys: [{ kty: 'EC', x: '\ud800' }] } });
    expect(await clients().resolve(id)).toMatchObject({ ok: false, reason: { kind: 'invalid' } });
  });

  test('a denied host is denied on every port', async () => {
    answer = () => document();
    const denied = await clients({ ...OPEN, deniedHosts: ['evil.example'] }).resolve(
      'https://evil.example:8443/c.json',
    );
    expect(denied).toMatchObject({ ok: false, reason: { kind: 'host_denied' } });
    expect(fetches).toBe(0);
  });

  test('hosts are let in by list or by mode', async () => {
    answer = () => document();
    const host = new URL(id).hostname;
    const denied = { ok: false, reason: { kind: 'host_denied', host } };
    expect(await clients({ mode: 'deny', allowedHosts: [], deniedHosts: [] }).resolve(id)).toEqual(denied);
    expect(await clients({ ...OPEN, deniedHosts: ['example'] }).resolve(id)).toEqual(denied);
    expect(fetches).toBe(0);
    expect(await clients({ mode: 'deny', allowedHosts: [host], deniedHosts: [] }).resolve(id)).toMatchObject({
      ok: true,
    });
  });
});

describe('#40 private_key_jwt', () => {
  const ISSUER = 'https://gateway.example';
  const AUDIENCES = [ISSUER, `${ISSUER}/oauth/token`];

  async function scene() {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] };
    answer = () => document({ token_endpoint_auth_method: 'private_key_jwt', jwks });
    const resolved = await clients().resolve(id);
    if (!resolved.ok) throw new Error(resolved.reason.kind);
    const seconds = Math.floor(now.getTime() / 1000);
    const sign = (claims: object = {}, header: object = {}) =>
      new SignJWT({ iss: id, sub: id, aud: ISSUER, exp: seconds + 60, jti: `${Math.random()}`, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k', ...header })
        .sign(privateKey);
    const keys = openClientKeys({ fetch, clock: () => now });
    const verify = (assertion: string) =>
      verifyAssertion({ database, keys, now }, resolved.value.client, assertion, AUDIENCES);
    return { sign, verify, seconds };
  }

  test('is taken for the issuer or the token endpoint, once', async () => {
    const { sign, verify } = await scene();
    expect(await verify(await sign())).toBe(true);
    const assertion = await sign({ aud: `${ISSUER}/oauth/token` });
    expect(await verify(assertion)).toBe(true);
    expect(await verify(assertion)).toBe(false);
    const another = await sign();
    const both = await Promise.all([verify(another), verify(another)]);
    expect(both.filter(Boolean)).toHaveLength(1);
  });

  test('is refused for anything else', async () => {
    const { sign, verify, seconds } = await scene();
    const wrong = [
      { aud: `${ISSUER}//token` },
      { aud: `${ISSUER}/` },
      { aud: [ISSUER, 'https://evil.example'] },
      { aud: undefined },
      { exp: seconds - 60 },
      { exp: undefined },
      { exp: seconds + 86_400 },
      { jti: undefined },
      { jti: '' },
      { iss: 'https://evil.example/c' },
      { sub: 'someone' },
    ];
    for (const claims of wrong) expect(await verify(await sign(claims)), JSON.stringify(claims)).toBe(false);
    const { privateKey } = await generateKeyPair('ES256');
    const forged = await new SignJWT({ iss: id, sub: id, aud: ISSUER, exp: seconds + 60, jti: 'x' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .sign(privateKey);
    expect(await verify(forged)).toBe(false);
    for (const text of ['', 'a.b.c', 'x'.repeat(10_000)]) expect(await verify(text)).toBe(false);
  });
});
