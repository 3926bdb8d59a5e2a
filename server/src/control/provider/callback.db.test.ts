/** Signing in at a provider: consent leads there, and back with a code, or with nothing and a reason. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { callbackUrl } from '../../core/connections/callback-url.ts';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { violations } from '../../testing/invariants.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { codeOf, liveGrantOf, makeTraveller, openTravel, type Travel } from '../../testing/provider-scene.ts';
import { CALLBACK, ISSUER, redeem } from '../../testing/scene.ts';

let database: Database;
let provider: TestProvider;
let travel: Travel;
beforeAll(async () => {
  database = await openTestDatabase();
  provider = await openProviderServer();
  travel = await openTravel(database);
});
afterEach(() => {
  provider.instead = () => undefined;
  provider.decline = null;
  provider.expiresIn = 3600;
});
afterAll(async () => {
  expect(await violations(database)).toEqual([]);
  await provider.close();
  await database.close();
});

const grantsOf = (who: { user: { id: string } }) =>
  database.db.oAuthGrant.findMany({ where: { userId: who.user.id }, orderBy: { createdAt: 'asc' } });
const eventsOf = async (who: { user: { id: string } }) =>
  (await database.db.auditEvent.findMany({ where: { ownerUserId: who.user.id }, orderBy: { id: 'asc' } })).map(
    ({ kind }) => kind,
  );
const nothingOf = async (who: Parameters<typeof liveGrantOf>[1]) => {
  expect(await liveGrantOf(database, who)).toBeNull();
  expect((await grantsOf(who)).map(({ status }) => status).filter((status) => status === 'active')).toEqual([]);
  expect(await database.db.authorizationCode.count({ where: { grant: { userId: who.user.id } } })).toBe(0);
};

describe('a client waits', () => {
  test('consent leads to the provider and back: the sign-in is kept, the grant begins, the code works', async () => {
    const who = await makeTraveller(database, provider);
    const { to, handle, verifier } = await travel.setOut(who);
    const asked = new URL(to).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      redirect_uri: callbackUrl(ISSUER, provider.url),
      scope: 'mcp',
      code_challenge_method: 'S256',
      resource: provider.mcpUrl,
    });
    const waiting = await database.db.authorizationRequest.findUniqueOrThrow({ where: { handle } });
    expect(waiting.status).toBe('awaiting_provider');
    // The request waits longer than the sign-in may take.
    expect(waiting.expiresAt.getTime() - Date.now()).toBeGreaterThan(30 * 60_000);
    expect((await grantsOf(who)).map(({ status }) => status)).toEqual(['pending']);

    const answer = await travel.comeBack(who, await travel.visit(to));
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get('location') ?? '');
    expect([location.origin + location.pathname, location.searchParams.get('iss')]).toEqual([CALLBACK, ISSUER]);
    const kept = await liveGrantOf(database, who);
    expect(kept).toMatchObject({ scopes: ['mcp'], version: 1 });
    expect(kept?.instance).toMatchObject({ status: 'active', upstreamAccount: 'ada@provider.example' });
    expect(kept?.sealed).not.toContain('canary');
    expect(await redeem(database, who, codeOf(location.href) ?? '', verifier)).toMatchObject({ ok: true });
    expect(await eventsOf(who)).toEqual(
      expect.arrayContaining(['provider.signed_in', 'grant.activated', 'authorization.approved', 'family.started']),
    );
    // The exchange repeated the callback and the resource, and proved the challenge.
    expect(Object.fromEntries(provider.tokenCalls.at(-1) ?? [])).toMatchObject({
      redirect_uri: callbackUrl(ISSUER, provider.url),
      resource: provider.mcpUrl,
    });
  });

  test('#72 a second client needs no second sign-in, and consent is still asked', async () => {
    const who = await makeTraveller(database, provider);
    await travel.signInThere(who);
    const { to } = await travel.setOut(who);
    expect(to.startsWith(CALLBACK)).toBe(true);
  });

  test('a pending grant disturbs no active one, and takes its place or hands over when it begins', async () => {
    const who = await makeTraveller(database, provider);
    await travel.signInThere(who);
    const [first] = await grantsOf(who);
    await database.db.connectionInstance.updateMany({
      where: { userId: who.user.id },
      data: { status: 'needs_reauth' },
    });
    const { to } = await travel.setOut(who);
    expect((await grantsOf(who)).map(({ status }) => status)).toEqual(['active', 'pending']);
    await travel.comeBack(who, await travel.visit(to));
    expect((await grantsOf(who)).map(({ id, status }) => [id, status])).toEqual([[first?.id, 'active']]);
  });

  test('back from the provider by the back button: approving again sets out again, for the same grant', async () => {
    const who = await makeTraveller(database, provider);
    const { to, handle } = await travel.setOut(who);
    const abandoned = await travel.visit(to);
    const again = await travel.approveAgain(who, handle);
    expect(await grantsOf(who)).toHaveLength(1);
    expect((await travel.comeBack(who, abandoned)).status).toBe(400);
    const answer = await travel.comeBack(who, await travel.visit(again));
    expect(codeOf(answer.headers.get('location') ?? '')).not.toBeNull();
    expect(await database.db.authorizationCode.count({ where: { grant: { userId: who.user.id } } })).toBe(1);
  });

  test('#74 nothing is kept of a sign-in before the person approved, nor when the provider cannot be found', async () => {
    const who = await makeTraveller(database, provider);
    provider.instead = (path) => (path === '/mcp' ? { status: 500 } : undefined);
    await expect(travel.setOut(who)).rejects.toThrow('provider_unavailable');
    expect(await database.db.pendingProviderAuthorization.count({ where: { userId: who.user.id } })).toBe(0);
    expect(await grantsOf(who)).toEqual([]);
    provider.instead = () => undefined;
    expect((await travel.signInThere(who)).code).not.toBeNull();
  });

  test.each(['http://169.254.169.254/authorize', 'javascript:alert(1)', 'http://provider.example/authorize'])(
    '#196 no browser is sent to %s',
    async (endpoint) => {
      const who = await makeTraveller(database, provider);
      provider.metadata = { authorization_endpoint: endpoint };
      await expect(travel.setOut(who)).rejects.toThrow();
      provider.metadata = {};
    },
  );
});

describe('a person came from the connection’s page', () => {
  test('they land there again, and no grant was made', async () => {
    const who = await makeTraveller(database, provider);
    const answer = await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)), { cookie: '' });
    expect(answer.headers.get('location')).toMatch(/^http:\/\/localhost:4000\/connections\/.+\?provider=connected$/);
    expect(await liveGrantOf(database, who)).not.toBeNull();
    expect(await grantsOf(who)).toEqual([]);
  });

  test('#217 whoever says no at the provider lands there too', async () => {
    const who = await makeTraveller(database, provider);
    provider.decline = 'access_denied';
    const answer = await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
    expect(answer.headers.get('location')).toMatch(/\?provider=denied$/);
    await nothingOf(who);
  });
});

describe('#212 #213 the state is checked before anything changes', () => {
  test('#73 field note C30: another browser, another person, a signed-out one: 403, no exchange, and the right one may still come', async () => {
    const who = await makeTraveller(database, provider);
    const eve = await makeTraveller(database, provider);
    const { to } = await travel.setOut(who);
    const back = await travel.visit(to);
    const calls = provider.tokenCalls.length;
    for (const other of [eve, null]) expect((await travel.comeBack(other, back)).status).toBe(403);
    const elsewhere = { ...who, sessionId: eve.sessionId };
    for (const cookie of ['', 'grantway_browser=another', `grantway_browser=${who.sessionId}`]) {
      expect((await travel.comeBack(elsewhere, back, { cookie })).status).toBe(403);
    }
    expect(provider.tokenCalls.length).toBe(calls);
    expect((await travel.comeBack(who, back)).status).toBe(303);
  });

  test('the same session whose browser got another cookie meanwhile, and a new session in the same browser', async () => {
    const who = await makeTraveller(database, provider);
    const first = await travel.visit((await travel.setOut(who)).to);
    expect((await travel.comeBack(who, first, { cookie: 'grantway_browser=another' })).status).toBe(303);
    const again = await makeTraveller(database, provider);
    const second = await travel.visit((await travel.setOut(again)).to);
    expect((await travel.comeBack({ ...again, sessionId: who.sessionId }, second)).status).toBe(303);
  });

  test('a prefetch changes nothing', async () => {
    const who = await makeTraveller(database, provider);
    const back = await travel.visit((await travel.setOut(who)).to);
    expect((await travel.comeBack(who, back, { 'sec-purpose': 'prefetch' })).status).toBe(204);
    expect((await travel.comeBack(who, back)).status).toBe(303);
  });

  test('field note C31: no state, a wrong one, two, an expired one: a page, and no token call', async () => {
    const who = await makeTraveller(database, provider);
    const back = new URL(await travel.visit((await travel.setOut(who)).to));
    const state = back.searchParams.get('state') ?? '';
    const calls = provider.tokenCalls.length;
    for (const query of ['', 'state=x', `state=${state.slice(0, -1)}A`, `state=${state}&state=${state}`, `code=1`]) {
      const answer = await travel.comeBack(who, `${ISSUER}/oauth/provider/callback?${query}`);
      expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
    await database.db.pendingProviderAuthorization.updateMany({
      where: { userId: who.user.id },
      data: { expiresAt: new Date(Date.now() - 1_000) },
    });
    expect((await travel.comeBack(who, back.href)).status).toBe(400);
    expect(provider.tokenCalls.length).toBe(calls);
    await nothingOf(who);
  });

  test('#218 field note C31: the same address again shows that it is over', async () => {
    const who = await makeTraveller(database, provider);
    const back = await travel.visit((await travel.setOut(who)).to);
    await travel.comeBack(who, back);
    const calls = provider.tokenCalls.length;
    const again = await travel.comeBack(who, back);
    expect([again.status, await again.text()]).toEqual([400, expect.stringContaining('This sign-in is over')]);
    expect(provider.tokenCalls.length).toBe(calls);
  });

  test.each([
    ['another issuer', (back: URL) => back.searchParams.set('iss', 'https://evil.example')],
    ['the issuer with a slash', (back: URL) => back.searchParams.set('iss', `${provider.url}/`)],
    ['no issuer, though it is promised', (back: URL) => back.searchParams.delete('iss')],
    [
      'another issuer on an error',
      (back: URL) => {
        back.searchParams.delete('code');
        back.searchParams.set('error', 'access_denied');
        back.searchParams.set('error_description', 'canary-text');
        back.searchParams.set('iss', 'https://evil.example');
      },
    ],
  ])('#215 #216 %s: no token call, and the client hears of a fault', async (_name, change) => {
    const who = await makeTraveller(database, provider);
    const back = new URL(await travel.visit((await travel.setOut(who)).to));
    change(back);
    const calls = provider.tokenCalls.length;
    const answer = await travel.comeBack(who, back.href);
    const location = new URL(answer.headers.get('location') ?? '');
    expect(location.searchParams.get('error')).toBe('server_error');
    expect(location.href).not.toContain('canary-text');
    expect(provider.tokenCalls.length).toBe(calls);
    await nothingOf(who);
  });
});

describe('#217 #221 a provider that says no, or nothing that can be used', () => {
  test.each([
    ['access_denied', 'access_denied'],
    ['temporarily_unavailable', 'temporarily_unavailable'],
    ['invalid_scope', 'server_error'],
    ['<script>alert(1)</script>', 'server_error'],
  ])('the error %s reaches the client as %s, once', async (said, told) => {
    const who = await makeTraveller(database, provider);
    provider.decline = said;
    const { to, handle } = await travel.setOut(who);
    const back = await travel.visit(to);
    const location = new URL((await travel.comeBack(who, back)).headers.get('location') ?? '');
    expect([location.searchParams.get('error'), location.searchParams.get('iss')]).toEqual([told, ISSUER]);
    expect([location.searchParams.get('state'), location.href.includes('script%3E')]).toEqual(['state', false]);
    await nothingOf(who);
    expect(await grantsOf(who)).toEqual([]);
    const request = await database.db.authorizationRequest.findUniqueOrThrow({ where: { handle } });
    expect(request.status).toBe('denied');
    expect(await eventsOf(who)).toContain('provider.sign_in_failed');
    expect((await travel.comeBack(who, back)).status).toBe(400);
  });

  const token = { access_token: 'canary-given', token_type: 'Bearer' };
  test.each<[string, { status: number; body?: unknown; headers?: Record<string, string> }, string]>([
    ['an error in a 200', { status: 200, body: { error: 'bad_verification_code' } }, 'server_error'],
    ['HTML', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }, 'server_error'],
    ['no token', { status: 200, body: { token_type: 'Bearer' } }, 'server_error'],
    ['another kind of token', { status: 200, body: { ...token, token_type: 'mac' } }, 'server_error'],
    ['a DPoP token', { status: 200, body: { ...token, token_type: 'DPoP' } }, 'server_error'],
    ['a token with a line break', { status: 200, body: { ...token, access_token: 'a\r\nx: y' } }, 'server_error'],
    ['five megabytes', { status: 200, body: { ...token, pad: 'x'.repeat(5_000_000) } }, 'temporarily_unavailable'],
    ['a redirect', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }, 'server_error'],
    ['invalid_client', { status: 401, body: { error: 'invalid_client' } }, 'server_error'],
    ['429', { status: 429, body: {} }, 'temporarily_unavailable'],
    ['503', { status: 503, body: 'down' }, 'temporarily_unavailable'],
  ])('%s from the token endpoint: nothing is kept, and the client hears of it', async (_name, reply, told) => {
    const who = await makeTraveller(database, provider);
    provider.instead = (path) => (path === '/token' ? reply : undefined);
    const { location } = await travel.signInThere(who);
    expect(new URL(location).searchParams.get('error')).toBe(told);
    await nothingOf(who);
    expect(await grantsOf(who)).toEqual([]);
  });

  test.each<[string, unknown, number | null]>([
    ['missing', undefined, null],
    ['negative', -5, null],
    ['no number', 'soon', null],
    ['a text', '120', 120],
    ['absurd', 1e99, 366 * 86_400],
  ])('a lifetime that is %s is taken for what it can mean', async (_name, expires_in, seconds) => {
    const who = await makeTraveller(database, provider);
    provider.instead = (path, _form, ordinary) =>
      path === '/token' ? { ...ordinary, body: { ...(ordinary.body as object), expires_in } } : undefined;
    await travel.signInThere(who);
    const expiresAt = (await liveGrantOf(database, who))?.expiresAt ?? null;
    if (seconds === null) expect(expiresAt).toBeNull();
    else expect(Math.round(((expiresAt?.getTime() ?? 0) - Date.now()) / 1000 / 10)).toBe(Math.round(seconds / 10));
  });

  test('a form-encoded answer is read too', async () => {
    const who = await makeTraveller(database, provider);
    provider.instead = (path, _form, ordinary) =>
      path === '/token'
        ? {
            status: 200,
            headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
            body: new URLSearchParams(ordinary.body as Record<string, string>).toString(),
          }
        : undefined;
    expect((await travel.signInThere(who)).code).not.toBeNull();
  });

  test('#223 what is stored is what was granted', async () => {
    const who = await makeTraveller(database, provider);
    provider.instead = (path, _form, ordinary) =>
      path === '/token' ? { ...ordinary, body: { ...(ordinary.body as object), scope: 'read,write' } } : undefined;
    await travel.signInThere(who);
    expect((await liveGrantOf(database, who))?.scopes).toEqual(['read', 'write']);
  });

  test('#287 a provider that does not even describe itself: the address can be loaded again', async () => {
    const who = await makeTraveller(database, provider);
    const other = await openProviderServer();
    await database.db.connection.update({ where: { id: who.connection.id }, data: { remoteUrl: other.mcpUrl } });
    const back = await travel.visit((await travel.setOut(who)).to);
    other.instead = (path) => (path.startsWith('/.well-known') ? { status: 503 } : undefined);
    const away = await travel.comeBack(who, back);
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5']);
    other.instead = () => undefined;
    expect((await travel.comeBack(who, back)).status).toBe(303);
    await other.close();
  });
});

describe('field note C31: the server has the last word on what its provider gave', () => {
  const refuseAtServer = (status: number, times = Number.POSITIVE_INFINITY, headers: Record<string, string> = {}) => {
    let left = times;
    provider.instead = (path) => (path === '/mcp' && left-- > 0 ? { status, headers } : undefined);
  };

  test('what it does not take begins nothing: the client hears of it, and it is ended at the provider', async () => {
    const who = await makeTraveller(database, provider);
    const back = await travel.visit((await travel.setOut(who)).to);
    refuseAtServer(401);
    const location = new URL((await travel.comeBack(who, back)).headers.get('location') ?? '');
    expect(location.searchParams.get('error')).toBe('server_error');
    expect(location.searchParams.get('error_description')).toMatch(/^The server does not accept the sign-in/);
    await nothingOf(who);
    expect(await grantsOf(who)).toEqual([]);
    expect(Object.fromEntries(provider.revocations.at(-1) ?? [])).toMatchObject({ token_type_hint: 'refresh_token' });
    expect(await eventsOf(who)).toContain('provider.sign_in_failed');
    // The client's next try finds no trace of it in its way.
    provider.instead = () => undefined;
    expect((await travel.signInThere(who)).code).not.toBeNull();
  });

  test('a person without a client is told on the page of the connection', async () => {
    const who = await makeTraveller(database, provider);
    const back = await travel.visit(await travel.setOutAlone(who));
    refuseAtServer(401);
    expect((await travel.comeBack(who, back)).headers.get('location')).toMatch(/provider=failed$/);
    await nothingOf(who);
  });

  test.each<[string, number, number?, Record<string, string>?]>([
    ['hears of the token a moment later', 401, 1],
    ['is down', 503],
    ['is no MCP server at this address', 404],
    [
      'wants a wider scope for what was asked',
      403,
      undefined,
      { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    ],
  ])('one that %s does not say so', async (_name, status, times, headers) => {
    const who = await makeTraveller(database, provider);
    const back = await travel.visit((await travel.setOut(who)).to);
    refuseAtServer(status, times, headers);
    const location = (await travel.comeBack(who, back)).headers.get('location') ?? '';
    expect(codeOf(location)).not.toBeNull();
    expect(await liveGrantOf(database, who)).not.toBeNull();
  });

  test('#211 where the connection leads elsewhere by now, nobody there sees the token', async () => {
    const who = await makeTraveller(database, provider);
    const back = await travel.visit((await travel.setOut(who)).to);
    const other = await openProviderServer();
    let asked = 0;
    other.instead = () => {
      asked += 1;
      return undefined;
    };
    await database.db.connection.update({
      where: { id: who.connection.id },
      data: { remoteUrl: other.mcpUrl, version: { increment: 1 } },
    });
    expect((await travel.comeBack(who, back)).status).toBe(400);
    expect(asked).toBe(0);
    await nothingOf(who);
    await other.close();
  });
});

describe('an account by OpenID Connect', () => {
  const idToken = (claims: object): string =>
    [{ alg: 'RS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') +
    `.${Buffer.from('signature').toString('base64url')}`;

  /** The server asks for `openid`; the provider answers with these claims over the right ones, or with no ID token at all. */
  const giveIdToken = async (changes: object | null) => {
    const who = await makeTraveller(database, provider);
    provider.instead = (path, _form, ordinary) =>
      path === '/mcp'
        ? {
            ...ordinary,
            headers: {
              'www-authenticate': `Bearer resource_metadata="${provider.url}/.well-known/oauth-protected-resource/mcp", scope="openid mcp"`,
            },
          }
        : undefined;
    const { to } = await travel.setOut(who);
    const nonce = new URL(to).searchParams.get('nonce');
    const { clientId } = await database.db.providerClient.findFirstOrThrow({
      where: { connectionId: who.connection.id },
    });
    const now = Math.floor(Date.now() / 1000);
    const right = {
      iss: provider.url,
      aud: clientId,
      sub: 'u-9',
      email: 'grace@provider.example',
      exp: now + 60,
      iat: now,
      nonce,
    };
    provider.instead = (path, _form, ordinary) =>
      path === '/token' && changes !== null
        ? { ...ordinary, body: { ...(ordinary.body as object), id_token: idToken({ ...right, ...changes }) } }
        : undefined;
    const answer = await travel.comeBack(who, await travel.visit(to));
    return { location: new URL(answer.headers.get('location') ?? ''), kept: await liveGrantOf(database, who) };
  };

  test('the ID token says which account it is', async () => {
    expect((await giveIdToken({})).kept?.instance.upstreamAccount).toBe('grace@provider.example');
  });

  test('a provider that gives none is asked by userinfo', async () => {
    expect((await giveIdToken(null)).kept?.instance.upstreamAccount).toBe('ada@provider.example');
  });

  test.each([
    ['another nonce', { nonce: 'x' }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'someone' }],
    ['its time over', { exp: 1 }],
  ])('one with %s ends the sign-in', async (_name, changes) => {
    const { location, kept } = await giveIdToken(changes);
    expect([location.searchParams.get('error'), kept]).toEqual(['server_error', null]);
  });

  test('one for another account than userinfo’s: what the ID token says stays', async () => {
    expect((await giveIdToken({ email: undefined })).kept?.instance.upstreamAccount).toBe('u-9');
  });
});
