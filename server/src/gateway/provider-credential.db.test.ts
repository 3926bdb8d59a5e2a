/** Upstreams that sign people in by OAuth: what they are sent, and what happens when they refuse it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revokeEnded } from '../core/providers/outbox.ts';
import { disconnect } from '../core/providers/sign-in.ts';
import type { Database } from '../platform/database.ts';
import { openTestDatabase } from '../testing/database.ts';
import { type Caller, call, makeCaller, open, type Running, startGateway, until } from '../testing/gateway.ts';
import { openProviderServer, type TestProvider } from '../testing/provider.ts';
import { liveGrantOf, makeTraveller, openTravel, type Travel, type Traveller } from '../testing/provider-scene.ts';

let database: Database;
let running: Running;
let provider: TestProvider;
let travel: Travel;
let who: Traveller;
let caller: Caller;

beforeAll(async () => {
  database = await openTestDatabase();
  travel = await openTravel(database);
  running = await startGateway(database, {}, travel.providers.keyring);
  provider = await openProviderServer();
});
beforeEach(async () => {
  who = await makeTraveller(database, provider);
  await travel.signInThere(who);
  caller = await makeCaller(database, running, provider.mcpUrl, who);
});
afterEach(() => {
  provider.instead = () => undefined;
  provider.expiresIn = 3600;
});
afterAll(async () => {
  await running?.close();
  await provider?.close();
  await database?.close();
});

const refreshes = (): number => provider.tokenCalls.filter((form) => form.get('grant_type') === 'refresh_token').length;
const instance = async () => (await liveGrantOf(database, who))?.instance;
/** The upstream refuses whatever it is sent. */
const refuseAll = (status = 401, headers: Record<string, string> = {}) => {
  provider.instead = (path) => (path === '/mcp' ? { status, headers } : undefined);
};

