/** What happens between setting out for a provider and coming back: revocations, changes, sweeps, second tabs, second calls. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { isWaiting, pausing } from '../../testing/failpoint.ts';
import { violations } from '../../testing/invariants.ts';
import { deadlocks, openProcesses } from '../../testing/processes.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import {
  codeOf,
  liveGrantOf,
  makeTraveller,
  openTravel,
  type Travel,
  type Traveller,
} from '../../testing/provider-scene.ts';
import { makeAdmin } from '../../testing/scene.ts';
import { sweepRequests } from '../authorizations/sweep.ts';
import { deleteConnection } from '../connections/delete.ts';
import { setStatus } from '../connections/enable.ts';
import { revokeGrants } from '../grants/revoke.ts';
import { eraseUser } from '../people/erase.ts';
import { unsealBundle } from './bundle.ts';
import { revokeEnded } from './outbox.ts';
import { disconnect } from './sign-in.ts';
import { wantScopes } from './step-up.ts';
import { sweepSignIns } from './sweep.ts';

let database: Database;
let close: () => Promise<void>;
let others: Database[];
let provider: TestProvider;
let travel: Travel;
beforeAll(async () => {
  const opened = await openProcesses(3);
  [database, ...others] = opened.processes as [Database, ...Database[]];
  close = opened.close;
  provider = await openProviderServer();
  travel = await openTravel(database);
});
afterEach(() => {
  provider.instead = () => undefined;
});
afterAll(async () => {
  expect(await violations(database)).toEqual([]);
  expect(await deadlocks(database)).toBe(0);
  await provider.close();
  await close();
});

const now = () => new Date();
const revokeAll = (who: Traveller) =>
  transact(database, (tx) =>
    revokeGrants(tx, { userIds: [who.user.id] }, 'user_revoked', { userId: who.user.id }, now()),
  );
const codesOf = (who: Traveller) => database.db.authorizationCode.count({ where: { grant: { userId: who.user.id } } });
/** Every token that was given at the last exchange is dead at the provider, once the outbox was worked through. */
const expectDiscarded = async (who: Traveller) => {
  expect(await liveGrantOf(database, who)).toBeNull();
  const before = provider.revocations.length;
  await revokeEnded(travel.providers);
  expect(provider.revocations.length).toBeGreaterThan(before);
  const rows = await database.db.providerGrant.findMany({ where: { instance: { userId: who.user.id } } });
  expect(rows.map(({ sealed }) => sealed)).toEqual(rows.map(() => ''));
};

/** While the exchange is at the provider, `act` happens. */
const during = (act: () => Promise<unknown>) => {
  provider.instead = async (path) => {
    if (path === '/token') await act();
    return undefined;
  };
};

test.each<[string, (who: Traveller) => Promise<unknown>]>([
  ['the grant is revoked', revokeAll],
  [
    'the connection is disabled',
    (who) =>
      setStatus(database, { userId: who.user.id }, { connectionId: who.connection.id, status: 'disabled' }, now()),
  ],
  ['the connection is deleted', (who) => deleteConnection(database, { userId: who.user.id }, who.connection.id, now())],
  [
    'the person is erased',
    async (who) => eraseUser(database, { userId: who.user.id, actorUserId: (await makeAdmin(database)).id }, now()),
  ],
])(
  '#310 #230 %s while the provider answers: nothing is kept, no code, and the fresh tokens are ended there',
  async (_name, end) => {
    const who = await makeTraveller(database, provider);
    const back = await travel.visit((await travel.setOut(who)).to);
    during(() => end(who));
    const answer = await travel.comeBack(who, back);
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('Access was revoked meanwhile'),
    ]);
    expect(await codesOf(who)).toBe(0);
    await expectDiscarded(who);
  },
);

test('#310 a connection that is changed while the provider answers keeps nothing of the old sign-in', async () => {
  const who = await makeTraveller(database, provider);
  const back = await travel.visit(await travel.setOutAlone(who));
  during(() =>
    database.db.connection.update({ where: { id: who.connection.id }, data: { version: { increment: 1 } } }),
  );
  expect((await travel.comeBack(who, back)).status).toBe(400);
  await expectDiscarded(who);
});

test('#311 a revocation that comes while the callback commits waits, and ends what it made', async () => {
  const who = await makeTraveller(database, provider);
  const back = await travel.visit((await travel.setOut(who)).to);
  const pause = pausing(
    database,
    (moment) => moment.phase === 'after' && moment.text.startsWith('authorizationCode.create'),
  );
  const slow = await openTravel(pause.database, { keyring: travel.providers.keyring });
  const callback = slow.comeBack(who, back);
  await pause.reached;
  const revocation = revokeAll(who);
  expect(await isWaiting(revocation)).toBe(true);
  pause.resume();
  expect(codeOf((await callback).headers.get('location') ?? '')).not.toBeNull();
  expect((await revocation).receipt).toMatchObject({ grants: 1, authorizationCodes: 1 });
});

