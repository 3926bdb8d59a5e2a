import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { openTestDatabase } from '../../testing/database.ts';
import {
  ask,
  CALLBACK,
  consent,
  makeClient,
  makeConnection,
  makeOrganization,
  makeUser,
  personalScene,
  redeem,
  signIn,
} from '../../testing/scene.ts';
import { refresh } from '../tokens/refresh-token.ts';
import { NOTHING_REVOKED } from './grant.ts';
import { revokeFamilies, revokeGrants, type Which } from './revoke.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const NOBODY = { userId: null };
const revoke = (which: Which, reason: Parameters<typeof revokeGrants>[2] = 'user_revoked') =>
  transact(database, (tx) => revokeGrants(tx, which, reason, NOBODY, new Date()));
const isActive = async (id: string) =>
  (await database.db.oAuthGrant.findUniqueOrThrow({ where: { id } })).status === 'active';
const ROTATION = { refreshIdle: 3600, replayWindow: 60, replays: 20 };
const refreshWith = (token: string, oauthClientId: string) =>
  refresh(database, { refreshToken: token, oauthClientId, isOtherResource: () => false, scopes: undefined }, ROTATION);

async function aSignIn() {
  const how = await personalScene(database);
  return { ...how, ...(await signIn(database, how)) };
}

describe('the primitive', () => {
  test('#133 ends the grant, its families, tokens, codes and requests in one commit, and says how many', async () => {
    const made = await aSignIn();
    const second = await signIn(database, made);
    expect(second.grantId).toBe(made.grantId);
    const { handle } = await ask(database, made);
    const waiting = await database.db.authorizationRequest.update({
      where: { handle },
      data: { grantId: made.grantId, status: 'awaiting_provider' },
    });
    const instance = made.grant.instanceId;
    await database.db.pendingProviderAuthorization.create({
      data: {
        stateHash: handle,
        sealed: 'sealed',
        userId: made.user.id,
        instanceId: instance,
        connectionId: made.connection.id,
        connectionVersion: 1,
        browserBindingHash: 'x',
        grantId: made.grantId,
        authorizationRequestId: waiting.id,
        expiresAt: new Date(Date.now() + 60_000),
      },
    });
    const { grantIds, receipt } = await revoke({ grantIds: [made.grantId] });
    expect(grantIds).toEqual([made.grantId]);
    expect(receipt).toEqual({
      grants: 1,
      families: 2,
      refreshTokens: 2,
      authorizationCodes: 0,
      authorizationRequests: 1,
      pendingProviderAuthorizations: 1,
    });
    expect(await refreshWith(made.refreshToken as string, made.client.id)).toEqual({
      ok: false,
      reason: 'invalid_grant',
    });
    const pending = await database.db.pendingProviderAuthorization.findFirstOrThrow({
      where: { grantId: made.grantId },
    });
    expect([pending.status, pending.sealed]).toEqual(['revoked', '']);
  });

  test('#136 is idempotent: what is revoked keeps its time and reason, and nothing is counted or recorded twice', async () => {
    const { grantId } = await aSignIn();
    await revoke({ grantIds: [grantId] });
    const before = await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } });
    const again = await revoke({ grantIds: [grantId] }, 'client_deleted');
    expect(again).toEqual({ grantIds: [], receipt: NOTHING_REVOKED });
    expect(await database.db.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } })).toEqual(before);
    expect(await database.db.auditEvent.count({ where: { grantId, kind: 'grant.revoked' } })).toBe(1);
  });

  test('#336 without its record there is no revocation', async () => {
    const { grantId } = await aSignIn();
    await database.db.auditEvent.create({ data: { kind: 'grant.revoked', grantId } });
    await expect(revoke({ grantIds: [grantId] })).rejects.toThrow();
    expect(await isActive(grantId)).toBe(true);
  });

  test('matching nothing at all is a mistake of the caller, never everything', async () => {
    await expect(revoke({})).rejects.toThrow('nothing to match');
    expect((await revoke({ userIds: [] })).grantIds).toEqual([]);
  });

  test('needs the same number of statements for 1 grant and for 300', async () => {
    const { user, connection, grant } = await aSignIn();
    const clients = await Promise.all(Array.from({ length: 300 }, () => makeClient(database)));
    await database.db.oAuthGrant.createMany({
      data: clients.map(({ id }) => ({
        oauthClientId: id,
        userId: user.id,
        connectionId: connection.id,
        connectResourceId: connection.resource.id,
        instanceId: grant.instanceId,
        redirectUri: CALLBACK,
        scopes: ['mcp:access'],
        executionContext: 'personal',
        connectionVersion: 1,
        status: 'active' as const,
        approvedAt: new Date(),
        activatedAt: new Date(),
      })),
    });
    const statements = async (which: Which) =>
      transact(database, async (tx) => {
        let count = 0;
        const counting = new Proxy(tx, {
          get: (target, name) => {
            const member = Reflect.get(target, name) as unknown;
            if (name !== '$executeRaw' && name !== '$queryRaw') return member;
            return (...parameters: unknown[]) => {
              count++;
              return (member as (...all: unknown[]) => unknown).apply(target, parameters);
            };
          },
        });
        const { receipt } = await revokeGrants(counting, which, 'user_revoked', NOBODY, new Date());
        return { count, grants: receipt.grants };
      });
    const one = await statements({ oauthClientId: clients[0]?.id as string });
    const many = await statements({ connectionId: connection.id });
    expect([one.grants, many.grants]).toEqual([1, 300]);
    expect(many.count).toBe(one.count);
  });
});

