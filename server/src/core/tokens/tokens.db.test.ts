import { hkdfSync } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { hashSecret } from '../../platform/secret.ts';
import { transact } from '../../platform/transact.ts';
import { Unavailable } from '../../platform/transient.ts';
import { openTestDatabase } from '../../testing/database.ts';
import {
  ask,
  CALLBACK,
  consent,
  makeClient,
  makeConnection,
  makeUser,
  newVerifier,
  redeem,
  type SignIn,
  signIn,
} from '../../testing/scene.ts';
import { revokeGrants } from '../grants/revoke.ts';
import { redeemCode } from './authorization-code.ts';
import { refresh } from './refresh-token.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const ROTATION = { refreshIdle: 3600, replayWindow: 60, replays: 20 };
const INVALID = { ok: false, reason: 'invalid_grant' };

async function scene(grantTypes?: string[]): Promise<SignIn> {
  const user = await makeUser(database);
  const connection = await makeConnection(database, { userId: user.id });
  return { user, connection, client: await makeClient(database, grantTypes ? { grantTypes } : {}) };
}

const rotate = (
  token: string | null,
  how: SignIn,
  changes: Partial<Parameters<typeof refresh>[1]> = {},
  settings = ROTATION,
) =>
  refresh(
    database,
    {
      refreshToken: token as string,
      oauthClientId: how.client.id,
      isOtherResource: () => false,
      scopes: undefined,
      ...changes,
    },
    settings,
  );
const tokenOf = (answer: Awaited<ReturnType<typeof refresh>>): string => {
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value.refreshToken;
};
/** As if the token had been rotated so long ago. */
const ago = (token: string, seconds: number) =>
  database.db.refreshToken.update({
    where: { tokenHash: hashSecret(token) },
    data: { rotatedAt: new Date(Date.now() - seconds * 1000) },
  });
const familyOf = (id: string) => database.db.tokenFamily.findUniqueOrThrow({ where: { id } });

