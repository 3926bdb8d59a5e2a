import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mintConnectTokenFor } from '../../core/authorizations/mint-connect-token.ts';
import { revokeGrants } from '../../core/grants/revoke.ts';
import { createApiKey } from '../../core/people/api-key.ts';
import type { ApiKeyScope } from '../../core/people/api-key-scope.ts';
import type { Database } from '../../platform/database.ts';
import { API_KEY, newSecret } from '../../platform/secret.ts';
import { transact } from '../../platform/transact.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openTestOAuth, register, type TestOAuth } from '../../testing/oauth-app.ts';
import {
  CALLBACK,
  ISSUER,
  makeClient,
  makeConnection,
  makeOrganization,
  makeUser,
  type SceneClient,
  type SceneConnection,
  signIn,
} from '../../testing/scene.ts';

let database: Database;
let oauth: TestOAuth;
let user: { id: string; name: string; email: string };
let connection: SceneConnection;
let client: SceneClient;
let auditor: { row: SceneClient; headers: Record<string, string> };
beforeAll(async () => {
  database = await openTestDatabase();
  oauth = await openTestOAuth(database);
  user = await makeUser(database);
  connection = await makeConnection(database, { userId: user.id });
  client = await makeClient(database);
  const { client_id: id, client_secret: secret } = await register(oauth, { redirect_uris: [CALLBACK] });
  auditor = {
    row: await database.db.oAuthClient.findUniqueOrThrow({ where: { clientId: String(id) } }),
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
  };
});
afterAll(() => database.close());

/** A sign-in, with the access token that its first refresh gives. */
async function tokensOf(by: SceneClient = client, scopes = ['mcp:access'], headers: Record<string, string> = {}) {
  const signedIn = await signIn(database, { user, client: by, connection, scopes });
  const form = {
    grant_type: 'refresh_token',
    refresh_token: String(signedIn.refreshToken),
    ...(headers.authorization ? {} : { client_id: by.clientId }),
  };
  const body = (await (await oauth.post('/oauth/token', form, headers)).json()) as Record<string, string>;
  oauth.ended.length = 0;
  return { ...signedIn, access: String(body.access_token), refresh: String(body.refresh_token) };
}
const familyLives = async (id: string) =>
  (await database.db.tokenFamily.findUniqueOrThrow({ where: { id } })).revokedAt === null;
const grantLives = async (id: string) =>
  (await database.db.oAuthGrant.findUniqueOrThrow({ where: { id } })).status === 'active';
const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe('revocation', () => {
  const revoke = (token: string, changes: Record<string, string> = {}) =>
    oauth.post('/oauth/revoke', { token, client_id: client.clientId, ...changes });

  test('#127 a refresh token ends its family with its streams; the last family takes the grant along', async () => {
    const one = await tokensOf();
    const two = await tokensOf();
    expect(one.grantId).toBe(two.grantId);
    const first = await revoke(one.refresh);
    expect([first.status, first.headers.get('cache-control'), await first.text()]).toEqual([200, 'no-store', '']);
    expect([await familyLives(one.familyId), await familyLives(two.familyId), await grantLives(one.grantId)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(oauth.ended).toEqual([{ grantIds: [], familyIds: [one.familyId] }]);
    await revoke(two.refresh, { token_type_hint: 'access_token' });
    expect([await familyLives(two.familyId), await grantLives(one.grantId)]).toEqual([false, false]);
    expect(oauth.ended[1]).toEqual({ grantIds: [two.grantId], familyIds: [two.familyId] });
    const grant = await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: two.grantId } });
    expect(grant.revocationReason).toBe('client_revoked');
    const refreshed = await oauth.post('/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token: two.refresh,
      client_id: client.clientId,
    });
    expect([refreshed.status, (await jsonOf(refreshed)).error]).toEqual([400, 'invalid_grant']);
  });

  test('an access token ends its family too, and so does a rotated refresh token', async () => {
    const one = await tokensOf();
    await revoke(one.access, { token_type_hint: 'nonsense' });
    const two = await tokensOf();
    await revoke(String(two.refreshToken));
    expect([await familyLives(one.familyId), await familyLives(two.familyId)]).toEqual([false, false]);
  });

  test('#136 twice is as good as once, and nothing is as good as something', async () => {
    const { refresh, grantId } = await tokensOf();
    await revoke(refresh);
    const { revokedAt } = await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } });
    for (const token of [refresh, 'x', 'gwr_x', 'a.b.c', 'x'.repeat(20_000)])
      expect((await revoke(token)).status).toBe(200);
    expect((await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } })).revokedAt).toEqual(revokedAt);
  });

  test("another client's token is unknown", async () => {
    const { refresh, access, familyId } = await tokensOf();
    const other = await makeClient(database);
    for (const token of [refresh, access])
      expect((await revoke(token, { client_id: other.clientId })).status).toBe(200);
    expect(await familyLives(familyId)).toBe(true);
  });

  test('#132 a confidential client must authenticate', async () => {
    const { refresh, familyId } = await tokensOf(auditor.row, ['mcp:access'], auditor.headers);
    const bare = await oauth.post('/oauth/revoke', { token: refresh, client_id: auditor.row.clientId });
    expect([bare.status, (await jsonOf(bare)).error, await familyLives(familyId)]).toEqual([
      401,
      'invalid_client',
      true,
    ]);
    expect((await oauth.post('/oauth/revoke', { token: refresh }, auditor.headers)).status).toBe(200);
    expect(await familyLives(familyId)).toBe(false);
  });

  test('without a token it is invalid_request', async () => {
    const response = await oauth.post('/oauth/revoke', { client_id: client.clientId });
    expect([response.status, (await jsonOf(response)).error]).toEqual([400, 'invalid_request']);
  });
});

