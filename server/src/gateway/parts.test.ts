/** The parts of the gateway that need no request: sessions, targets, tokens, origins, response headers. */
import { describe, expect, it } from 'vitest';
import { mintAccessToken } from '../core/tokens/access-token.ts';
import { newSealingJwk, newSigningJwk, readKeyring } from '../platform/keys.ts';
import { bearerOf } from './authenticate.ts';
import { openCrossOrigin } from './cross-origin.ts';
import { openMcpSessions } from './mcp-session.ts';
import { readResponseHead } from './response-headers.ts';
import { openUpstreamTargets } from './upstream-target.ts';
import { openVerifiedTokens } from './verified-tokens.ts';

const keyringOf = async (...sealing: object[]) =>
  readKeyring(JSON.stringify({ keys: [...sealing, await newSigningJwk('ES256')] }));

describe('MCP session ids', () => {
  it('#190 belong to one instance, and survive a rotation of the keys', async () => {
    const [old, next] = [newSealingJwk(), newSealingJwk()];
    const before = openMcpSessions(await keyringOf(old));
    const after = openMcpSessions(await keyringOf(next, old));
    const id = before.wrap('instance-a', 'session/1') as string;
    expect(after.unwrap('instance-a', id)).toBe('session/1');
    expect(after.unwrap('instance-b', id)).toBeNull();
    expect(openMcpSessions(await keyringOf(next)).unwrap('instance-a', id)).toBeNull();
    expect(after.wrap('instance-a', 'session/1')).not.toBe(id);
  });

  it('are bounded, and hold visible ASCII alone', async () => {
    const sessions = openMcpSessions(await keyringOf(newSealingJwk()));
    for (const id of ['', 'a b', 'a\n', 'é', 'a'.repeat(513)]) expect(sessions.wrap('i', id)).toBeNull();
    const longest = sessions.wrap('i', 'a'.repeat(512)) as string;
    expect(sessions.unwrap('i', longest)).toBe('a'.repeat(512));
    for (const id of ['', '.', `.${'A'.repeat(43)}`, 'a', `${longest}A`, longest.slice(1)])
      expect(sessions.unwrap('i', id)).toBeNull();
  });
});

describe('upstream targets', () => {
  const to = openUpstreamTargets();
  it('#166 stay under the URL of the connection', () => {
    expect(to('https://h:8443/a/mcp', '', '')).toMatchObject({ origin: 'https://h:8443', path: '/a/mcp' });
    expect(to('https://h/a/mcp/', '/x', 'q=1')).toEqual({ origin: 'https://h', path: '/a/mcp/x?q=1' });
    expect(to('https://h', '/x', '')).toEqual({ origin: 'https://h', path: '/x' });
    for (const rest of ['/../x', '/%2e%2e/x', '/a\\..\\b', '/x?y', '/x#y'])
      expect([rest, to('https://h/a/mcp', rest, '')]).toEqual([rest, null]);
    expect(to('https://h', '@evil/x', '')).toBeNull();
  });
});

