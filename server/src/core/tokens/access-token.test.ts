import { createHmac } from 'node:crypto';
import { CompactEncrypt, importJWK, type JWK, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Keyring, newSealingJwk, newSigningJwk, readKeyring } from '../../platform/keys.ts';
import { type AccessTokenGrant, mintAccessToken, verifyAccessToken } from './access-token.ts';

const ISSUER = 'https://gateway.example';
const NOW = new Date('2026-11-23T12:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const INVALID = { ok: false, reason: 'invalid_token' };

const ids = Array.from({ length: 6 }, () => uuidv7()) as [string, string, string, string, string, string];
const GRANT: AccessTokenGrant = {
  grantId: ids[0],
  familyId: ids[1],
  userId: ids[2],
  instanceId: ids[3],
  connectionId: ids[4],
  connectResourceId: ids[5],
  clientId: 'client',
  connectionVersion: 1,
  executionContext: 'personal',
  scopes: ['mcp:access'],
  audience: `${ISSUER}/mcp-connect/user/x`,
};

let jwk: JWK;
let keyring: Keyring;
const ringOf = (...signing: JWK[]) => readKeyring(JSON.stringify({ keys: [newSealingJwk(), ...signing] }));
beforeAll(async () => {
  jwk = await newSigningJwk('ES256');
  keyring = await ringOf(jwk);
});

const mint = async (ring = keyring) => (await mintAccessToken(ring, ISSUER, GRANT, 900, NOW)).token;
const verify = (token: string, now = NOW, ring = keyring) => verifyAccessToken(ring, ISSUER, token, now);
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const parts = (token: string) => token.split('.') as [string, string, string];

/** A token with everything right but what is said, signed with the real key. */
async function signed(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  key = jwk,
): Promise<string> {
  const payload = { ...decode(parts(await mint())[1]), ...claims };
  const protectedHeader = { alg: 'ES256', typ: 'at+jwt', kid: jwk.kid as string, ...header };
  return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(await importJWK(key, 'ES256'));
}

test.each(['ES256', 'EdDSA', 'RS256'])('a token of %s says what it was minted for', async (alg) => {
  const ring = await ringOf(await newSigningJwk(alg));
  const verified = await verify(await mint(ring), NOW, ring);
  expect(verified).toMatchObject({ ok: true, value: { ...GRANT, expiresAt: SECONDS + 900 } });
});

test('a signature is right also where its numbers are short, or begin with a high bit', async () => {
  for (let count = 0; count < 600; count++) {
    const token = await mint();
    const [, , signature] = parts(token);
    const numbers = Buffer.from(signature, 'base64url');
    expect(numbers.length).toBe(64);
    const short = [numbers.subarray(0, 32), numbers.subarray(32)].some((number) => number[0] === 0);
    // Of the ordinary ones a few are enough; a short one is one in 128.
    if (count < 20 || short) expect(await verify(token)).toMatchObject({ ok: true });
  }
});

describe('refused', () => {
  test('#142 no algorithm, in any spelling, and no signature', async () => {
    const [, payload, signature] = parts(await mint());
    for (const alg of ['none', 'None', 'nOnE', '']) {
      for (const end of ['', signature])
        expect(await verify(`${encode({ alg, typ: 'at+jwt', kid: jwk.kid })}.${payload}.${end}`)).toEqual(INVALID);
    }
    const [header] = parts(await mint());
    expect(await verify(`${header}.${payload}.`)).toEqual(INVALID);
    expect(await verify(`${header}.${payload}`)).toEqual(INVALID);
  });

  test('#143 HMAC with the public key as its secret', async () => {
    const [, payload] = parts(await mint());
    const { d: _private, ...open } = jwk;
    for (const secret of [JSON.stringify(open), JSON.stringify(keyring.signing[0]?.publicJwk), String(open.x)]) {
      const start = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: jwk.kid })}.${payload}`;
      expect(await verify(`${start}.${createHmac('sha256', secret).update(start).digest('base64url')}`)).toEqual(
        INVALID,
      );
    }
  });

  test('#145 #146 a key of its own, in the header or by an unknown kid', async () => {
    const own = await newSigningJwk('ES256');
    const { d: _private, ...open } = own;
    for (const header of [
      { jwk: open },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example' },
      { kid: own.kid as string },
      { kid: '../../dev/null' },
      { kid: '' },
    ]) {
      expect(await verify(await signed({}, header, own))).toEqual(INVALID);
    }
  });

  test('#147 extensions, encryption, other serializations, too many parts, too much', async () => {
    const token = await mint();
    const [header, payload, signature] = parts(token);
    const altered = encode({ ...decode(header), crit: ['x'], x: 1 });
    const encrypted = await new CompactEncrypt(Buffer.from(token))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(new Uint8Array(32));
    const json = JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
    for (const text of [
      `${altered}.${payload}.${signature}`,
      encrypted,
      json,
      `${token}.x`,
      `${token}.x.y`,
      ` ${token}`,
      `${token} ${token}`,
      token + 'x'.repeat(1_000_000),
      '',
      '..',
      'a.b.c',
    ]) {
      expect(await verify(text)).toEqual(INVALID);
    }
  });

  test('#148 another type of token', async () => {
    for (const typ of ['JWT', 'id_token', 'logout+jwt', '', undefined])
      expect(await verify(await signed({}, { typ }))).toEqual(INVALID);
    expect(await verify(await signed({}, { typ: 'application/at+jwt' }))).toMatchObject({ ok: true });
  });

  test('#149 another issuer', async () => {
    for (const iss of [`${ISSUER}/`, 'https://evil.example', 'http://gateway.example', undefined])
      expect(await verify(await signed({ iss }))).toEqual(INVALID);
  });

  test('#150 several audiences, or none', async () => {
    for (const aud of [[GRANT.audience, 'https://other.example'], undefined, 7])
      expect(await verify(await signed({ aud }))).toEqual(INVALID);
  });

  test('#151 times that are past, ahead, missing or no numbers', async () => {
    const wrong = [
      { exp: SECONDS - 60 },
      { exp: undefined },
      { exp: `${SECONDS + 60}` },
      { exp: -1 },
      { nbf: SECONDS + 600 },
      { iat: SECONDS + 600 },
      { iat: undefined },
    ];
    for (const claims of wrong) expect(await verify(await signed(claims)), JSON.stringify(claims)).toEqual(INVALID);
    expect(await verify(await mint(), new Date(NOW.getTime() + 899_000))).toMatchObject({ ok: true });
    expect(await verify(await mint(), new Date(NOW.getTime() + 931_000))).toEqual(INVALID);
  });

  test('#152 another source, and claims that are missing or malformed', async () => {
    const wrong = [
      { token_source: 'session' },
      { token_source: undefined },
      { oauth_grant_id: 'x' },
      { family_id: undefined },
      { sub: "' OR 1=1" },
      { connection_version: '1' },
      { scope: ['mcp:access'] },
      { execution_context: 7 },
    ];
    for (const claims of wrong) expect(await verify(await signed(claims)), JSON.stringify(claims)).toEqual(INVALID);
  });
});

test('#156 #332 after a rotation tokens of the former key are good until they expire; without it in the ring, never', async () => {
  const token = await mint();
  const next = await newSigningJwk('ES256');
  expect(await verify(token, NOW, await ringOf(next, jwk))).toMatchObject({ ok: true });
  const rotated = await mint(await ringOf(next, jwk));
  expect(decode(parts(rotated)[0]).kid).toBe(next.kid);
  expect(await verify(token, NOW, await ringOf(next))).toEqual(INVALID);
});
