/** Refreshing at a provider: one call however many wait, nothing lost and nothing overwritten whoever comes late. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { Unavailable } from '../../platform/transient.ts';
import { until } from '../../testing/gateway.ts';
import { violations } from '../../testing/invariants.ts';
import { openProcesses } from '../../testing/processes.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { liveGrantOf, makeTraveller, openTravel, type Travel, type Traveller } from '../../testing/provider-scene.ts';
import { KEYS } from '../../testing/scene.ts';
import { type Credentials, openCredentials } from './credential.ts';
import type { ProviderDeps } from './deps.ts';
import { revokeEnded } from './outbox.ts';
import { refreshGrant } from './refresh.ts';
import { disconnect } from './sign-in.ts';

let database: Database;
let processes: Database[];
let close: () => Promise<void>;
let url: string;
let provider: TestProvider;
let travel: Travel;
let who: Traveller;
beforeAll(async () => {
  ({ processes, url, close } = await openProcesses(3));
  database = processes[0] as Database;
  provider = await openProviderServer();
  travel = await openTravel(database);
});
beforeEach(async () => {
  provider.expiresIn = 3600;
  who = await makeTraveller(database, provider);
  await travel.signInThere(who);
});
afterEach(() => {
  provider.instead = () => undefined;
  provider.rotates = true;
});
afterAll(async () => {
  expect(await violations(database)).toEqual([]);
  await provider.close();
  await close();
});

/** As another process has it: an own pool, an own memory, an own clock where the test gives one. */
const elsewhere = (index: number, over: Partial<ProviderDeps> = {}): ProviderDeps => ({
  ...travel.providers,
  database: processes[index % processes.length] as Database,
  ...over,
});
const live = async () => {
  const grant = await liveGrantOf(database, who);
  if (!grant) throw new Error('signed out');
  return grant;
};
const expire = async () => {
  const { id } = await live();
  await database.db.providerGrant.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1_000) } });
  return live();
};
const endLease = (id: string) =>
  database.db.providerGrant.update({ where: { id }, data: { leaseUntil: new Date(Date.now() - 1_000) } });
const calls = (): number => provider.tokenCalls.filter((form) => form.get('grant_type') === 'refresh_token').length;

/** Holds the provider's answer to the next refresh until it is let go. */
function holdRefresh() {
  let release: () => void = () => {};
  let reach: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let first = true;
  provider.instead = async (path) => {
    if (path !== '/token' || !first) return undefined;
    first = false;
    reach();
    await released;
    return undefined;
  };
  return { reached, release: () => release() };
}

describe('#225 #325 everyone at once', () => {
  test('field note A11: 200 requests of three processes: exactly one call, and all of them go on with the new token', async () => {
    const { id, version } = await expire();
    const before = calls();
    const each: Credentials[] = [0, 1, 2].map((index) => openCredentials(elsewhere(index)));
    const taken = await Promise.all(
      Array.from({ length: 200 }, (_, index) => (each[index % 3] as Credentials).take(id, version)),
    );
    expect(calls() - before).toBe(1);
    expect(new Set(taken.map((credential) => credential?.version))).toEqual(new Set([2]));
    expect(new Set(taken.map((credential) => credential?.accessToken)).size).toBe(1);
    expect(provider.isLive(taken[0]?.accessToken ?? '')).toBe(true);
  });

  test('200 requests of three real processes: exactly one call', async () => {
    const { id, version } = await expire();
    const before = calls();
    const arrangement = { url, keys: await KEYS, id, version, times: 67 };
    const said = await Promise.all([1, 2, 3].map(() => takeInAProcess(arrangement)));
    expect(calls() - before).toBe(1);
    expect(said).toEqual([[2], [2], [2]]);
  });

  test('200 requests whose token was refused: one call as well', async () => {
    const { id, version } = await live();
    const before = calls();
    const each = [0, 1, 2].map((index) => openCredentials(elsewhere(index)));
    const renewed = await Promise.all(
      Array.from({ length: 200 }, (_, index) => (each[index % 3] as Credentials).renew(id, version)),
    );
    expect(calls() - before).toBe(1);
    expect(renewed.every((credential) => credential !== null && credential !== 'unhelpful')).toBe(true);
  });
});