test('#312 the same callback twenty times at once, on three processes: one token call, one code', async () => {
  const who = await makeTraveller(database, provider);
  const back = await travel.visit((await travel.setOut(who)).to);
  const all = [travel];
  for (const other of others) all.push(await openTravel(other, { keyring: travel.providers.keyring }));
  const calls = provider.tokenCalls.length;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (all[index % all.length] as Travel).comeBack(who, back)),
  );
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
  expect(provider.tokenCalls.length).toBe(calls + 1);
  expect(await codesOf(who)).toBe(1);
});

test('#313 everything is swept while the callback is at the provider: nothing is orphaned, and a page says so', async () => {
  const who = await makeTraveller(database, provider);
  const { to, handle } = await travel.setOut(who);
  const back = await travel.visit(to);
  const later = new Date(Date.now() + 2 * 86_400_000);
  during(async () => {
    await sweepRequests(database, later);
    await sweepSignIns(database, later);
  });
  expect((await travel.comeBack(who, back)).status).toBe(400);
  const request = await database.db.authorizationRequest.findUniqueOrThrow({ where: { handle } });
  expect(request).toMatchObject({ status: 'expired', grantId: null });
  expect(await database.db.oAuthGrant.count({ where: { userId: who.user.id } })).toBe(0);
  await expectDiscarded(who);
});

test('#313 who never comes back leaves nothing that waits', async () => {
  const who = await makeTraveller(database, provider);
  const { handle } = await travel.setOut(who);
  const later = new Date(Date.now() + 33 * 60_000);
  await sweepSignIns(database, later);
  await sweepRequests(database, later);
  const request = await database.db.authorizationRequest.findUniqueOrThrow({ where: { handle } });
  expect(request).toMatchObject({ status: 'expired', grantId: null });
  expect(await database.db.oAuthGrant.count({ where: { userId: who.user.id } })).toBe(0);
  const [pending] = await database.db.pendingProviderAuthorization.findMany({ where: { userId: who.user.id } });
  expect(pending).toMatchObject({ status: 'failed', sealed: '' });
});

test('#314 an older sign-in that comes back later does not overwrite a newer one; its client gets in all the same', async () => {
  const who = await makeTraveller(database, provider);
  const older = await travel.visit((await travel.setOut(who)).to);
  const newer = await travel.visit(await travel.setOutAlone(who));
  await travel.comeBack(who, newer);
  const kept = await liveGrantOf(database, who);
  const answer = await travel.comeBack(who, older);
  expect(codeOf(answer.headers.get('location') ?? '')).not.toBeNull();
  expect((await liveGrantOf(database, who))?.id).toBe(kept?.id);
});

test('#314 a newer sign-in takes the place of an older one, and one that the provider no longer accepts yields to any', async () => {
  const who = await makeTraveller(database, provider);
  const older = await travel.visit((await travel.setOut(who)).to);
  const newer = await travel.visit(await travel.setOutAlone(who));
  await travel.comeBack(who, older);
  const first = await liveGrantOf(database, who);
  await travel.comeBack(who, newer);
  const second = await liveGrantOf(database, who);
  expect(second?.id).not.toBe(first?.id);

  const another = await travel.visit(await travel.setOutAlone(who));
  const { id, sealed } = await database.db.providerGrant.findUniqueOrThrow({ where: { id: second?.id ?? '' } });
  await database.db.providerGrant.update({ where: { id }, data: { signInStartedAt: new Date(Date.now() + 60_000) } });
  await database.db.connectionInstance.update({
    where: { id: second?.instanceId ?? '' },
    data: { status: 'needs_reauth' },
  });
  await travel.comeBack(who, another);
  const third = await liveGrantOf(database, who);
  expect([third?.id === id, third?.sealed === sealed, third?.instance.status]).toEqual([false, false, 'active']);
});

test('#310 signing out while the provider answers: what was set out for before is not kept', async () => {
  const who = await makeTraveller(database, provider);
  const back = await travel.visit(await travel.setOutAlone(who));
  during(() => disconnect(database, { userId: who.user.id, connectionId: who.connection.id }, now()));
  expect((await travel.comeBack(who, back)).status).toBe(400);
  await expectDiscarded(who);
});

