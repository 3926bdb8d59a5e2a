/** Sign-ins that ended here are ended at their providers: tried again, given up at last, and never in anybody's way. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { liveGrantOf, makeTraveller, openTravel, type Travel, type Traveller } from '../../testing/provider-scene.ts';
import { makeAdmin, makeOrganization, makeUser } from '../../testing/scene.ts';
import { unassign } from '../connections/assign.ts';
import { changeConnection } from '../connections/change.ts';
import { deleteConnection } from '../connections/delete.ts';
import { rotateRoute } from '../connections/rotate.ts';
import { eraseUser } from '../people/erase.ts';
import { removeMember } from '../people/membership.ts';
import { deleteOrganization } from '../people/organization.ts';
import { revokeEnded } from './outbox.ts';
import { disconnect } from './sign-in.ts';
import { sweepSignIns } from './sweep.ts';

let database: Database;
let provider: TestProvider;
let travel: Travel;
let who: Traveller;
beforeAll(async () => {
  database = await openTestDatabase();
  provider = await openProviderServer();
  travel = await openTravel(database);
});
beforeEach(async () => {
  who = await makeTraveller(database, provider);
  await travel.signInThere(who);
  provider.revocations.length = 0;
});
afterEach(() => {
  provider.instead = () => undefined;
  provider.metadata = {};
});
afterAll(async () => {
  await provider.close();
  await database.close();
});

const now = () => new Date();
const signOut = () => disconnect(database, { userId: who.user.id, connectionId: who.connection.id }, now());
const rowsOf = () => database.db.providerGrant.findMany({ where: { instance: { userId: who.user.id } } });
const waiting = () =>
  database.db.providerRevocation.findMany({ where: { providerGrant: { instance: { userId: who.user.id } } } });
const makeDue = () => database.db.providerRevocation.updateMany({ data: { nextAttemptAt: new Date(0) } });
const eventsOf = () =>
  database.db.auditEvent.findMany({
    where: { ownerUserId: who.user.id, kind: { startsWith: 'provider.' } },
    orderBy: { id: 'asc' },
  });

/** The person is one of an organization, and the connection is assigned to them. */
async function inOrganization(): Promise<{ organizationId: string; ownerId: string }> {
  const [organization, owner] = [await makeOrganization(database, [who.user]), await makeUser(database)];
  await database.db.membership.create({ data: { organizationId: organization.id, userId: owner.id, role: 'owner' } });
  await database.db.connection.update({
    where: { id: who.connection.id },
    data: {
      ownerUserId: null,
      ownerOrganizationId: organization.id,
      sharingMode: 'multi_user',
      assignments: { create: { userId: who.user.id } },
    },
  });
  return { organizationId: organization.id, ownerId: owner.id };
}

describe('#135 what ends a sign-in at the provider', () => {
  const actor = () => ({ userId: who.user.id });
  const settings = () => ({ keyring: travel.providers.keyring, allowUpstreams: travel.providers.allow });
  test.each<[string, () => Promise<unknown>, string]>([
    ['the person signs out', signOut, 'needs_reauth'],
    ['the connection is deleted', () => deleteConnection(database, actor(), who.connection.id, now()), 'removed'],
    [
      'the connection gets another server',
      () =>
        changeConnection(
          database,
          settings(),
          actor(),
          { connectionId: who.connection.id, remoteUrl: `${provider.url}/other` },
          now(),
        ),
      'needs_reauth',
    ],
    [
      'the person is erased',
      async () => eraseUser(database, { userId: who.user.id, actorUserId: (await makeAdmin(database)).id }, now()),
      'removed',
    ],
    [
      'the person leaves the organization',
      async () => {
        const { organizationId } = await inOrganization();
        await removeMember(database, { organizationId, userId: who.user.id, actorUserId: who.user.id }, now());
      },
      'removed',
    ],
    [
      'the organization is deleted',
      async () => {
        const { organizationId, ownerId } = await inOrganization();
        await deleteOrganization(database, { organizationId, actorUserId: ownerId }, now());
      },
      'removed',
    ],
    [
      'the connection is taken from the person',
      async () => {
        const { ownerId } = await inOrganization();
        const which = { connectionId: who.connection.id, userId: who.user.id, actorUserId: ownerId };
        await unassign(database, which, now());
      },
      'removed',
    ],
  ])('%s: it is over here at once, there soon after, and nothing is kept of it', async (_name, end, status) => {
    await end();
    expect(await liveGrantOf(database, who)).toBeNull();
    const instance = await database.db.connectionInstance.findFirstOrThrow({ where: { userId: who.user.id } });
    expect(instance).toMatchObject({ status, upstreamAccount: null });
    expect(provider.revocations).toEqual([]);
    await revokeEnded(travel.providers);
    expect(provider.revocations.map((form) => form.get('token_type_hint'))).toEqual(['refresh_token', 'access_token']);
    expect((await rowsOf()).map(({ sealed }) => sealed)).toEqual(['']);
    expect(await waiting()).toEqual([]);
    // Again: there is nothing more to do.
    await end().catch(() => {});
    expect(await revokeEnded(travel.providers)).toBe(0);
  });

  test('the route is rotated: it stays', async () => {
    await rotateRoute(database, { userId: who.user.id }, who.connection.id, now());
    expect(await liveGrantOf(database, who)).not.toBeNull();
    expect(await waiting()).toEqual([]);
  });

  test('a stranger can end nothing, and cannot tell what is there', async () => {
    const eve = await makeUser(database);
    expect(await disconnect(database, { userId: eve.id, connectionId: who.connection.id }, now())).toMatchObject({
      ok: false,
    });
    expect(await liveGrantOf(database, who)).not.toBeNull();
  });
});

