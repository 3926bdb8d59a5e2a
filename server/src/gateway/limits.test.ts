/** What one sign-in, one upstream and one address may take. */

import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { capConnections } from '../platform/http/connection-cap.ts';
import { openCircuit } from './circuit.ts';
import { Exchange } from './exchange.ts';
import { openFairness, openShares } from './fairness.ts';
import type { Plane } from './plane.ts';
import { type OpenStream, Streams } from './streams.ts';
import { openBusiness, openTurns, SHORT_BYTES, Share } from './turns.ts';

it('#192 a sign-in that floods is told when to come again, and no other is', () => {
  let now = 0;
  const { take } = openFairness({ atOnce: 5, perMinute: 600 }, () => now);
  const burst = Array.from({ length: 100 }, () => take('flooding', 0));
  expect(burst.every((wait) => wait === null)).toBe(true);
  expect(take('flooding', 0)).toBe(1);
  expect(take('another', 0)).toBeNull();
  now += 1_000;
  expect(Array.from({ length: 11 }, () => take('flooding', 0))).toEqual([...Array(10).fill(null), 1]);
  expect(take('another', 5)).toBe(1);
});

const of = (signInId: string, grantId: string, clientId: string, userId: string): OpenStream['claims'] =>
  ({ source: 'oauth_client', familyId: signInId, grantId, clientId, userId }) as OpenStream['claims'];

it('#192 all sign-ins of a grant have twice the share of one, all grants of a client of one person four times, other people their own', () => {
  const { take, restMs } = openShares({ atOnce: 5, perMinute: 120 }, () => 0);
  const streams = new Streams(() => {}, restMs);
  const passed = (signIn: string, grant: string, person = 'Ada'): number => {
    const place = streams.placeOf(of(signIn, grant, 'client', person));
    let count = 0;
    while (take(place) === null) count++;
    return count;
  };
  expect([passed('a', '1'), passed('b', '1'), passed('c', '1')]).toEqual([20, 20, 0]);
  expect([passed('d', '2'), passed('e', '2'), passed('f', '3')]).toEqual([20, 20, 0]);
  expect(passed('g', '4', 'Bob')).toBe(20);
});

it('#192 what is under way is counted for the sign-in, its grant and its client, and no longer when it ends', () => {
  const { take } = openShares({ atOnce: 2, perMinute: 60_000 }, () => 0);
  const streams = new Streams(() => {}, 0);
  const begin = (signIn: string, grant: string): OpenStream | null => {
    const claims = of(signIn, grant, 'client', 'Ada');
    const place = streams.placeOf(claims);
    if (take(place) !== null) return null;
    const stream = { claims, place, startedAt: 0, end: () => false, leave: () => {}, tick: () => {} };
    streams.add(stream);
    return stream;
  };
  const begun = ['a1', 'a1', 'a1', 'b1', 'b1', 'c1', 'd2', 'd2', 'e2', 'e2', 'f3'].map((name) =>
    begin(name, name.slice(1)),
  );
  expect(begun.map((stream) => stream !== null)).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
  for (const stream of begun) if (stream) streams.remove(stream);
  streams.tick();
  expect(begin('c1', '1')).not.toBeNull();
  expect(begin('f3', '3')).not.toBeNull();
  expect(streams.size()).toBe(2);
});

it('#192 however many sign-ins there are, what is kept of them is bounded', () => {
  let now = 0;
  const { take } = openFairness({ atOnce: 5, perMinute: 600 }, () => now);
  for (let n = 0; n < 50_000; n++) {
    now += 1;
    expect(take(`sign-in ${n}`, 0)).toBeNull();
  }
});

it('#205 an upstream that fails again and again is left alone for seconds, then tried by one', () => {
  let now = 0;
  const circuit = openCircuit(() => now);
  for (let n = 0; n < 10; n++) {
    expect(circuit.enter('http://bad')).toBeNull();
    circuit.failed('http://bad');
  }
  expect(circuit.enter('http://bad')).toBe(5);
  expect(circuit.enter('http://good')).toBeNull();
  now = 5_000;
  expect(circuit.enter('http://bad')).toBeNull();
  expect(circuit.enter('http://bad')).toBe(5);
  circuit.left('http://bad', true);
  expect(circuit.enter('http://bad')).toBeNull();
});

it('#205 an upstream that never answers holds a thousand requests and no more, and takes others when some leave', () => {
  const circuit = openCircuit(() => 0);
  for (let n = 0; n < 1_000; n++) expect(circuit.enter('http://hangs')).toBeNull();
  expect(circuit.enter('http://hangs')).toBe(1);
  circuit.left('http://hangs', false);
  expect(circuit.enter('http://hangs')).toBeNull();
});