async function takeInAProcess(arrangement: object): Promise<number[]> {
  const script = join(import.meta.dirname, '../../testing/take-credential.ts');
  const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(arrangement)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(child, 'close');
  return JSON.parse(said) as number[];
}

describe('#327 whoever comes late', () => {
  test('field note A11: a holder that stood still, while another used its refresh token in vain, brings the only answer that counts', async () => {
    const { id, version, instanceId } = await expire();
    const hold = holdRefresh();
    const slow = refreshGrant(elsewhere(0), id, version);
    await hold.reached;
    await endLease(id);
    // The provider has rotated already: the old refresh token is dead.
    expect(await refreshGrant(elsewhere(1), id, version)).toBe('needs_sign_in');
    expect((await live()).instance.status).toBe('needs_reauth');
    hold.release();
    expect(await slow).toBe('refreshed');
    expect(await live()).toMatchObject({ version: version + 1, instance: { id: instanceId, status: 'active' } });
    const taken = await openCredentials(elsewhere(2)).take(id, version + 1);
    expect(provider.isLive(taken?.accessToken ?? '')).toBe(true);
  });

  test.each([
    ['issued earlier: what is there stays', -5_000, false],
    ['issued later: it is kept', 5_000, true],
  ])('an answer that comes after another was stored, %s', async (_name, offset, kept) => {
    provider.rotates = false;
    const { id, version } = await expire();
    let first = true;
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    provider.instead = async (path, _form, ordinary) => {
      if (path !== '/token') return undefined;
      const isFirst = first;
      first = false;
      if (isFirst) await held;
      const date = new Date(Date.now() + (isFirst ? offset : 0)).toUTCString();
      return { ...ordinary, headers: { date } };
    };
    const late = refreshGrant(elsewhere(0), id, version);
    while (first) await new Promise((resolve) => setTimeout(resolve, 5));
    await endLease(id);
    expect(await refreshGrant(elsewhere(1), id, version)).toBe('refreshed');
    const stored = await live();
    letGo();
    expect(await late).toBe('refreshed');
    const after = await live();
    expect(after.version).toBe(kept ? version + 2 : version + 1);
    expect(after.sealed === stored.sealed).toBe(!kept);
  });

  test('#230 a sign-out while the provider answers: nothing is stored, and what it gave is ended there', async () => {
    const { id, version } = await expire();
    const hold = holdRefresh();
    const slow = refreshGrant(elsewhere(0), id, version);
    await hold.reached;
    await disconnect(database, { userId: who.user.id, connectionId: who.connection.id }, new Date());
    hold.release();
    await expect(slow).rejects.toThrow(Unavailable);
    expect(await liveGrantOf(database, who)).toBeNull();
    const given = [...provider.secrets].filter((secret) => secret.startsWith('canary-access')).at(-1) ?? '';
    expect(provider.isLive(given)).toBe(true);
    await revokeEnded(travel.providers);
    expect(provider.isLive(given)).toBe(false);
  });

  test('#314 another sign-in while the provider answers: what it gave is dropped, and not ended there, because the new one might end with it', async () => {
    const { id, version } = await expire();
    const hold = holdRefresh();
    const slow = refreshGrant(elsewhere(0), id, version);
    await hold.reached;
    await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
    const newer = await live();
    hold.release();
    await expect(slow).rejects.toThrow(Unavailable);
    expect(await live()).toMatchObject({ id: newer.id, version: newer.version });
    const told = { providerGrant: { instanceId: newer.instanceId } };
    expect(await database.db.providerRevocation.count({ where: told })).toBe(0);
  });

  test('#226 a holder that died after the provider answered: the lease ends, and the person signs in again', async () => {
    const { id, version } = await expire();
    const hold = holdRefresh();
    const broken = Object.assign(new Error('the process is gone'), { code: 'TEST' });
    const dying: Database = {
      ...database,
      db: new Proxy(database.db, {
        get: (target, name) => (name === '$transaction' ? () => Promise.reject(broken) : Reflect.get(target, name)),
      }),
    };
    const dead = refreshGrant(elsewhere(0, { database: dying }), id, version);
    await hold.reached;
    hold.release();
    await expect(dead).rejects.toThrow('the process is gone');
    await endLease(id);
    expect(await refreshGrant(elsewhere(1), id, version)).toBe('needs_sign_in');
    const events = await database.db.auditEvent.findMany({
      where: { ownerUserId: who.user.id, kind: 'provider.needs_reauth' },
    });
    expect(events.map(({ detail }) => detail)).toEqual([expect.objectContaining({ reason: 'invalid_grant' })]);
    expect(await database.db.oAuthGrant.count({ where: { userId: who.user.id, status: 'active' } })).toBe(1);
  });
});