describe('introspection', () => {
  const introspect = async (token: string) => jsonOf(await oauth.post('/oauth/introspect', { token }, auditor.headers));

  test('tells a client of its own tokens, as they are now (#139)', async () => {
    const { access, refresh, grantId } = await tokensOf(auditor.row, ['mcp:access', 'profile'], auditor.headers);
    expect(await introspect(access)).toMatchObject({
      active: true,
      token_type: 'Bearer',
      client_id: auditor.row.clientId,
      scope: 'mcp:access profile',
      sub: user.id,
      iss: ISSUER,
    });
    expect(await introspect(refresh)).toMatchObject({ active: true, client_id: auditor.row.clientId, sub: user.id });
    await transact(database, (tx) =>
      revokeGrants(tx, { grantIds: [grantId] }, 'user_revoked', { userId: user.id }, new Date()),
    );
    expect([await introspect(access), await introspect(refresh)]).toEqual([{ active: false }, { active: false }]);
  });

  test("#137, #138 of another client's, rotated, unknown and malformed ones exactly that they are not active", async () => {
    const theirs = await tokensOf();
    const own = await tokensOf(auditor.row, ['mcp:access'], auditor.headers);
    for (const token of [theirs.access, theirs.refresh, String(own.refreshToken), 'x', 'a.b.c', 'gwr_x']) {
      expect(await introspect(token)).toEqual({ active: false });
    }
  });

  test('#138 an expired one', async () => {
    const { access } = await tokensOf(auditor.row, ['mcp:access'], auditor.headers);
    oauth.setClock(() => new Date(Date.now() + 3_600_000));
    expect(await introspect(access)).toEqual({ active: false });
    oauth.setClock(() => new Date());
  });

  test('#137 not without authentication, and not for public clients', async () => {
    const { access } = await tokensOf();
    expect((await oauth.post('/oauth/introspect', { token: access })).status).toBe(401);
    expect((await oauth.post('/oauth/introspect', { token: access, client_id: client.clientId })).status).toBe(401);
    expect(
      (await oauth.post('/oauth/introspect', { token: access }, { authorization: `Bearer ${access}` })).status,
    ).toBe(401);
  });
});

