/** What a client gets for its target, its origin and its host, and from the metadata: the other half of the table of DESIGN §6. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revokeGrants } from '../core/grants/revoke.ts';
import type { Database } from '../platform/database.ts';
import { transact } from '../platform/transact.ts';
import {
  type Caller,
  call,
  makeCaller,
  openScene,
  type Running,
  type Scene,
  sendRaw,
  startGateway,
  type Upstream,
  until,
} from '../testing/gateway.ts';
import { makeConnection } from '../testing/scene.ts';
import { matches } from './routes.ts';

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

const revoke = () =>
  transact(database, (tx) =>
    revokeGrants(tx, { grantIds: [caller.grantId] }, 'user_revoked', { userId: caller.user.id }, new Date()),
  );
const untouched = () => expect(upstream.got).toEqual([]);

describe('routes', () => {
  it('#3 an unknown, retired, disabled or deleted route is one 404, with and without a token', async () => {
    const [key] = caller.path.split('/').slice(-1) as [string];
    const other = await makeConnection(database, { userId: caller.user.id });
    const targets = [
      caller.path.replace(key, 'A'.repeat(32)),
      caller.path.replace(caller.connection.id, other.id),
      caller.path.replace(caller.user.id, randomUUID()),
      caller.path.replace('/user/', '/org/'),
    ];
    const answers = [];
    for (const target of targets) {
      for (const authorization of [`Bearer ${caller.token}`, ''])
        answers.push(await call(running, caller, { target, headers: { authorization } }));
    }
    const { db } = database;
    const where = { id: caller.connection.id };
    for (const data of [{ status: 'disabled' as const }, { deletedAt: new Date(), status: 'enabled' as const }]) {
      await db.connection.update({ where, data });
      for (const authorization of [`Bearer ${caller.token}`, ''])
        answers.push(await call(running, caller, { headers: { authorization } }));
    }
    await db.connection.update({ where, data: { deletedAt: null } });
    await db.connectResource.updateMany({ where: { connectionId: where.id }, data: { retiredAt: new Date() } });
    answers.push(await call(running, caller), await call(running, caller, { headers: { authorization: '' } }));
    expect(
      new Set(answers.map(({ status, headers, body }) => `${status} ${headers['www-authenticate']} ${body}`)).size,
    ).toBe(1);
    expect(answers[0]?.status).toBe(404);
    untouched();
  });

  it('#164, #165 malformed targets and descendants without passthrough are 404', async () => {
    const { path } = caller;
    const others = [
      `${path};x`,
      `${path}%00`,
      `${path}.json`,
      `${path}/x`,
      `${path}//`,
      `${path}/..`,
      `${path}/%2e%2e/x`,
      `${path}\\x`,
    ];
    for (const target of [
      ...others,
      '/mcp-connect',
      '/mcp-connect/',
      '/mcp-connect;x',
      path.toUpperCase().replace('/MCP-CONNECT', '/mcp-connect'),
    ]) {
      const raw = await sendRaw(
        running,
        `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nAuthorization: Bearer ${caller.token}\r\nConnection: close\r\n\r\n`,
      );
      expect([target, raw.slice(0, 12)]).toEqual([target, 'HTTP/1.1 404']);
    }
    untouched();
    expect((await call(running, caller, { target: `${path}/` })).status).toBe(200);
  });

  it('#165, #166 with passthrough a plain descendant passes as it is, and no other', async () => {
    await database.db.connection.update({ where: { id: caller.connection.id }, data: { pathPassthrough: true } });
    const answer = await call(running, caller, { target: `${caller.path}/a/b%20c?x=1&y=%2F` });
    expect(JSON.parse(answer.body).url).toBe('/mcp/a/b%20c?x=1&y=%2F');
    for (const rest of [
      '/../x',
      '/a/../../x',
      '/%2e%2e/x',
      '/.%2e/x',
      '/..%2fx',
      '/%252e%252e/x',
      '/a%5cb',
      '/a;/../x',
      '//evil',
      '/a//b',
      '/./x',
      '/%00',
    ]) {
      expect([rest, (await call(running, caller, { target: caller.path + rest })).status]).toEqual([rest, 404]);
    }
    expect(upstream.got).toHaveLength(1);
  });

  it('#167 other forms of target, and two Hosts or none, are refused', async () => {
    const head = `Authorization: Bearer ${caller.token}\r\nConnection: close\r\n\r\n`;
    const host = `Host: 127.0.0.1:${running.port}\r\n`;
    expect(matches(`http://evil${caller.path}`)).toBe(false);
    expect(matches(`/${caller.path}`)).toBe(false);
    expect(matches('*')).toBe(false);
    expect(await sendRaw(running, `GET ${caller.path} HTTP/1.1\r\n${host}Host: evil\r\n${head}`)).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(await sendRaw(running, `GET ${caller.path} HTTP/1.0\r\n${head}`)).toMatch(/^HTTP\/1\.1 421 /);
    untouched();
  });

  it('#181 an access token in the query is refused, and never forwarded', async () => {
    for (const name of ['access_token', 'Access_Token', '%61ccess_token']) {
      expect((await call(running, caller, { target: `${caller.path}?a=1&${name}=${caller.token}` })).status).toBe(400);
    }
    untouched();
    expect(JSON.parse((await call(running, caller, { target: `${caller.path}?a=1` })).body).url).toBe('/mcp?a=1');
  });

  it('#164 other methods, bodies where none belong, and upgrades are refused', async () => {
    for (const method of ['HEAD', 'PUT', 'PATCH', 'TRACE', 'PROPFIND']) {
      const answer = await call(running, caller, { method });
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, 'GET, POST, DELETE, OPTIONS']);
    }
    expect((await call(running, caller, { method: 'GET', body: 'x' })).status).toBe(400);
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    expect((await call(running, caller, { method: 'GET', headers: upgrade })).status).toBe(400);
    untouched();
    expect(
      (await call(running, caller, { headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' } })).status,
    ).toBe(200);
  });

  it('a POST that declares more than the limit is 413 before it is read', async () => {
    const text = `POST ${caller.path} HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nAuthorization: Bearer ${caller.token}\r\nContent-Length: 99999999999\r\n\r\n`;
    expect(await sendRaw(running, text)).toMatch(/^HTTP\/1\.1 413 /);
    untouched();
  });

  describe('a client that sends all of a body before it reads is told what there is to tell, not reset:', () => {
    const MIB = 1024 * 1024;

    /** Sends so much, and only then reads. @returns all that came back until the other side closed. */
    async function sendThenRead(mebibytes: number, isChunked: boolean): Promise<string> {
      const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${mebibytes * MIB}`;
      const head = `POST ${caller.path} HTTP/1.1\r\nHost: 127.0.0.1:${running.port}\r\nAuthorization: Bearer ${caller.token}\r\n${framing}\r\n\r\n`;
      const piece = Buffer.alloc(MIB, ' ');
      const chunk = isChunked
        ? Buffer.concat([Buffer.from(`${MIB.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
        : piece;
      const socket = connect(running.port, '127.0.0.1');
      socket.pause();
      socket.write(head);
      for (let n = 0; n < mebibytes; n++) if (!socket.write(chunk)) await once(socket, 'drain');
      if (isChunked) socket.write('0\r\n\r\n');
      let received = '';
      for await (const part of socket) received += part;
      return received;
    }

    it('the declared length is too large', async () => {
      const received = await sendThenRead(66, false);
      expect(received).toMatch(/^HTTP\/1\.1 413 /);
      expect(received).toContain('The request body is too large.');
      untouched();
    });

    it('it grows too large while it is passed on', async () => {
      const { answer } = upstream;
      upstream.answer = (req) => void req.resume().on('error', () => {});
      const received = await sendThenRead(80, true);
      upstream.answer = answer;
      expect(received).toMatch(/^HTTP\/1\.1 413 /);
      expect(received).toContain('The request body is too large.');
      untouched();
    });

    it.each([true, false])('the upstream answers before it has read it (chunked: %s)', async (isChunked) => {
      const { answer } = upstream;
      upstream.answer = (_, res) => void res.writeHead(400, { 'content-type': 'text/plain' }).end('not this');
      const received = await sendThenRead(20, isChunked);
      upstream.answer = answer;
      expect(received).toMatch(/^HTTP\/1\.1 400 /);
      expect(received).toMatch(/not this(\r\n0\r\n\r\n)?$/);
    });

    it('the grant is revoked in the middle of it', async () => {
      const { answer } = upstream;
      const arrived = Promise.withResolvers<void>();
      upstream.answer = (req) => {
        req.resume().on('error', () => {});
        arrived.resolve();
      };
      const sent = sendThenRead(20, true);
      await arrived.promise;
      await revoke();
      const received = await sent;
      upstream.answer = answer;
      expect(received).toMatch(/^HTTP\/1\.1 401 /);
      expect(received).toContain('error="invalid_token"');
    });
  });
});