describe('#229 field note A12: what the provider answers', () => {
  test.each<[string, { status: number; body?: unknown; headers?: Record<string, string> }]>([
    ['429', { status: 429, body: {}, headers: { 'retry-after': '17' } }],
    ['500', { status: 500, body: 'oh' }],
    ['invalid_client', { status: 401, body: { error: 'invalid_client' } }],
    ['invalid_scope', { status: 400, body: { error: 'invalid_scope' } }],
    ['HTML', { status: 200, body: '<html>' }],
    ['no bearer token', { status: 200, body: { access_token: 'a', token_type: 'mac' } }],
  ])('%s passes: nothing is marked, and the provider has a rest', async (_name, reply) => {
    const { id, version } = await expire();
    provider.rotates = false;
    provider.instead = (path) => (path === '/token' ? reply : undefined);
    const before = calls();
    const thrown = await refreshGrant(elsewhere(0), id, version).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Unavailable);
    if (reply.status === 429) expect((thrown as Unavailable).retryAfter).toBe(17);
    // While it rests nobody asks, and nobody waits.
    await expect(refreshGrant(elsewhere(1), id, version)).rejects.toThrow(Unavailable);
    expect(calls() - before).toBe(1);
    expect(await live()).toMatchObject({ version, failures: 1, instance: { status: 'active' } });
    provider.instead = () => undefined;
    await endLease(id);
    expect(await refreshGrant(elsewhere(1), id, version)).toBe('refreshed');
    expect((await live()).failures).toBe(0);
    // A provider that does not know us any more: its next sign-in registers anew.
    const retired = reply.status === 401;
    expect((await live()).providerClient.retiredAt !== null).toBe(retired);
  });

  test('a client that the provider goes on not to know: each is led to sign in, as one that is registered anew, once', async () => {
    const lost = await expire();
    const other = await makeTraveller(database, provider);
    provider.instead = (path) => (path === '/token' ? { status: 401, body: { error: 'invalid_client' } } : undefined);
    for (let failures = 1; failures <= 5; failures++) {
      await expect(refreshGrant(elsewhere(failures), lost.id, lost.version)).rejects.toThrow(Unavailable);
      expect(await live()).toMatchObject({ failures, instance: { status: 'active' } });
      await endLease(lost.id);
    }
    const each = [0, 1, 2].map((index) => openCredentials(elsewhere(index)));
    const taken = await Promise.all(each.map((credentials) => credentials.take(lost.id, lost.version)));
    expect(taken).toEqual([null, null, null]);
    expect((await live()).instance.status).toBe('needs_reauth');
    const marked = { ownerUserId: who.user.id, kind: 'provider.needs_reauth' };
    expect(await database.db.auditEvent.findMany({ where: marked })).toMatchObject([
      { detail: { reason: 'invalid_client' } },
    ]);
    expect(await database.db.oAuthGrant.count({ where: { userId: who.user.id, status: 'active' } })).toBe(1);
    provider.instead = () => undefined;
    // Several set out at once: one new registration for all of them.
    const ways = await Promise.all([travel.setOut(who), travel.setOut({ ...who, client: other.client })]);
    expect(new Set(ways.map(({ to }) => new URL(to).searchParams.get('client_id'))).size).toBe(1);
    await travel.comeBack(who, await travel.visit(ways[0].to));
    const found = await live();
    expect(found).toMatchObject({ instance: { status: 'active' }, providerClient: { retiredAt: null } });
    expect(found.providerClientId).not.toBe(lost.providerClientId);
    const rows = await database.db.providerClient.findMany({ where: { connectionId: who.connection.id } });
    expect(rows.map(({ retiredAt }) => retiredAt === null).sort()).toEqual([false, true]);
  });

  test.each([
    ['invalid_grant', 400, { error: 'invalid_grant' }],
    ['bad_refresh_token in a 200', 200, { error: 'bad_refresh_token' }],
  ])('%s is final: the instance is marked once, with a record', async (_name, status, body) => {
    const { id, version } = await expire();
    provider.instead = (path) => (path === '/token' ? { status, body } : undefined);
    const each = [0, 1, 2].map((index) => openCredentials(elsewhere(index)));
    const taken = await Promise.all(
      Array.from({ length: 30 }, (_, index) => (each[index % 3] as Credentials).take(id, version)),
    );
    expect(new Set(taken)).toEqual(new Set([null]));
    expect((await live()).instance.status).toBe('needs_reauth');
    expect(
      await database.db.auditEvent.count({ where: { ownerUserId: who.user.id, kind: 'provider.needs_reauth' } }),
    ).toBe(1);
  });

  test('#228 field note A13: a refresh without a refresh token keeps the one there is; the same and a new one are taken', async () => {
    for (const change of [{ refresh_token: undefined }, { refresh_token: '' }, { refresh_token: null }, {}]) {
      provider.rotates = Object.keys(change).length === 0;
      provider.instead = (path, _form, ordinary) =>
        path === '/token' ? { ...ordinary, body: { ...(ordinary.body as object), ...change } } : undefined;
      const { id, version } = await expire();
      expect(await refreshGrant(elsewhere(0), id, version)).toBe('refreshed');
    }
    const { id, version } = await expire();
    expect(await refreshGrant(elsewhere(0), id, version)).toBe('refreshed');
  });

  test('a token that is nearly over is used while its successor is fetched, and while that cannot be had', async () => {
    provider.rotates = false;
    const { id, version } = await live();
    await database.db.providerGrant.update({
      where: { id },
      data: { expiresAt: new Date(Date.now() + 20_000), updatedAt: new Date(Date.now() - 3_600_000) },
    });
    provider.instead = (path) => (path === '/token' ? { status: 503 } : undefined);
    const credentials = openCredentials(elsewhere(0));
    const before = calls();
    expect((await credentials.take(id, version))?.version).toBe(version);
    await until(async () => (await live()).failures === 1);
    expect((await credentials.take(id, version))?.version).toBe(version);
    expect(calls() - before).toBe(1);
    provider.instead = () => undefined;
    await endLease(id);
    expect((await credentials.take(id, version))?.version).toBe(version);
    await until(async () => (await live()).version === version + 1);
  });

  test('#201 a fresh token that is refused is not refreshed again, but one that is older is', async () => {
    const { id, version } = await live();
    const credentials = openCredentials(elsewhere(0));
    const first = await credentials.renew(id, version);
    expect(first).toMatchObject({ version: version + 1 });
    const before = calls();
    for (let index = 0; index < 20; index++) expect(await credentials.renew(id, version + 1)).toBe('unhelpful');
    expect(calls()).toBe(before);
    const later = openCredentials(elsewhere(1, { clock: () => new Date(Date.now() + 61_000) }));
    expect(await later.renew(id, version + 1)).toMatchObject({ version: version + 2 });
  });
});