describe('introspection by API key', () => {
  const keyOf = async (who: { id: string }, scopes: ApiKeyScope[], organizationId: string | null = null) => {
    const made = await createApiKey(database, { userId: who.id, organizationId, name: 'RS', scopes }, new Date());
    if (!made.ok) throw new Error(made.reason.kind);
    return { authorization: `Bearer ${made.value.key}` };
  };
  const ask = (token: string, headers: Record<string, string>) => oauth.post('/oauth/introspect', { token }, headers);

  test("#137 #139 it learns of tokens for its owner's connections, of whichever client, as they are now", async () => {
    const headers = await keyOf(user, ['tokens:introspect']);
    const made = await tokensOf();
    for (const token of [made.access, made.refresh]) {
      expect(await jsonOf(await ask(token, headers))).toMatchObject({
        active: true,
        client_id: client.clientId,
        sub: user.id,
      });
    }
    await transact(database, (tx) =>
      revokeGrants(tx, { grantIds: [made.grantId] }, 'user_revoked', { userId: user.id }, new Date()),
    );
    expect(await jsonOf(await ask(made.access, headers))).toEqual({ active: false });
  });

  test('a derived connect token is answered, and its end', async () => {
    const headers = await keyOf(user, ['tokens:introspect']);
    const session = await database.db.session.create({
      data: { userId: user.id, token: 'introspected', expiresAt: new Date(Date.now() + 3_600_000) },
    });
    const minted = await mintConnectTokenFor(
      { database, keyring: oauth.keyring, issuer: ISSUER, now: new Date() },
      { userId: user.id, minter: { kind: 'session', id: session.id } },
      { connectionId: connection.id },
    );
    const { token } = (minted as { value: { token: string } }).value;
    expect(await jsonOf(await ask(token, headers))).toMatchObject({
      active: true,
      sub: user.id,
      token_source: 'derived_connect',
    });
    // A client was never given it, and it has no scope for userinfo.
    expect(await jsonOf(await oauth.post('/oauth/introspect', { token }, auditor.headers))).toEqual({ active: false });
    expect((await oauth.get('/oauth/userinfo', { authorization: `Bearer ${token}` })).status).toBe(403);
    await database.db.session.delete({ where: { id: session.id } });
    expect(await jsonOf(await ask(token, headers))).toEqual({ active: false });
    expect((await oauth.get('/oauth/userinfo', { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  test("#137 of tokens for another's connections it learns nothing; an organization's key of that organization's alone", async () => {
    const stranger = await makeUser(database);
    const organization = await makeOrganization(database, [user, stranger]);
    const shared = await makeConnection(database, { organizationId: organization.id, assignees: [user] });
    const { access } = await tokensOf();
    const other = await signIn(database, { user, client, connection: shared });
    const refresh = String(other.refreshToken);
    const [theirs, mine, ours] = [
      await keyOf(stranger, ['tokens:introspect']),
      await keyOf(user, ['tokens:introspect']),
      await keyOf(stranger, ['tokens:introspect'], organization.id),
    ];
    const active = async (token: string, headers: Record<string, string>) =>
      (await jsonOf(await ask(token, headers))).active;
    expect([await active(access, theirs), await active(access, ours), await active(access, mine)]).toEqual([
      false,
      false,
      true,
    ]);
    expect([await active(refresh, theirs), await active(refresh, mine), await active(refresh, ours)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('#137 #152 without the scope, and by any other bearer, it is refused', async () => {
    const { access } = await tokensOf();
    const without = await ask(access, await keyOf(user, ['tokens:mint']));
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([
      403,
      expect.stringContaining('insufficient_scope'),
    ]);
    for (const bearer of [access, newSecret(API_KEY), 'x', '']) {
      const response = await ask(access, { authorization: `Bearer ${bearer}` });
      expect([response.status, response.headers.get('cache-control')]).toEqual([401, 'no-store']);
    }
  });
});

describe('userinfo', () => {
  const userinfo = (token: string) => oauth.get('/oauth/userinfo', { authorization: `Bearer ${token}` });

  test('tells name and address where the grant has the scope profile', async () => {
    const { access } = await tokensOf(client, ['mcp:access', 'profile']);
    const told = { sub: user.id, name: user.name, email: user.email, email_verified: false };
    expect(await jsonOf(await userinfo(access))).toEqual(told);
    const posted = await oauth.app.request('/oauth/userinfo', {
      method: 'POST',
      headers: { authorization: `bearer ${access}` },
    });
    expect([await jsonOf(posted), posted.headers.get('cache-control')]).toEqual([told, 'no-store']);
  });

  test('without the scope it is 403 insufficient_scope', async () => {
    const response = await userinfo((await tokensOf()).access);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer error="insufficient_scope", scope="profile"',
    ]);
  });

  test('#140 no credential, another kind of credential, a revoked one', async () => {
    const bare = await oauth.get('/oauth/userinfo');
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const { access, refresh, grantId } = await tokensOf(client, ['mcp:access', 'profile']);
    await transact(database, (tx) =>
      revokeGrants(tx, { grantIds: [grantId] }, 'user_revoked', { userId: user.id }, new Date()),
    );
    for (const token of [access, refresh, 'x', `${access}x`]) {
      const response = await userinfo(token);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer error="invalid_token"',
      ]);
    }
  });
});