describe('verified tokens', () => {
  it('are remembered until they expire, and no longer than there is room', async () => {
    const keyring = await keyringOf(newSealingJwk());
    let now = new Date();
    const id = '01935c4e-0000-7000-8000-000000000000';
    const grant = {
      grantId: id,
      familyId: id,
      userId: id,
      clientId: 'c',
      instanceId: id,
      connectionId: id,
      connectResourceId: id,
      connectionVersion: 1,
      executionContext: 'personal',
      scopes: ['mcp:access'],
      audience: 'https://g/x',
    };
    const mint = async () => (await mintAccessToken(keyring, 'https://g', grant, 60, now)).token;
    const verify = openVerifiedTokens({ keyring, issuer: 'https://g', clock: () => now }, 2);
    const [a, b, c] = [await mint(), await mint(), await mint()];
    const first = await verify(a);
    expect(verify(a)).toBe(first);
    await verify(b);
    verify(a);
    await verify(c);
    // `b` was the least recently used.
    expect(verify(b)).toBeInstanceOf(Promise);
    for (const wrong of [`${a}x`, `${a}, ${b}`, 'a, b', 'é', '']) expect(await verify(wrong), wrong).toBeNull();
    now = new Date(now.getTime() + 66_000);
    expect(await verify(c)).toBeNull();
  });

  it('#156 die with the key that signed them, also those that are remembered', async () => {
    const [revoked, kept] = [await newSigningJwk('ES256'), await newSigningJwk('ES256')];
    const ringOf = (...keys: object[]) => readKeyring(JSON.stringify({ keys: [newSealingJwk(), ...keys] }));
    const ring = { ...(await ringOf(revoked, kept)) };
    const now = new Date();
    const id = '0198c5a2-0000-7000-8000-000000000001';
    const ids = { grantId: id, familyId: id, userId: id, instanceId: id, connectionId: id, connectResourceId: id };
    const bound = {
      clientId: 'c',
      connectionVersion: 1,
      executionContext: 'personal',
      scopes: [],
      audience: 'https://g/x',
    };
    const { token } = await mintAccessToken(ring, 'https://g', { ...ids, ...bound }, 60, now);
    const verify = openVerifiedTokens({ keyring: ring, issuer: 'https://g', clock: () => now });
    expect(await verify(token)).not.toBeNull();
    Object.assign(ring, await ringOf(kept));
    expect(await verify(token)).toBeNull();

    // Taken out while a token of it is checked: that one is not remembered either.
    const without = await ringOf(kept);
    Object.assign(ring, await ringOf(revoked, kept));
    const checking = verify((await mintAccessToken(ring, 'https://g', { ...ids, ...bound }, 60, now)).token);
    const again = verify(token);
    Object.assign(ring, without);
    expect(await verify('another')).toBeNull();
    await Promise.all([checking, again]);
    expect(await verify(token)).toBeNull();
  });
});

describe('origins and hosts', () => {
  it('#179 off loopback only our own and the listed ones are ours', () => {
    const open = openCrossOrigin({ url: 'https://gw.example', allowedOrigins: ['https://app.example/'] });
    expect(['https://gw.example', 'https://app.example', undefined].every(open.allows)).toBe(true);
    expect(
      [
        'http://gw.example',
        'https://gw.example:8443',
        'http://localhost:3000',
        'null',
        '',
        'https://gw.example.evil',
      ].some(open.allows),
    ).toBe(false);
    expect(['gw.example', 'GW.example', 'gw.example:443'].every(open.isOurHost)).toBe(true);
    expect(['localhost', 'gw.example:80', 'evil', '', undefined].some(open.isOurHost)).toBe(false);
  });
});

it('#158 bearerOf reads one credential', () => {
  expect([bearerOf(undefined), bearerOf('Basic x'), bearerOf('')]).toEqual([undefined, undefined, undefined]);
  expect([bearerOf(null), bearerOf('Bearer'), bearerOf('Bearer ')]).toEqual([null, null, null]);
  expect([bearerOf('Bearer a.b-c_~+/='), bearerOf('BEARER  x')]).toEqual(['a.b-c_~+/=', 'x']);
});

it('#207 what an upstream would let a shared cache keep is kept nowhere', () => {
  const policy = (value?: string) => {
    const head = readResponseHead(value === undefined ? {} : { 'cache-control': value }, 200);
    return head?.headers[head.headers.indexOf('cache-control') + 1];
  };
  expect([policy(), policy('public, max-age=9'), policy('s-maxage=9')]).toEqual(['no-store', 'no-store', 'no-store']);
  expect([policy('no-cache, no-transform'), policy('private, max-age=9'), policy('no-store')]).toEqual([
    'no-cache, no-transform, private',
    'private, max-age=9',
    'no-store',
  ]);
});