describe('which grants end, and which do not', () => {
  test('field note B19: every cause ends its own grants and no others', async () => {
    const ada = await makeUser(database);
    const bob = await makeUser(database);
    const acme = await makeOrganization(database, [ada, bob]);
    const personal = await makeConnection(database, { userId: ada.id });
    const other = await makeConnection(database, { userId: ada.id });
    const shared = await makeConnection(database, { organizationId: acme.id, assignees: [ada, bob] });
    const second = `${CALLBACK}/2`;
    const cursor = await makeClient(database, { redirectUris: [CALLBACK, second] });
    const claude = await makeClient(database);

    const begin = async () => {
      const grants = {
        personal: await signIn(database, { user: ada, client: cursor, connection: personal }),
        elsewhere: await signIn(database, { user: ada, client: cursor, connection: personal, redirectUri: second }),
        profile: await signIn(database, {
          user: ada,
          client: claude,
          connection: personal,
          scopes: ['mcp:access', 'profile'],
        }),
        other: await signIn(database, { user: ada, client: cursor, connection: other }),
        shared: await signIn(database, { user: ada, client: cursor, connection: shared }),
        bobs: await signIn(database, { user: bob, client: cursor, connection: shared }),
      };
      return Object.fromEntries(Object.entries(grants).map(([name, { grantId }]) => [name, grantId])) as Record<
        keyof typeof grants,
        string
      >;
    };
    const cases: [string, (grants: Record<string, string>) => Which, string[]][] = [
      ['one grant', (grants) => ({ grantIds: [grants.personal as string] }), ['personal']],
      [
        'field note 11: all of one user’s grants of one client',
        () => ({ userIds: [ada.id], oauthClientId: cursor.id }),
        ['personal', 'elsewhere', 'other', 'shared'],
      ],
      ['a client', () => ({ oauthClientId: cursor.id }), ['personal', 'elsewhere', 'other', 'shared', 'bobs']],
      ['a redirect URI of a client', () => ({ oauthClientId: cursor.id, redirectUris: [second] }), ['elsewhere']],
      ['a scope of a client', () => ({ oauthClientId: claude.id, anyScope: ['profile'] }), ['profile']],
      ['a connection', () => ({ connectionId: personal.id }), ['personal', 'elsewhere', 'profile']],
      ['a route', () => ({ connectResourceId: other.resource.id }), ['other']],
      ['an assignment', () => ({ connectionId: shared.id, userIds: [bob.id] }), ['bobs']],
      ['a membership', () => ({ organizationId: acme.id, userIds: [ada.id] }), ['shared']],
      ['an organization', () => ({ organizationId: acme.id }), ['shared', 'bobs']],
      ['a user', () => ({ userIds: [ada.id] }), ['personal', 'elsewhere', 'profile', 'other', 'shared']],
      [
        'several users',
        () => ({ userIds: [ada.id, bob.id] }),
        ['personal', 'elsewhere', 'profile', 'other', 'shared', 'bobs'],
      ],
    ];
    for (const [name, which, ends] of cases) {
      const grants = await begin();
      await revoke(which(grants));
      const ended: string[] = [];
      for (const [grantName, id] of Object.entries(grants)) if (!(await isActive(id))) ended.push(grantName);
      expect(ended, name).toEqual(ends);
    }
  });
});

