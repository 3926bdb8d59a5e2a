/** What a client gets for its credential: the first half of the table of DESIGN §6, line by line. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revokeFamilies, revokeGrants } from '../core/grants/revoke.ts';
import type { Database } from '../platform/database.ts';
import { transact } from '../platform/transact.ts';
import {
  type Caller,
  call,
  makeCaller,
  newKeyring,
  openScene,
  type Running,
  type Scene,
  sendRaw,
  startGateway,
  type Upstream,
} from '../testing/gateway.ts';
import { makeConnection, makeOrganization, makeUser } from '../testing/scene.ts';

let scene: Scene;
let database: Database;
let running: Running;
let upstream: Upstream;
let caller: Caller;

beforeAll(async () => {
  scene = await openScene();
  ({ database, running, upstream } = scene);
});
afterAll(() => scene.close());
beforeEach(async () => {
  upstream.got.length = 0;
  caller = await makeCaller(database, running, upstream.url);
});

const metadataUrl = () => `${running.config.url}/.well-known/oauth-protected-resource${caller.path}`;
const bare = () => `Bearer resource_metadata="${metadataUrl()}", scope="mcp:access"`;
const invalid = () => `Bearer error="invalid_token", resource_metadata="${metadataUrl()}", scope="mcp:access"`;
const revoke = () =>
  transact(database, (tx) =>
    revokeGrants(tx, { grantIds: [caller.grantId] }, 'user_revoked', { userId: caller.user.id }, new Date()),
  );
const untouched = () => expect(upstream.got).toEqual([]);

describe('credentials', () => {
  it('#192 an address that floods without a valid token gets 429 with Retry-After; others, and whoever has one there, are served', async () => {
    const limits = { GRANTWAY_TRUST_PROXY: '127.0.0.1', GRANTWAY_REFUSALS_PER_MINUTE: '60' };
    const behindProxy = await startGateway(database, limits);
    const at = await makeCaller(database, behindProxy, upstream.url);
    const from = (address: string, authorization: string) =>
      call(behindProxy, at, { headers: { authorization, 'x-forwarded-for': address } });
    const flood = await Promise.all(
      Array.from({ length: 100 }, (_, n) => from('203.0.113.1', n % 2 === 0 ? '' : 'Bearer x')),
    );
    const limited = flood.filter(({ status }) => status === 429);
    expect([flood[0]?.status, limited.length > 0]).toEqual([401, true]);
    expect(limited.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
    expect((await from('203.0.113.2', 'Bearer x')).status).toBe(401);
    expect((await from('203.0.113.1', `Bearer ${at.token}`)).status).toBe(200);
    await behindProxy.close();
  });

  it('a living grant reaches the upstream', async () => {
    const answer = await call(running, caller);
    expect(answer.status).toBe(200);
    expect(upstream.got[0]).toMatchObject({
      method: 'POST',
      url: '/mcp',
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    });
  });

  it('#158 no credential, and one of another scheme, get the bare challenge', async () => {
    for (const authorization of ['', 'Basic YTpi']) {
      const answer = await call(running, caller, { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe(bare());
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(Object.keys(JSON.parse(answer.body))).toEqual(['error', 'error_description']);
    }
    untouched();
  });

  it('#158 an empty bearer, one twice, one of two words are invalid; the scheme is case-insensitive', async () => {
    for (const authorization of ['Bearer', 'Bearer ', 'Bearer a b', `Bearer ${caller.token}, Bearer x`]) {
      const answer = await call(running, caller, { headers: { authorization } });
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, invalid()]);
    }
    const twice = await sendRaw(
      running,
      `GET ${caller.path} HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nAuthorization: Bearer ${caller.token}\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n`,
    );
    expect(twice).toMatch(/^HTTP\/1\.1 401 /);
    expect((await call(running, caller, { headers: { authorization: `bEaReR ${caller.token}` } })).status).toBe(200);
    expect(upstream.got).toHaveLength(1);
  });

  it('#159 every reason for a dead token has the same answer', async () => {
    const other = await makeCaller(database, running, upstream.url);
    const foreign = await startGateway(database);
    const tokens = {
      garbage: 'x.y.z',
      expired: await caller.mint({}, 60, new Date(Date.now() - 3_600_000)),
      otherKey: await makeCaller(database, foreign, upstream.url).then(({ token }) => token),
      otherAudience: await caller.mint({ audience: other.url }),
      trailingSlash: await caller.mint({ audience: `${caller.url}/` }),
      otherGrant: await caller.mint({ grantId: other.grantId }),
      otherFamily: await caller.mint({ familyId: other.familyId }),
      otherUser: await caller.mint({ userId: other.user.id }),
      otherClient: await caller.mint({ clientId: other.client.clientId }),
      otherVersion: await caller.mint({ connectionVersion: 2 }),
      otherContext: await caller.mint({ executionContext: `organization:${randomUUID()}` }),
      moreScopes: await caller.mint({ scopes: ['mcp:access', 'profile'] }),
      unknownGrant: await caller.mint({ grantId: randomUUID() }),
    };
    const bodies = new Set<string>();
    for (const [reason, token] of Object.entries(tokens)) {
      const answer = await call(running, caller, { headers: { authorization: `Bearer ${token}` } });
      expect([reason, answer.status, answer.headers['www-authenticate']]).toEqual([reason, 401, invalid()]);
      bodies.add(answer.body);
    }
    expect(bodies.size).toBe(1);
    untouched();
    await foreign.close();
  });

  it('a token of another signing key is refused, and one of any key of the ring is taken', async () => {
    const keyring = await newKeyring();
    const rotated = { ...running.keyring, signing: [...keyring.signing, ...running.keyring.signing] };
    const next = await startGateway(database, { GRANTWAY_URL: running.config.url }, rotated);
    // Another process behind the same name: the Host is the shared one.
    const answer = await call(next, caller, { headers: { host: `127.0.0.1:${running.port}` } });
    expect(answer.status).toBe(200);
    await next.close();
  });

  it('#162 field note B15: the very next request after a revoke is 401, on a connection that is kept alive', async () => {
    expect((await call(running, caller)).status).toBe(200);
    await revoke();
    const answer = await call(running, caller);
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, invalid()]);
    expect(upstream.got).toHaveLength(1);
  });

  it('a revoked family, a grant past its expiry and an instance that needs sign-in are 401', async () => {
    const { db } = database;
    await db.oAuthGrant.update({ where: { id: caller.grantId }, data: { expiresAt: new Date(Date.now() - 1) } });
    expect((await call(running, caller)).status).toBe(401);
    await db.oAuthGrant.update({ where: { id: caller.grantId }, data: { expiresAt: null } });
    await db.connectionInstance.update({ where: { id: caller.grant.instanceId }, data: { status: 'needs_reauth' } });
    expect((await call(running, caller)).status).toBe(401);
    await db.connectionInstance.update({ where: { id: caller.grant.instanceId }, data: { status: 'active' } });
    expect((await call(running, caller)).status).toBe(200);
    const families = { grantId: caller.grantId, familyIds: [caller.familyId] };
    await transact(database, (tx) => revokeFamilies(tx, families, 'refresh_reused', { userId: null }, new Date()));
    expect((await call(running, caller)).status).toBe(401);
  });

  it('#160 field note E44: a token without the scope is 403 insufficient_scope; one that is dead as well is 401', async () => {
    await database.db.oAuthGrant.update({ where: { id: caller.grantId }, data: { scopes: ['mcp:access', 'profile'] } });
    const answer = await call(running, caller, {
      headers: { authorization: `Bearer ${await caller.mint({ scopes: ['profile'] })}` },
    });
    expect(answer.status).toBe(403);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer error="insufficient_scope", resource_metadata="${metadataUrl()}", scope="mcp:access"`,
    );
    // 401 beats 403: a client that is told of scopes asks for more of them, and would for ever.
    for (const dead of [
      await caller.mint({ scopes: ['profile'], familyId: randomUUID() }),
      await caller.mint({ scopes: ['profile'] }, -60),
    ]) {
      expect((await call(running, caller, { headers: { authorization: `Bearer ${dead}` } })).status).toBe(401);
    }
    // And the step up works: the scope that was named is had by asking for it.
    const stepped = await caller.mint({ scopes: ['mcp:access', 'profile'] });
    untouched();
    expect((await call(running, caller, { headers: { authorization: `Bearer ${stepped}` } })).status).toBe(200);
  });

  it('#162 a blocked user, a former member and one without an assignment are 403 while the grant stands', async () => {
    const refused = async (): Promise<void> => {
      const answer = await call(running, caller);
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([403, undefined]);
    };
    await database.db.user.update({ where: { id: caller.user.id }, data: { blockedAt: new Date() } });
    await refused();

    const user = await makeUser(database);
    const organization = await makeOrganization(database, [user]);
    const connection = await makeConnection(database, { organizationId: organization.id, assignees: [user] });
    caller = await makeCaller(database, running, upstream.url, { user, connection });
    expect((await call(running, caller)).status).toBe(200);
    await database.db.assignment.updateMany({
      where: { connectionId: connection.id },
      data: { removedAt: new Date() },
    });
    await refused();
    await database.db.assignment.updateMany({ where: { connectionId: connection.id }, data: { removedAt: null } });
    await database.db.membership.updateMany({ where: { userId: user.id }, data: { removedAt: new Date() } });
    await refused();
    expect(upstream.got).toHaveLength(1);
  });

  it('#163 field note B22: when the grant cannot be read the answer is 503 with Retry-After, never 401', async () => {
    const refuse = async () => Promise.reject(new Error('the database is away'));
    const broken = { ...database, query: refuse, rows: refuse };
    const away = await startGateway(broken, { GRANTWAY_URL: running.config.url }, running.keyring);
    const headers = { host: `127.0.0.1:${running.port}` };
    for (const extra of [{}, { authorization: '' }, { authorization: 'Bearer x' }]) {
      const answer = await call(away, caller, { headers: { ...headers, ...extra } });
      expect([answer.status, Number(answer.headers['retry-after']) > 0]).toEqual([503, true]);
      expect(answer.headers['www-authenticate']).toBeUndefined();
    }
    expect(
      (await call(away, caller, { method: 'GET', target: `/.well-known/oauth-protected-resource${caller.path}` }))
        .status,
    ).toBe(503);
    untouched();
    await away.close();
  });
});