describe('an authorization code', () => {
  const begin = async (how: SignIn) => {
    const { handle, verifier } = await ask(database, how);
    const code = await consent(database, handle, how.user);
    if (!code.ok) throw new Error(code.reason.kind);
    return { code: code.value, verifier };
  };
  const attempt = (how: SignIn, code: string, changes: Partial<Parameters<typeof redeemCode>[1]>) =>
    redeemCode(
      database,
      {
        code,
        oauthClientId: how.client.id,
        redirectUri: CALLBACK,
        codeVerifier: undefined,
        isOtherResource: () => false,
        label: 'x',
        userAgent: null,
        ...changes,
      },
      { refreshIdle: 3600 },
    );

  test('gives one family, once', async () => {
    const how = await scene();
    const { code, verifier } = await begin(how);
    expect(await redeem(database, how, code, verifier)).toMatchObject({ ok: true, value: { scopes: ['mcp:access'] } });
    expect(await redeem(database, how, code, verifier)).toEqual(INVALID);
    expect(await database.db.tokenFamily.count({ where: { grant: { oauthClientId: how.client.id } } })).toBe(1);
  });

  test('#96 used again with everything right, after the race second, ends the family and says so', async () => {
    const how = await scene();
    const { code, verifier } = await begin(how);
    const first = await redeem(database, how, code, verifier);
    if (!first.ok) throw new Error();
    await database.db.authorizationCode.updateMany({
      where: { codeHash: hashSecret(code) },
      data: { consumedAt: new Date(Date.now() - 2_000) },
    });
    expect(await redeem(database, how, code, verifier)).toEqual(INVALID);
    expect(await familyOf(first.value.familyId)).toMatchObject({ revocationReason: 'code_replayed' });
    expect(await rotate(first.value.refreshToken, how)).toEqual(INVALID);
  });

  test('#99 the loser of a race within a second is refused and revokes nothing', async () => {
    const how = await scene();
    const { code, verifier } = await begin(how);
    const first = await redeem(database, how, code, verifier);
    if (!first.ok) throw new Error();
    expect(await redeem(database, how, code, verifier)).toEqual(INVALID);
    expect((await familyOf(first.value.familyId)).revokedAt).toBeNull();
  });

  test('#97 used again with a wrong verifier ends nothing', async () => {
    const how = await scene();
    const { code, verifier } = await begin(how);
    const first = await redeem(database, how, code, verifier);
    if (!first.ok) throw new Error();
    await database.db.authorizationCode.updateMany({
      where: { codeHash: hashSecret(code) },
      data: { consumedAt: new Date(Date.now() - 2_000) },
    });
    expect(await redeem(database, how, code, newVerifier())).toEqual(INVALID);
    expect((await familyOf(first.value.familyId)).revokedAt).toBeNull();
  });

  test('#90 #91 #92 a failed verification does not consume it, but the fifth kills it', async () => {
    const how = await scene();
    const stranger = await makeClient(database);
    const { code, verifier } = await begin(how);
    const wrong = [
      { codeVerifier: newVerifier() },
      { codeVerifier: verifier, redirectUri: `${CALLBACK}/` },
      { codeVerifier: verifier, redirectUri: undefined },
      { codeVerifier: verifier, oauthClientId: stranger.id },
    ];
    for (const changes of wrong) expect(await attempt(how, code, changes)).toEqual(INVALID);
    expect(await attempt(how, code, { codeVerifier: verifier })).toMatchObject({ ok: true });

    const another = await begin(how);
    for (let failure = 0; failure < 5; failure++)
      expect(await attempt(how, another.code, { codeVerifier: 'x' })).toEqual(INVALID);
    expect(await attempt(how, another.code, { codeVerifier: another.verifier })).toEqual(INVALID);
  });

  test('#102 another resource is invalid_target and consumes nothing', async () => {
    const how = await scene();
    const { code, verifier } = await begin(how);
    expect(await attempt(how, code, { codeVerifier: verifier, isOtherResource: () => true })).toEqual({
      ok: false,
      reason: 'invalid_target',
    });
    expect(await attempt(how, code, { codeVerifier: verifier })).toMatchObject({ ok: true });
  });

  test('#78 is refused past its time', async () => {
    const how = await scene();
    const { code, verifier } = await begin(how);
    await database.db.authorizationCode.updateMany({
      where: { codeHash: hashSecret(code) },
      data: { expiresAt: new Date(Date.now() - 1) },
    });
    expect(await redeem(database, how, code, verifier)).toEqual(INVALID);
  });

  test.each<[string, (how: SignIn) => Promise<unknown>]>([
    [
      '#100 the grant is revoked',
      (how) =>
        transact(database, (tx) =>
          revokeGrants(tx, { oauthClientId: how.client.id }, 'user_revoked', { userId: null }, new Date()),
        ),
    ],
    [
      '#101 the user is blocked',
      (how) => database.db.user.update({ where: { id: how.user.id }, data: { blockedAt: new Date() } }),
    ],
    [
      '#101 the connection is disabled',
      (how) => database.db.connection.update({ where: { id: how.connection.id }, data: { status: 'disabled' } }),
    ],
    [
      '#101 the client is deleted',
      (how) => database.db.oAuthClient.update({ where: { id: how.client.id }, data: { deletedAt: new Date() } }),
    ],
    [
      'the route is rotated',
      (how) =>
        database.db.connectResource.update({
          where: { id: how.connection.resource.id },
          data: { retiredAt: new Date() },
        }),
    ],
  ])('is refused once %s', async (_name, change) => {
    const how = await scene();
    const { code, verifier } = await begin(how);
    await change(how);
    expect(await redeem(database, how, code, verifier)).toEqual(INVALID);
    expect(await database.db.tokenFamily.count({ where: { grant: { oauthClientId: how.client.id } } })).toBe(0);
  });

  test('#93 nothing else passes for a code', async () => {
    const how = await scene();
    const made = await signIn(database, how);
    for (const text of [made.refreshToken as string, made.familyId, '', 'gwc_', `${made.code}x`, 'x'.repeat(10_000)]) {
      expect(await redeem(database, how, text, made.verifier)).toEqual(INVALID);
    }
  });
});