it('#192 whoever asks for metadata again and again is told when to come again, before the database is asked', async () => {
  const strict = await startGateway(database, { GRANTWAY_REFUSALS_PER_MINUTE: '60' }, running.keyring);
  const ask = (path: string) =>
    call(strict, caller, { method: 'GET', target: `/.well-known/oauth-protected-resource${path}` });
  for (let n = 0; n < 20; n++) expect((await ask(caller.path)).status).toBe(200);
  const refused = await ask(caller.path);
  expect([refused.status, refused.headers['retry-after'], refused.headers['access-control-allow-origin']]).toEqual([
    429,
    '1',
    '*',
  ]);
  // It names no route, so nothing is asked for its sake.
  expect((await ask('')).status).toBe(404);
  await strict.close();
});

describe('browsers', () => {
  it('#179 a foreign Origin is 403 before the credential is looked at; our own, listed and loopback ones pass', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://']) {
      const answer = await call(running, caller, { headers: { origin, authorization: '' } });
      expect([origin, answer.status, answer.headers['access-control-allow-origin']]).toEqual([origin, 403, undefined]);
    }
    untouched();
    for (const origin of [running.config.url, 'http://localhost:3000', 'http://[::1]:9']) {
      const answer = await call(running, caller, { headers: { origin } });
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, origin]);
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  it('#179 a Host that is not ours is refused (DNS rebinding), an alias of loopback is not', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${running.port}`,
      '127.0.0.1',
      `127.0.0.1.evil.example:${running.port}`,
    ]) {
      expect([host, (await call(running, caller, { headers: { host } })).status]).toEqual([host, 421]);
    }
    untouched();
    expect((await call(running, caller, { headers: { host: `localhost:${running.port}` } })).status).toBe(200);
  });

  it('#180 field note E46: preflight is answered without a credential, and a 401 can be read by the page', async () => {
    const origin = 'http://localhost:3000';
    const asked = 'authorization,content-type,mcp-protocol-version,mcp-param-x,last-event-id,cookie,x-api-key';
    const headers = {
      origin,
      authorization: '',
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked,
    };
    const preflight = await call(running, caller, { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'authorization, content-type, mcp-protocol-version, mcp-param-x, last-event-id',
    });
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
    const foreign = await call(running, caller, {
      method: 'OPTIONS',
      headers: { ...headers, origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);
    const answer = await call(running, caller, { headers: { origin, authorization: '' } });
    expect(answer.status).toBe(401);
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
    expect(answer.headers['access-control-expose-headers']).toContain('WWW-Authenticate, Mcp-Session-Id');
  });
});

describe('resource metadata', () => {
  const read = (target: string, headers: Record<string, string> = {}, method = 'GET') =>
    call(running, caller, { method, target, headers: { authorization: '', ...headers } });

  it('#2, #10 names the URL that was called, one authorization server, and the one scope', async () => {
    const answer = await read(`/.well-known/oauth-protected-resource${caller.path}`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      resource: caller.url,
      authorization_servers: [running.config.url],
      scopes_supported: ['mcp:access'],
      bearer_methods_supported: ['header'],
    });
  });

  it('#7, #8 depends on the path alone, and any origin may read it', async () => {
    const target = `/.well-known/oauth-protected-resource${caller.path}`;
    const plain = await read(target);
    const evil = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil',
      origin: 'https://evil.example',
    };
    const other = await read(`${target}?x=1`, evil);
    expect(other.body).toBe(plain.body);
    expect(other.headers['access-control-allow-origin']).toBe('*');
    expect(other.headers['cache-control']).toBe('public, max-age=60');
    const preflight = await read(
      target,
      { origin: 'https://evil.example', 'access-control-request-headers': 'mcp-protocol-version' },
      'OPTIONS',
    );
    expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([
      204,
      'mcp-protocol-version',
    ]);
    expect([(await read(target, {}, 'HEAD')).status, (await read(target, {}, 'POST')).status]).toEqual([200, 405]);
  });

  it('#3, #4 the root form, an unknown route and a retired one are the same 404', async () => {
    const base = '/.well-known/oauth-protected-resource';
    const answers = [
      await read(base),
      await read(`${base}/`),
      await read(`${base}/mcp-connect/x`),
      await read(`${base}${caller.path}/x`),
    ];
    answers.push(await read(base + caller.path.replace(caller.connection.id, randomUUID())));
    await database.db.connectResource.updateMany({
      where: { connectionId: caller.connection.id },
      data: { retiredAt: new Date() },
    });
    answers.push(await read(base + caller.path));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
  });
});

describe('usage', () => {
  it('is touched by MCP traffic, off the response path, with denials counted apart', async () => {
    await call(running, caller);
    await call(running, caller);
    await database.db.user.update({ where: { id: caller.user.id }, data: { blockedAt: new Date() } });
    await call(running, caller);
    const where = { grantId: caller.grantId };
    await until(async () => (await database.db.grantUsage.findFirst({ where }))?.denials === 1);
    expect(await database.db.grantUsage.findFirst({ where })).toMatchObject({ requests: 2, errors: 0, denials: 1 });
    const denied = () => database.db.auditEvent.findMany({ where: { ...where, kind: 'runtime.denied' } });
    await until(async () => (await denied()).length === 1);
    expect(await denied()).toMatchObject([{ outcome: 'denied' }]);
    expect((await database.db.oAuthGrant.findUnique({ where: { id: caller.grantId } }))?.lastUsedAt).not.toBeNull();
  });
});
