/** The dispatcher and the fetch behind the guard, against real sockets. */
import type { lookup } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readAllowList } from './address-guard.ts';
import { type FetchLimits, openGuardedDispatcher, openGuardedFetch } from './guarded-fetch.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<{ port: number; seen: () => number }> {
  const server = createServer(listener);
  let connections = 0;
  server.on('connection', () => connections++);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, seen: () => connections };
}

const fetchWith = (entries: string[], limits: FetchLimits = { maxBytes: 1_000, deadlineMs: 500 }) => {
  const allow = readAllowList(entries);
  return openGuardedFetch(openGuardedDispatcher(allow), allow, limits);
};

describe('the guarded dispatcher', () => {
  it('#31, #33 opens no connection to what is not allowed: literal, mapped, by name, over http', async () => {
    const { port, seen } = await serve((_, res) => void res.end());
    for (const [entries, origin] of [
      [[], `http://127.0.0.1:${port}`],
      [[], `https://127.0.0.1:${port}`],
      [[], `http://[::ffff:7f00:1]:${port}`],
      [[], `https://localhost:${port}`],
      [['10.0.0.0/8'], `http://127.0.0.1:${port}`],
      [['example.com'], `https://localhost:${port}`],
    ] as const) {
      const dispatcher = openGuardedDispatcher(readAllowList(entries));
      await expect(dispatcher.request({ origin, path: '/', method: 'GET' })).rejects.toMatchObject({
        code: 'ADDRESS_REFUSED',
      });
    }
    expect(seen()).toBe(0);
  });

  it('#33, #194 judges every answer of the resolver, at each connect anew', async () => {
    const { port, seen } = await serve((_, res) => void res.end('here'));
    const answers: string[][] = [];
    const resolve = ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
      callback(
        null,
        (answers.shift() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as unknown as typeof lookup;
    const dispatcher = openGuardedDispatcher(readAllowList([]), resolve);
    const ask = () => dispatcher.request({ origin: `https://flips.example:${port}`, path: '/', method: 'GET' });
    for (const told of [
      ['127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['8.8.8.8', '::1'],
      [...Array.from({ length: 19 }, (_, n) => `8.8.4.${n}`), '10.0.0.1'],
      ['64:ff9b::7f00:1'],
      ['2002:7f00:1::'],
      [],
    ]) {
      answers.push(told);
      await expect(ask(), told.join()).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    }
    expect(seen()).toBe(0);
  });

  it('#288 a resolver that fails or says nothing ends with its request, and leaves the other names alone', async () => {
    const { port } = await serve((_, res) => void res.end('here'));
    const resolve = ((name: string, _options: object, callback: (error: Error | null, found: object[]) => void) => {
      if (name === 'down.example') callback(new Error('EAI_AGAIN'), []);
      if (name === 'localhost') callback(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as unknown as typeof lookup;
    const allow = readAllowList(['localhost', 'down.example', 'silent.example']);
    const dispatcher = openGuardedDispatcher(allow, resolve);
    const fetch = openGuardedFetch(dispatcher, allow, { maxBytes: 1_000, deadlineMs: 300 });
    await expect(fetch(`http://down.example:${port}/`)).rejects.toThrow();
    const silent = fetch(`http://silent.example:${port}/`);
    silent.catch(() => {});
    expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe('here');
    await expect(silent).rejects.toThrow();
    void dispatcher.destroy();
  });

  it('connects to an opened name and to an opened address', async () => {
    const { port } = await serve((_, res) => void res.end('here'));
    for (const [entries, host] of [
      [['localhost'], 'localhost'],
      [['127.0.0.1'], '127.0.0.1'],
      [['127.0.0.0/8'], 'localhost'],
    ] as const) {
      const answer = await fetchWith([...entries])(`http://${host}:${port}/`);
      expect(await answer.text()).toBe('here');
    }
  });
});

describe('the guarded fetch', () => {
  it('sends method, headers and form, and reads status, headers and body', async () => {
    const { port } = await serve(async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      res.writeHead(201, { 'x-seen': `${req.method} ${req.headers['content-type']} ${req.headers['x-a']}` }).end(body);
    });
    const init = { method: 'POST', headers: { 'x-a': 'b' }, body: new URLSearchParams({ a: 'b c' }) };
    const answer = await fetchWith(['127.0.0.1'])(`http://127.0.0.1:${port}/`, init);
    expect([answer.status, answer.headers.get('x-seen'), await answer.text()]).toEqual([
      201,
      'POST application/x-www-form-urlencoded;charset=UTF-8 b',
      'a=b+c',
    ]);
  });

  it('#195 returns a redirect as it is', async () => {
    const { port, seen } = await serve((_, res) => void res.writeHead(302, { location: '/elsewhere' }).end());
    const answer = await fetchWith(['127.0.0.1'])(`http://127.0.0.1:${port}/`);
    expect([answer.status, seen()]).toEqual([302, 1]);
  });

  it('#221 stops at the byte limit and at the deadline, also of a body that drips', async () => {
    const large = await serve((_, res) => void res.end('x'.repeat(2_000)));
    await expect(fetchWith(['127.0.0.1'])(`http://127.0.0.1:${large.port}/`)).rejects.toThrow('larger than 1000 bytes');
    const silent = await serve(() => {});
    await expect(fetchWith(['127.0.0.1'])(`http://127.0.0.1:${silent.port}/`)).rejects.toThrow();
    const dripping = await serve((_, res) => {
      const timer = setInterval(() => res.write('x'), 50);
      res.once('close', () => clearInterval(timer));
    });
    await expect(fetchWith(['127.0.0.1'])(`http://127.0.0.1:${dripping.port}/`)).rejects.toThrow();
  });

  it('#291 ends a stream once that is enough, and reads what drips byte by byte not again at each byte', async () => {
    const limits = { maxBytes: 20_000, deadlineMs: 5_000 };
    const endless = await serve((_, res) => {
      for (const piece of ['data: ', '{"a"', ':1}', '\n\n']) res.write(piece);
    });
    const read = fetchWith(['127.0.0.1'], limits);
    const answer = await read(`http://127.0.0.1:${endless.port}/`, { enough: (text) => text.includes('}') });
    expect(await answer.text()).toContain('{"a":1}');
    const bytes = 3_000;
    const dripping = await serve(async (_, res) => {
      for (let byte = 0; byte < bytes; byte++) {
        res.write('x');
        await new Promise(setImmediate);
      }
      res.end();
    });
    let work = 0;
    const enough = (text: string) => {
      work += text.length;
      return false;
    };
    const all = await read(`http://127.0.0.1:${dripping.port}/`, { enough });
    expect((await all.text()).length).toBe(bytes);
    expect(work).toBeGreaterThan(0);
    expect(work).toBeLessThan(60 * bytes);
  });

  it('#193 judges the URL before anything is resolved', async () => {
    await expect(fetchWith([])('http://example.com/')).rejects.toThrow('https://');
    await expect(fetchWith([])('file:///etc/passwd')).rejects.toThrow('absolute https URL');
  });
});