describe('a refresh token', () => {
  test('#107 is rotated at each use, and the new one works', async () => {
    const how = await scene();
    const first = await signIn(database, how);
    const second = tokenOf(await rotate(first.refreshToken, how));
    expect(second).not.toBe(first.refreshToken);
    const third = tokenOf(await rotate(second, how));
    expect(new Set([first.refreshToken, second, third]).size).toBe(3);
    expect(
      await database.db.refreshToken.count({ where: { familyId: first.familyId, rotatedAt: null, revokedAt: null } }),
    ).toBe(1);
  });

  test('#111 #114 field note A1: presented again inside the window it gives the current token, which works', async () => {
    const how = await scene();
    const first = await signIn(database, how);
    const second = tokenOf(await rotate(first.refreshToken, how));
    expect(tokenOf(await rotate(first.refreshToken, how))).toBe(second);
    expect(await rotate(second, how)).toMatchObject({ ok: true });
  });

  test('#114 what a version before this one sealed leads to the successor too', async () => {
    const how = await scene();
    const { refreshToken, familyId } = await signIn(database, how);
    const presented = refreshToken as string;
    const second = tokenOf(await rotate(presented, how));
    const tokenHash = hashSecret(presented);
    // A JWE (RFC 7516 §7.1) under a key that is HKDF of the token, named by the token's digest.
    const key = new Uint8Array(hkdfSync('sha256', presented, 'grantway', 'sealed under a token', 32));
    const sealedSuccessor = await new CompactEncrypt(Buffer.from(second))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'token', place: `refresh_token/${tokenHash}` })
      .encrypt(key);
    await database.db.refreshToken.update({ where: { tokenHash }, data: { sealedSuccessor } });
    expect(tokenOf(await rotate(presented, how))).toBe(second);
    await ago(presented, 61);
    expect(await rotate(presented, how)).toEqual(INVALID);
    expect(await familyOf(familyId)).toMatchObject({ revocationReason: 'refresh_reused' });
  });

  test.each([
    ['was changed', 'A'.repeat(22)],
    ['is of a version after this one', 'of/a/later/form'],
    ['was changed, of a version before this one', 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA'],
  ])(
    '#121 #124 what leads to no token that was issued is no reuse (it %s): nothing ends, and it passes',
    async (_it, sealedSuccessor) => {
      const how = await scene();
      const { refreshToken, familyId } = await signIn(database, how);
      const presented = refreshToken as string;
      const second = tokenOf(await rotate(presented, how));
      const kept = await database.db.refreshToken.update({
        where: { tokenHash: hashSecret(presented) },
        data: { sealedSuccessor },
      });
      await expect(rotate(presented, how)).rejects.toThrow(Unavailable);
      expect((await familyOf(familyId)).revokedAt).toBeNull();
      expect(await database.db.refreshToken.findUniqueOrThrow({ where: { id: kept.id } })).toEqual(kept);
      expect(await rotate(second, how)).toMatchObject({ ok: true });
      await ago(presented, 61);
      expect(await rotate(presented, how)).toEqual(INVALID);
      expect(await familyOf(familyId)).toMatchObject({ revocationReason: 'refresh_reused' });
    },
  );

  test('#112 field note A2: several generations old, every link inside its window → the head; one link past it → the family ends', async () => {
    const how = await scene();
    const { refreshToken, familyId } = await signIn(database, how);
    const second = tokenOf(await rotate(refreshToken, how));
    const third = tokenOf(await rotate(second, how));
    expect(tokenOf(await rotate(refreshToken, how))).toBe(third);
    await ago(second, 61);
    expect(await rotate(refreshToken, how)).toEqual(INVALID);
    expect(await familyOf(familyId)).toMatchObject({ revocationReason: 'refresh_reused' });
    expect(await rotate(third, how)).toEqual(INVALID);
  });

  test('#110 reused past the window: the family ends, the grant and its other sign-ins live, and the distance is told', async () => {
    const how = await scene();
    const [stolen, laptop] = [await signIn(database, how), await signIn(database, how)];
    const second = tokenOf(await rotate(stolen.refreshToken, how));
    await rotate(second, how);
    await ago(stolen.refreshToken as string, 3600);
    expect(await rotate(stolen.refreshToken, how)).toEqual(INVALID);
    const event = await database.db.auditEvent.findFirstOrThrow({
      where: { kind: 'refresh.reused', grantId: stolen.grantId },
    });
    expect(event.detail).toMatchObject({ familyId: stolen.familyId, generation: 1, distance: 2 });
    expect(await rotate(laptop.refreshToken, how)).toMatchObject({ ok: true });
    expect((await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: stolen.grantId } })).status).toBe('active');
  });

  test('#113 twenty replays inside the window all get the one head; the twenty-first is refused, and the family lives', async () => {
    const how = await scene();
    const { refreshToken, familyId } = await signIn(database, how);
    const head = tokenOf(await rotate(refreshToken, how));
    for (let replay = 0; replay < 20; replay++) expect(tokenOf(await rotate(refreshToken, how))).toBe(head);
    expect(await rotate(refreshToken, how)).toEqual(INVALID);
    expect((await familyOf(familyId)).revokedAt).toBeNull();
    expect(await rotate(head, how)).toMatchObject({ ok: true });
  });

  test('#115 #116 the window never outlives the grant, nor the token', async () => {
    const how = await scene();
    const { refreshToken } = await signIn(database, how);
    await rotate(refreshToken, how);
    await database.db.refreshToken.update({
      where: { tokenHash: hashSecret(refreshToken as string) },
      data: { expiresAt: new Date(Date.now() - 1) },
    });
    expect(await rotate(refreshToken, how)).toEqual(INVALID);
    const other = await scene();
    const made = await signIn(database, other);
    await rotate(made.refreshToken, other);
    await transact(database, (tx) =>
      revokeGrants(tx, { grantIds: [made.grantId] }, 'user_revoked', { userId: null }, new Date()),
    );
    expect(await rotate(made.refreshToken, other)).toEqual(INVALID);
  });

  test('#109 #120 #121 field note A8: a refusal for client, resource or scope consumes nothing', async () => {
    const how = await scene();
    const stranger = await makeClient(database);
    const { refreshToken } = await signIn(database, how);
    const before = await database.db.refreshToken.findMany({
      where: { tokenHash: hashSecret(refreshToken as string) },
    });
    expect(await rotate(refreshToken, how, { oauthClientId: stranger.id })).toEqual({
      ok: false,
      reason: 'unknown_token',
    });
    expect(await rotate(refreshToken, how, { isOtherResource: () => true })).toEqual({
      ok: false,
      reason: 'invalid_target',
    });
    expect(await rotate(refreshToken, how, { scopes: ['mcp:access', 'profile'] })).toEqual({
      ok: false,
      reason: 'invalid_scope',
    });
    expect(
      await database.db.refreshToken.findMany({ where: { tokenHash: hashSecret(refreshToken as string) } }),
    ).toEqual(before);
    expect(await rotate(refreshToken, how)).toMatchObject({ ok: true });
  });

  test('a client without the refresh_token grant type gets none', async () => {
    const made = await signIn(database, await scene(['authorization_code']));
    expect(made.refreshToken).toBeNull();
    expect(await database.db.refreshToken.count({ where: { familyId: made.familyId } })).toBe(0);
  });

  test('#268 the database alone gives away no token', async () => {
    const how = await scene();
    const { refreshToken, code } = await signIn(database, how);
    const second = tokenOf(await rotate(refreshToken, how));
    const rows = JSON.stringify([
      await database.db.refreshToken.findMany(),
      await database.db.authorizationCode.findMany(),
      await database.db.auditEvent.findMany(),
    ]);
    for (const secret of [refreshToken as string, second, code]) expect(rows).not.toContain(secret);
  });
});