describe('what the upstream is sent', () => {
  it('#172 its own token, and nothing of ours', async () => {
    const answer = await call(running, caller);
    expect(answer.status).toBe(200);
    const got = provider.mcpCalls.at(-1);
    expect(provider.isLive(got?.headers.authorization?.slice('Bearer '.length) ?? '')).toBe(true);
    expect(JSON.stringify(got)).not.toContain(caller.token);
  });

  it('#233 each person’s own, on a connection that several share', async () => {
    const other = await makeTraveller(database, provider);
    await travel.signInThere(other);
    const theirs = await makeCaller(database, running, provider.mcpUrl, other);
    await Promise.all(Array.from({ length: 20 }, (_, index) => call(running, index % 2 ? caller : theirs)));
    const sent = new Set(provider.mcpCalls.slice(-20).map(({ headers }) => headers.authorization));
    expect(sent.size).toBe(2);
  });

  it('#270 a sealed token that was copied to another row opens there for nobody', async () => {
    const other = await makeTraveller(database, provider);
    await travel.signInThere(other);
    const [mine, theirs] = [await liveGrantOf(database, who), await liveGrantOf(database, other)];
    const sealed = theirs?.sealed ?? '';
    await database.db.providerGrant.update({ where: { id: mine?.id ?? '' }, data: { sealed } });
    const before = provider.mcpCalls.length;
    expect((await call(running, caller)).status).toBe(500);
    expect(provider.mcpCalls.length).toBe(before);
  });

  it('the token that a refresh brought, before the old one is over', async () => {
    provider.expiresIn = 1;
    await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
    provider.expiresIn = 3600;
    await new Promise((resolve) => setTimeout(resolve, 950));
    const before = refreshes();
    const answers = await Promise.all(Array.from({ length: 50 }, () => call(running, caller)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await until(() => refreshes() - before === 1);
  });
});

describe('the upstream refuses the token', () => {
  it('one refresh and one more try, where the body is still here', async () => {
    await call(running, caller);
    const [id] = [(await liveGrantOf(database, who))?.id];
    const before = refreshes();
    const refused = new Set<string>();
    provider.instead = (path, _form, ordinary) => {
      const bearer = provider.mcpCalls.at(-1)?.headers.authorization ?? '';
      if (path !== '/mcp' || (refused.size > 0 && !refused.has(bearer))) return undefined;
      refused.add(bearer);
      return ordinary.status === 200 ? { status: 401 } : undefined;
    };
    const answer = await call(running, caller, { body: '{"jsonrpc":"2.0","id":7,"method":"tools/list"}' });
    expect([answer.status, refreshes() - before]).toEqual([200, 1]);
    const [first, second] = provider.mcpCalls.slice(-2);
    expect([first?.body, first?.headers.authorization === second?.headers.authorization]).toEqual([
      second?.body,
      false,
    ]);
    expect(await liveGrantOf(database, who)).toMatchObject({ id, version: 2 });
  });

  it('a body that was streamed is not sent again; the next request has a fresh token', async () => {
    refuseAll();
    const before = refreshes();
    const answer = await call(running, caller, { body: Buffer.alloc(80_000, 'x') });
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('Reconnect it at')]);
    await until(() => refreshes() - before === 1);
    provider.instead = () => undefined;
    await until(async () => (await liveGrantOf(database, who))?.version === 2);
    expect((await call(running, caller)).status).toBe(200);
  });

  it('#201 that always refuses: one refresh, then none, and never a 401 of theirs as ours', async () => {
    refuseAll(401, { 'www-authenticate': 'Bearer error="invalid_token"' });
    const before = refreshes();
    for (let index = 0; index < 10; index++) {
      const answer = await call(running, caller);
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([502, undefined]);
      expect(JSON.parse(answer.body).error.message).toContain(`${running.config.url}/connections/`);
    }
    const many = await Promise.all(Array.from({ length: 30 }, () => call(running, caller)));
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([502]));
    expect(refreshes() - before).toBe(1);
    expect((await instance())?.status).toBe('active');
  });

  it('#231 and the provider has forgotten it: 502 once, then 401, so that the client comes back by itself', async () => {
    provider.drop();
    expect((await call(running, caller)).status).toBe(502);
    expect((await instance())?.status).toBe('needs_reauth');
    const answer = await call(running, caller);
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('invalid_token'),
    ]);
    // The same grant works again after the next sign-in.
    await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
    expect((await call(running, caller)).status).toBe(200);
  });

  it('#229 and the provider is away: 503 and when to come again, nothing marked', async () => {
    provider.instead = (path) => (path === '/mcp' ? { status: 401 } : path === '/token' ? { status: 500 } : undefined);
    const answer = await call(running, caller);
    expect([answer.status, Number(answer.headers['retry-after'])]).toEqual([503, expect.any(Number)]);
    expect((await instance())?.status).toBe('active');
  });

  it('a client that leaves meanwhile is not answered for, and sends nothing more', async () => {
    let release: () => void = () => {};
    let asked = false;
    provider.instead = async (path) => {
      if (path === '/mcp') return { status: 401 };
      if (path !== '/token') return undefined;
      asked = true;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return undefined;
    };
    const { req } = open(running, caller, {});
    req.on('error', () => {});
    req.end('{}');
    await until(() => asked);
    const before = provider.mcpCalls.length;
    req.destroy();
    release();
    await until(async () => (await liveGrantOf(database, who))?.version === 2);
    expect(provider.mcpCalls.length).toBe(before);
  });

  it('#223 it wants more scopes: 401 once, and the next sign-in asks for them; refused again after that: 502', async () => {
    const more = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="mcp mcp:write"' };
    refuseAll(403, more);
    expect((await call(running, caller)).status).toBe(401);
    provider.instead = () => undefined;
    const to = new URL(await travel.setOutAlone(who));
    expect(to.searchParams.get('scope')?.split(' ').sort()).toEqual(['mcp', 'mcp:write']);
    await travel.comeBack(who, await travel.visit(to.href));
    refuseAll(403, more);
    expect((await call(running, caller)).status).toBe(502);
    expect((await instance())?.status).toBe('active');
  });
});

describe('signing out at the provider', () => {
  it('ends its use at once, there too soon after, and the grant waits for the next sign-in', async () => {
    const token = provider.mcpCalls.length;
    await call(running, caller);
    const sent = provider.mcpCalls[token]?.headers.authorization?.slice('Bearer '.length) ?? '';
    await disconnect(database, { userId: who.user.id, connectionId: who.connection.id }, new Date());
    expect((await call(running, caller)).status).toBe(401);
    expect(provider.isLive(sent)).toBe(true);
    await revokeEnded(travel.providers);
    expect(provider.isLive(sent)).toBe(false);
    await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
    expect((await call(running, caller)).status).toBe(200);
  });
});