describe('a family', () => {
  test('field note 12: ends alone, the grant and its other sign-ins live on', async () => {
    const made = await aSignIn();
    const laptop = await signIn(database, made);
    const { receipt } = await transact(database, (tx) =>
      revokeFamilies(tx, { grantId: made.grantId, familyIds: [made.familyId] }, 'user_revoked', NOBODY, new Date()),
    );
    expect(receipt).toMatchObject({ families: 1, refreshTokens: 1, grants: 0 });
    expect(await refreshWith(made.refreshToken as string, made.client.id)).toMatchObject({
      ok: false,
      reason: 'invalid_grant',
    });
    expect(await refreshWith(laptop.refreshToken as string, made.client.id)).toMatchObject({ ok: true });
    expect(await isActive(made.grantId)).toBe(true);
  });

  test('#127 takes the grant along when it was the last', async () => {
    const made = await aSignIn();
    const end = () =>
      transact(database, (tx) =>
        revokeFamilies(
          tx,
          { grantId: made.grantId, familyIds: [made.familyId], andGrantWhenLast: true },
          'client_revoked',
          NOBODY,
          new Date(),
        ),
      );
    expect((await end()).receipt).toMatchObject({ families: 1, refreshTokens: 1, grants: 1 });
    expect(await isActive(made.grantId)).toBe(false);
    expect((await end()).receipt).toEqual(NOTHING_REVOKED);
  });

  test('a laptop that was approved a moment ago keeps the grant when the other signs out', async () => {
    const made = await aSignIn();
    const { handle, verifier } = await ask(database, made);
    const code = await consent(database, handle, made.user);
    if (!code.ok) throw new Error(code.reason.kind);
    const which = { grantId: made.grantId, familyIds: [made.familyId], andGrantWhenLast: true };
    await transact(database, (tx) => revokeFamilies(tx, which, 'client_revoked', NOBODY, new Date()));
    expect(await isActive(made.grantId)).toBe(true);
    expect(await redeem(database, made, code.value, verifier)).toMatchObject({ ok: true });
  });

  test('a sign-in whose tokens all expired long ago does not keep the grant', async () => {
    const made = await aSignIn();
    const forgotten = await signIn(database, made);
    const past = new Date(Date.now() - 40 * 86_400_000);
    await database.db.tokenFamily.update({ where: { id: forgotten.familyId }, data: { createdAt: past } });
    await database.db.refreshToken.updateMany({ where: { familyId: forgotten.familyId }, data: { expiresAt: past } });
    const which = { grantId: made.grantId, familyIds: [made.familyId], andGrantWhenLast: true };
    await transact(database, (tx) => revokeFamilies(tx, which, 'client_revoked', NOBODY, new Date()));
    expect(await isActive(made.grantId)).toBe(false);
  });

  test('a family of another grant is not touched', async () => {
    const [mine, theirs] = [await aSignIn(), await aSignIn()];
    const { familyIds } = await transact(database, (tx) =>
      revokeFamilies(tx, { grantId: mine.grantId, familyIds: [theirs.familyId] }, 'user_revoked', NOBODY, new Date()),
    );
    expect(familyIds).toEqual([]);
    expect(await refreshWith(theirs.refreshToken as string, theirs.client.id)).toMatchObject({ ok: true });
  });
});