it('#205 however many upstreams fail, what is kept of them is bounded: the oldest are forgotten, none that is waited for', () => {
  const circuit = openCircuit(() => 0);
  const fail = (origin: string, times: number): void => {
    for (let n = 0; n < times; n++) {
      expect(circuit.enter(origin)).toBeNull();
      circuit.failed(origin);
    }
  };
  for (let n = 0; n < 1_000; n++) circuit.enter('http://waited-for');
  fail('http://first', 10);
  expect(circuit.enter('http://first')).toBe(5);
  for (let n = 0; n < 9_998; n++) fail(`http://${n}`, 1);
  expect(circuit.enter('http://first')).toBe(5);
  fail('http://last', 10);
  expect(circuit.enter('http://first')).toBeNull();
  expect(circuit.enter('http://last')).toBe(5);
  expect(circuit.enter('http://waited-for')).toBe(1);
});

it('#204 long answers take turns, one at a time, and a stream of small events never waits', async () => {
  const { wait } = openTurns();
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    for (const name of ['first', 'second', 'third']) wait(() => order.push(name));
    wait(resolve);
    setImmediate(() => order.push('a short one'));
  });
  expect(order).toEqual(['a short one', 'first', 'second', 'third']);

  const events = new Share(0);
  for (let now = 1; now < 100_000; now += 10) expect(events.take(1_000, now)).toBe(true);
  const endless = new Share(0);
  expect(Array.from({ length: 100 }, (_, n) => endless.take(SHORT_BYTES, n)).filter(Boolean)).toEqual([]);
});

it('#204 as much passes with each turn, in however small pieces it comes; turns are seldom while there is much else to do', () => {
  const passed = (piece: number): number => {
    const share = new Share(0);
    share.fill();
    let bytes = piece;
    while (share.take(piece, 0)) bytes += piece;
    return bytes;
  };
  expect([1_024, 16_384, SHORT_BYTES].map(passed)).toEqual([SHORT_BYTES, SHORT_BYTES, SHORT_BYTES]);

  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const turnsIn = (ms: number, busy: boolean): number => {
      const { wait } = openTurns(() => busy);
      let turns = 0;
      const go = (): void => {
        turns++;
        wait(go);
      };
      wait(go);
      vi.advanceTimersByTime(ms);
      vi.clearAllTimers();
      return turns;
    };
    expect(turnsIn(160, false)).toBeGreaterThanOrEqual(10 * turnsIn(160, true));
    expect(turnsIn(160, true)).toBe(10);
  } finally {
    vi.useRealTimers();
  }
});

it('#204 a process is busy that lately worked more than half of the time, and not one that nothing came to', async () => {
  const isBusy = openBusiness();
  const until = performance.now() + 300;
  let busy = false;
  while (performance.now() < until) busy = isBusy();
  expect(busy).toBe(true);
  await sleep(300);
  expect(isBusy()).toBe(false);
  const again = performance.now() + 300;
  while (performance.now() < again) isBusy();
  expect(isBusy()).toBe(true);
  await sleep(700);
  expect(isBusy()).toBe(false);
});

it('#184 an address has so many connections and no more, until it closes one; a trusted proxy is not counted', async () => {
  for (const [trusted, most] of [
    [[], 2],
    [['127.0.0.1'], 4],
  ] as const) {
    const server = createServer();
    capConnections(server, 2, trusted);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const dial = async () => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      let isOpen = true;
      socket.on('close', () => {
        isOpen = false;
      });
      socket.on('error', () => {});
      await once(socket, 'connect');
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { socket, isOpen: () => isOpen };
    };
    const four = [await dial(), await dial(), await dial(), await dial()];
    expect(four.filter(({ isOpen }) => isOpen()).length).toBe(most);
    four[0]?.socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await dial();
    expect(next.isOpen()).toBe(true);
    for (const { socket } of [...four, next]) socket.destroy();
    server.close();
  }
});

it('#184 whoever does not read an answer is left after a minute of it, and so is the upstream; whoever reads on is not', async () => {
  const exchanges: Exchange[] = [];
  const afterwards = { later: (work: () => void) => work(), now: () => {} };
  const plane = { metrics: { request: () => {} }, logAccess: () => {}, afterwards } as unknown as Plane;
  let aborted = 0;
  const server = createServer((req, res) => {
    const exchange = new Exchange(plane, req, res);
    exchange.upstream = { abort: () => aborted++, resume: () => {} };
    exchange.begin(200, { headers: [], isEventStream: true, mcpSessionId: undefined });
    exchange.write(Buffer.alloc(30_000_000));
    exchanges.push(exchange);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ask = () => get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
  const slow = ask();
  const reading = ask();
  slow.on('error', () => {});
  slow.on('response', (unread) => unread.pause());
  const [response] = await once(reading, 'response');
  response.resume();
  await expect.poll(() => exchanges.length).toBe(2);
  await expect.poll(() => exchanges.filter(({ res }) => res.writableNeedDrain).length).toBe(1);
  // One tick is four seconds.
  for (let tick = 0; tick < 14; tick++) for (const exchange of exchanges) exchange.tick();
  expect([exchanges.filter(({ over }) => over).length, aborted]).toEqual([0, 0]);
  for (const exchange of exchanges) exchange.tick();
  expect([exchanges.filter(({ over }) => over).length, aborted]).toEqual([1, 1]);
  server.closeAllConnections();
  server.close();
});