test('#228 a second sign-in without a refresh token keeps the first one’s, for an account known to be the same alone', async () => {
  const who = await makeTraveller(database, provider);
  await travel.signInThere(who);
  const again = async (instead: TestProvider['instead']) => {
    provider.instead = instead;
    await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
  };
  const without: TestProvider['instead'] = (path, _form, ordinary) => {
    if (path !== '/token') return undefined;
    const { refresh_token: _dropped, ...body } = ordinary.body as Record<string, unknown>;
    return { ...ordinary, body };
  };
  const asAccount =
    (account: object | undefined): TestProvider['instead'] =>
    (path, form, ordinary) =>
      path === '/userinfo' ? { status: account ? 200 : 403, body: account } : without(path, form, ordinary);
  await again(without);
  expect(await refreshTokenOf(who)).toMatch(/^canary-refresh/);
  // Another account of the same name.
  await again(asAccount({ sub: 'u-2', email: 'ada@provider.example' }));
  expect(await refreshTokenOf(who)).toBeNull();
  // Accounts that nobody names: they may be two.
  await again(() => undefined);
  await again(asAccount(undefined));
  expect(await refreshTokenOf(who)).toBeNull();
  await again((path) => (path === '/userinfo' ? { status: 403 } : undefined));
  expect(await refreshTokenOf(who)).toMatch(/^canary-refresh/);
  await again(asAccount(undefined));
  expect(await refreshTokenOf(who)).toBeNull();
});

test('a sign-in that fails while its request is swept waits, and nobody locks anybody out', async () => {
  const who = await makeTraveller(database, provider);
  const back = new URL(await travel.visit((await travel.setOut(who)).to));
  back.searchParams.delete('code');
  back.searchParams.set('error', 'access_denied');
  const pause = pausing(
    database,
    (moment) => moment.phase === 'after' && moment.text.startsWith('pendingProviderAuthorization.updateMany'),
  );
  const slow = await openTravel(pause.database, { keyring: travel.providers.keyring });
  const callback = slow.comeBack(who, back.href);
  await pause.reached;
  const sweep = sweepRequests(others[0] as Database, new Date(Date.now() + 2 * 86_400_000));
  expect(await isWaiting(sweep)).toBe(true);
  pause.resume();
  const location = new URL((await callback).headers.get('location') ?? '');
  expect(location.searchParams.get('error')).toBe('access_denied');
  await sweep;
  expect(await database.db.oAuthGrant.count({ where: { userId: who.user.id } })).toBe(0);
});

test('#300 a request that is gone back to while its callback commits waits for it, and finds it closed', async () => {
  const who = await makeTraveller(database, provider);
  const { to, handle } = await travel.setOut(who);
  const back = await travel.visit(to);
  const pause = pausing(
    database,
    (moment) => moment.phase === 'after' && moment.text.startsWith('SELECT id FROM connection_instance'),
  );
  const slow = await openTravel(pause.database, { keyring: travel.providers.keyring });
  const callback = slow.comeBack(who, back);
  await pause.reached;
  const again = travel.approveAgain(who, handle).catch((error: unknown) => String(error));
  const waiting = () => database.db.$queryRaw<unknown[]>`SELECT 1 FROM pg_locks WHERE NOT granted`;
  await expect.poll(async () => (await waiting()).length, { timeout: 10_000 }).toBeGreaterThan(0);
  pause.resume();
  expect(codeOf((await callback).headers.get('location') ?? '')).not.toBeNull();
  expect(await again).toContain('closed');
});

test('#223 an upstream that wants more, of a sign-in that a newer one takes the place of: the newer one is not doubted', async () => {
  const who = await makeTraveller(database, provider);
  await travel.signInThere(who);
  const former = await liveGrantOf(database, who);
  const providerGrantId = former?.id ?? '';
  const pause = pausing(
    database,
    (moment) => moment.phase === 'after' && moment.text.startsWith('providerGrant.create'),
  );
  const slow = await openTravel(pause.database, { keyring: travel.providers.keyring });
  const callback = slow.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
  await pause.reached;
  const wanted = wantScopes(others[0] as Database, { providerGrantId, scopes: ['more'] }, now());
  expect(await isWaiting(wanted)).toBe(true);
  pause.resume();
  await callback;
  expect(await wanted).toBe(false);
  expect((await liveGrantOf(database, who))?.instance.status).toBe('active');
});

async function refreshTokenOf(who: Traveller): Promise<string | null> {
  const live = await liveGrantOf(database, who);
  return (await unsealBundle(travel.providers.keyring, live?.id ?? '', live?.sealed ?? '')).refreshToken;
}
