/** Revocation reaches what is open: in this process at once, in others by announcement, and by the re-check when none arrives. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revokeFamilies, revokeGrants } from '../core/grants/revoke.ts';
import type { Database } from '../platform/database.ts';
import { transact } from '../platform/transact.ts';
import {
  type Caller,
  call,
  makeCaller,
  open,
  openScene,
  type Running,
  type Scene,
  startGateway,
  type Upstream,
  until,
} from '../testing/gateway.ts';

let scene: Scene;
let database: Database;
let running: Running;
let upstream: Upstream;
let caller: Caller;
let upstreamStreams: ServerResponse[];

beforeAll(async () => {
  scene = await openScene();
  ({ database, running, upstream } = scene);
});
afterAll(() => scene.close());
beforeEach(async () => {
  caller = await makeCaller(database, running, upstream.url);
  upstreamStreams = [];
  upstream.answer = (req, res) => {
    req.resume();
    upstreamStreams.push(res.writeHead(200, { 'content-type': 'text/event-stream' }));
    res.write('data: 0\n\n');
  };
});

type Watched = { res: IncomingMessage; text: () => string; ended: Promise<'end' | 'broken'> };

async function stream(at: Running = running, who: Caller = caller): Promise<Watched> {
  const headers = at === running ? {} : { host: new URL(running.config.url).host };
  const { req, answered } = open(at, who, { method: 'GET', headers });
  req.end();
  const res = await answered;
  expect(res.statusCode).toBe(200);
  let text = '';
  res.setEncoding('utf8');
  res.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise<'end' | 'broken'>((resolve) => {
    res.once('end', () => resolve('end'));
    res.once('error', () => resolve('broken'));
  });
  await until(() => text !== '');
  return { res, text: () => text, ended };
}

const revoke = (who: Caller = caller, on: Database = database) =>
  transact(on, (tx) =>
    revokeGrants(tx, { grantIds: [who.grantId] }, 'user_revoked', { userId: who.user.id }, new Date()),
  );
/** A revocation that nobody announces. */
const revokeSilently = () =>
  database.db.oAuthGrant.update({
    where: { id: caller.grantId },
    data: { status: 'revoked', revokedAt: new Date(), revocationReason: 'user_revoked' },
  });
const audited = (who: Caller = caller) =>
  database.db.auditEvent.findMany({ where: { kind: 'stream.ended', grantId: who.grantId } });

describe('in one process', () => {
  it('#186 field note B21: endStreams ends the streams of a grant at once, and says how many', async () => {
    const other = await makeCaller(database, running, upstream.url);
    const [first, second, others] = [await stream(), await stream(), await stream(running, other)];
    await revoke();
    // Whether this or the announcement was faster, the receipt is the same.
    expect(running.gateway.endStreams({ grantIds: [caller.grantId] })).toBe(2);
    for (const response of upstreamStreams) response.write('data: late\n\n');
    expect([await first.ended, await second.ended]).toEqual(['end', 'end']);
    expect(first.text() + second.text()).not.toContain('late');
    await until(() => others.text().includes('late'));
    others.res.destroy();
    await until(() => upstreamStreams.slice(0, 2).every((response) => response.destroyed));
  });

  it('counts what it ended, and nothing twice', async () => {
    await stream();
    await stream();
    expect(running.gateway.endStreams({ grantIds: [caller.grantId], familyIds: [caller.familyId] })).toBe(2);
    expect(running.gateway.endStreams({ grantIds: [caller.grantId] })).toBe(0);
    await until(async () => (await audited()).length === 1);
    const [event] = await audited();
    expect(event).toMatchObject({
      ownerUserId: caller.user.id,
      connectionId: caller.connection.id,
      oauthClientId: caller.client.id,
      detail: { streams: 2, because: 'revoked' },
    });
  });

  it('#186 a request that waits for its answer when the grant ends gets 401, and nothing of the upstream', async () => {
    let answer: ServerResponse | undefined;
    upstream.answer = (_, res) => {
      answer = res;
    };
    const pending = call(running, caller, { body: '{"secret":1}' });
    await until(() => answer !== undefined);
    await revoke();
    running.gateway.endStreams({ grantIds: [caller.grantId] });
    answer?.writeHead(200, { 'content-type': 'application/json' }).end('{"data":"secret"}');
    const got = await pending;
    expect(got.status).toBe(401);
    expect(got.headers['www-authenticate']).toContain('invalid_token');
    expect(got.body).not.toContain('secret');
  });

  it('a plain answer that is under way breaks off, so that a part does not look whole', async () => {
    upstream.answer = (req, res) => {
      req.resume();
      res.writeHead(200, { 'content-type': 'application/json' }).write('{"part":');
    };
    const { req, answered } = open(running, caller, { method: 'GET' });
    req.end();
    const res = await answered;
    res.resume();
    expect(running.gateway.endStreams({ grantIds: [caller.grantId] })).toBe(1);
    await expect(once(res, 'end')).rejects.toThrow();
  });

  it('one family ends without the other of the same grant', async () => {
    const second = await makeCaller(database, running, upstream.url, {
      user: caller.user,
      client: caller.client,
      connection: caller.connection,
    });
    expect(second.grantId).toBe(caller.grantId);
    const [laptop, desktop] = [await stream(), await stream(running, second)];
    await transact(database, (tx) =>
      revokeFamilies(
        tx,
        { grantId: caller.grantId, familyIds: [caller.familyId] },
        'client_revoked',
        { userId: null },
        new Date(),
      ),
    );
    expect(await laptop.ended).toBe('end');
    upstreamStreams[1]?.write('data: still\n\n');
    await until(() => desktop.text().includes('still'));
    desktop.res.destroy();
  });
});