describe('a provider that is not there to be told', () => {
  test('it is tried again, later and later, and then it is told', async () => {
    await signOut();
    provider.instead = (path) => (path === '/revoke' ? { status: 503 } : undefined);
    let last = 0;
    for (let attempt = 1; attempt <= 3; attempt++) {
      await makeDue();
      const before = Date.now();
      expect(await revokeEnded(travel.providers)).toBe(0);
      const [entry] = await waiting();
      expect(entry?.attempts).toBe(attempt);
      const wait = (entry?.nextAttemptAt.getTime() ?? 0) - before;
      expect(wait).toBeGreaterThan(last);
      last = wait;
    }
    // Not due: nobody asks.
    const asked = provider.revocations.length;
    expect(await revokeEnded(travel.providers)).toBe(0);
    expect(provider.revocations.length).toBe(asked);
    provider.instead = () => undefined;
    await makeDue();
    expect(await revokeEnded(travel.providers)).toBe(1);
    expect((await eventsOf()).at(-1)).toMatchObject({
      kind: 'provider.revoked',
      outcome: 'success',
      detail: { outcome: 'revoked', attempts: 4 },
    });
  });

  test('at last it is given up, said so, and what was kept goes all the same', async () => {
    await signOut();
    provider.instead = (path) => (path === '/revoke' ? { status: 503 } : undefined);
    await database.db.providerRevocation.updateMany({ data: { attempts: 11, nextAttemptAt: new Date(0) } });
    await revokeEnded(travel.providers);
    expect((await eventsOf()).at(-1)).toMatchObject({
      kind: 'provider.revoked',
      outcome: 'failure',
      detail: { outcome: 'given_up' },
    });
    expect((await rowsOf()).map(({ sealed }) => sealed)).toEqual(['']);
  });

  test('one that cannot be told at all: nothing is tried, and nothing is kept', async () => {
    const other = await openProviderServer();
    other.metadata = { revocation_endpoint: undefined };
    await database.db.connection.update({ where: { id: who.connection.id }, data: { remoteUrl: other.mcpUrl } });
    await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
    await signOut();
    await revokeEnded(travel.providers);
    expect(other.revocations).toEqual([]);
    expect((await eventsOf()).at(-1)).toMatchObject({ detail: { outcome: 'impossible' } });
    await other.close();
  });

  test('one that refuses: it was told, and that is all', async () => {
    await signOut();
    provider.instead = (path) =>
      path === '/revoke' ? { status: 400, body: { error: 'unsupported_token_type' } } : undefined;
    expect(await revokeEnded(travel.providers)).toBe(1);
    expect(await waiting()).toEqual([]);
  });
});

test('several at the same work: each entry is taken by one', async () => {
  const others = await Promise.all([1, 2, 3].map(() => makeTraveller(database, provider)));
  for (const other of others) {
    await travel.signInThere(other);
    await disconnect(database, { userId: other.user.id, connectionId: other.connection.id }, now());
  }
  await signOut();
  provider.revocations.length = 0;
  const finished = await Promise.all([1, 2, 3].map(() => revokeEnded(travel.providers)));
  expect(finished.reduce((sum, one) => sum + one, 0)).toBe(4);
  expect(new Set(provider.revocations.map((form) => form.get('token'))).size).toBe(provider.revocations.length);
});

test('what ended is forgotten after a day, with the registration that obtained it, and not before its provider was told', async () => {
  await deleteConnection(database, { userId: who.user.id }, who.connection.id, now());
  const later = new Date(Date.now() + 2 * 86_400_000);
  await sweepSignIns(database, later);
  expect(await rowsOf()).toHaveLength(1);
  await revokeEnded(travel.providers);
  await sweepSignIns(database, later);
  expect(await rowsOf()).toEqual([]);
  expect(await database.db.providerClient.count({ where: { connectionId: who.connection.id } })).toBe(0);
  expect(await database.db.pendingProviderAuthorization.count({ where: { userId: who.user.id } })).toBe(0);
});