describe('from elsewhere', () => {
  it('an announcement of a commit ends the streams, long before the re-check would', async () => {
    const open = await stream();
    await revoke();
    const begun = performance.now();
    expect(await open.ended).toBe('end');
    expect(performance.now() - begun).toBeLessThan(1_500);
    await until(async () => (await audited()).length === 1);
  });

  it('more grants than one announcement can name end by a sweep', async () => {
    const open = await stream();
    await revokeSilently();
    await database.query('announce-sweep', "SELECT pg_notify('grantway_revoked', 'sweep')", []);
    expect(await open.ended).toBe('end');
  });

  it('#186 without any announcement the re-check ends it within five seconds, whatever the cause', async () => {
    const other = await makeCaller(database, running, upstream.url);
    const [ofGrant, ofUser] = [await stream(), await stream(running, other)];
    await revokeSilently();
    await database.db.user.update({ where: { id: other.user.id }, data: { blockedAt: new Date() } });
    const begun = performance.now();
    expect([await ofGrant.ended, await ofUser.ended]).toEqual(['end', 'end']);
    expect(performance.now() - begun).toBeLessThan(5_500);
  });

  it('#187 a stream outlives its token while the grant stands, and a fault of the database ends nothing', async () => {
    let faulty = false;
    const failing: Database = {
      ...database,
      rows: (...args) => (faulty ? Promise.reject(new Error('away')) : database.rows(...args)),
    };
    const second = await startGateway(failing, { GRANTWAY_URL: running.config.url }, running.keyring);
    const short = { ...caller, token: await caller.mint({}, 1) };
    const open = await stream(second, short);
    faulty = true;
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    upstreamStreams[0]?.write('data: still\n\n');
    await until(() => open.text().includes('still'));
    faulty = false;
    await revokeSilently();
    expect(await open.ended).toBe('end');
    await second.close();
  });

  it('closing ends event streams cleanly and leaves other requests to their own end', async () => {
    const second = await startGateway(database, { GRANTWAY_URL: running.config.url }, running.keyring);
    const open = await stream(second);
    upstream.answer = (req, res) => {
      req.resume();
      setTimeout(() => res.end('{}'), 200);
    };
    const pending = call(second, caller, { headers: { host: new URL(running.config.url).host } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    second.gateway.endAllStreams();
    expect(await open.ended).toBe('end');
    expect((await pending).status).toBe(200);
    await second.close();
    expect(await audited()).toEqual([]);
  });
});
