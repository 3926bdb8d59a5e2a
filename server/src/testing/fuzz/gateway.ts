/** The front of the gateway plane: the target, every header that it reads, and the bytes of the request itself. */

import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import type { Database } from '../../platform/database.ts';
import { makeCaller, openUpstream, startGateway } from '../gateway.ts';
import { type Cell, cell, type Outcome } from './cell.ts';
import { near } from './values.ts';

/** Requests one after the other on one connection, which is opened again whenever the other side closes it. */
function openWire(port: number): (bytes: Buffer, isHead: boolean) => Promise<Outcome> {
  let socket: Socket | null = null;
  return (bytes, isHead) =>
    new Promise((resolve) => {
      let received = '';
      const open = socket ?? connect(port, '127.0.0.1').setNoDelay();
      socket = open;
      const settle = (outcome: Outcome, keep: boolean): void => {
        open.removeAllListeners();
        open.on('error', () => {});
        if (!keep) {
          open.destroy();
          if (socket === open) socket = null;
        }
        resolve(outcome);
      };
      const statusOf = (): Outcome => Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1]) || 'closed';
      open.on('data', (chunk) => {
        received += chunk.toString('latin1');
        if (isWhole(received, isHead)) settle(statusOf(), !/^connection: close\r$/im.test(received));
      });
      open.on('close', () => settle(statusOf(), false));
      open.on('error', () => settle(statusOf(), false));
      open.write(bytes);
    });
}

/** Whether an answer has come to its end. */
function isWhole(text: string, isHead: boolean): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = text.slice(0, end + 2).toLowerCase();
  if (isHead || /^http\/1\.1 (204|304)/.test(head)) return true;
  const length = /\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1];
  if (length !== undefined) return text.length - end - 4 >= Number(length);
  return /\r\ntransfer-encoding: chunked/.test(head) && /(^|\r\n)0\r\n\r\n$/.test(text.slice(end + 4));
}

const CONNECTIONS = 4;

/** Opens a gateway with a real upstream behind it. */
export async function gatewayCells(database: Database): Promise<{ cells: Cell[]; close: () => Promise<void> }> {
  const running = await startGateway(database, { GRANTWAY_REFUSALS_PER_MINUTE: '1000000000' });
  const upstream = await openUpstream();
  const caller = await makeCaller(database, running, upstream.url);
  await database.db.connection.update({ where: { id: caller.connection.id }, data: { pathPassthrough: true } });
  const wires = Array.from({ length: CONNECTIONS }, () => openWire(running.port));
  const queues: Promise<unknown>[] = wires.map(() => Promise.resolve());
  let turn = 0;
  const exchange = (bytes: Buffer, isHead = false): Promise<Outcome> => {
    upstream.got.length = 0;
    const index = turn++ % CONNECTIONS;
    const wire = wires[index] as (typeof wires)[number];
    const answer = (queues[index] as Promise<unknown>).then(() => wire(bytes, isHead));
    queues[index] = answer;
    return answer;
  };

  const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
  const good: Record<string, string> = {
    host: `127.0.0.1:${running.port}`,
    authorization: `Bearer ${caller.token}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': '2025-11-25',
  };
  const request = (method: string, target: string, headers: Record<string, string>, payload = body) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = method === 'POST' ? `content-length: ${Buffer.byteLength(payload)}\r\n` : '';
    const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}${length}\r\n`, 'latin1');
    return exchange(method === 'POST' ? Buffer.concat([head, Buffer.from(payload)]) : head, method === 'HEAD');
  };
  // What Node's parser has to refuse is tried on its own; elsewhere a line is a line.
  const oneLine = (text: string): string => text.replace(/[\r\n\0]/g, '');
  const visible = (text: string): string => text.replace(/[^\x21-\x7e]/g, '~');

  const cells: Cell[] = [];
  const metadata = '/.well-known/oauth-protected-resource';
  const targets = near(caller.path, `${caller.path}/a/b`, `${caller.path}?a=b`, `${caller.path}/../x`).map(visible);
  cells.push(cell('mcp-connect', '(target)', 10, targets, (target) => request('POST', target, good)));
  cells.push(
    cell('mcp-connect', '(target), no token', 10, targets, (target) =>
      request('GET', target, { ...good, authorization: 'x' }),
    ),
  );
  const below = near('/a', '/a/b;c', '/%41', '/a%2fb', '?access_token=x', '?a=%zz').map(visible);
  cells.push(cell('mcp-connect', '(below)', 10, below, (rest) => request('POST', caller.path + rest, good)));
  cells.push(
    cell('resource metadata', '(target)', 14, targets, (target) =>
      request('GET', metadata + target, { host: good.host as string }),
    ),
  );
  const methods = near('GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PUT', 'TRACE').map((text) =>
    text.replace(/[^\x21-\x7e]/g, ''),
  );
  cells.push(
    cell('mcp-connect', '(method)', 6, methods, (method) =>
      request(method, caller.path, { ...good, authorization: 'Bearer x' }),
    ),
  );
  const others: Record<string, string> = {
    origin: 'https://evil.example',
    'mcp-session-id': 'abc.def',
    'last-event-id': '1',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
    'mcp-param-x': 'y',
    'x-forwarded-for': '10.0.0.1',
    cookie: 'a=b',
    upgrade: 'websocket',
    expect: '200-ok',
    'accept-encoding': 'gzip',
    'access-control-request-headers': 'authorization',
    range: 'bytes=0-',
    te: 'trailers',
  };
  for (const [name, value] of Object.entries({ ...good, ...others })) {
    cells.push(
      cell('mcp-connect', `header ${name}`, 4, near(value), (text) =>
        request('POST', caller.path, { ...good, [name]: oneLine(text) }),
      ),
    );
  }
  const names = near('x-a', 'mcp-', 'authorization', 'host', 'connection').map(
    (text) => text.replace(/[^\x21-\x7e]|:/g, '') || 'x',
  );
  cells.push(
    cell('mcp-connect', '(header name)', 4, names, (name) => request('POST', caller.path, { ...good, [name]: '1' })),
  );
  cells.push(
    cell('mcp-connect', '(body)', 4, near(body), (text) => request('POST', caller.path, good, text.toWellFormed())),
  );
  const whole = near(
    `POST ${caller.path} HTTP/1.1\r\nhost: ${good.host}\r\nauthorization: ${good.authorization}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`,
  );
  // A request that never ends is waited for (#184): here the sender has said all that it will.
  const ended = fc.tuple(whole, fc.boolean()).map(([text]) => Buffer.from(text, 'latin1'));
  cells.push(cell('mcp-connect', '(bytes)', 2, ended, (bytes) => once(running.port, bytes)));
  return {
    cells,
    close: async () => {
      await running.close();
      await upstream.close();
    },
  };
}

/** Sends bytes and the end, on a connection of their own. */
const once = (port: number, bytes: Buffer): Promise<Outcome> =>
  new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1]) || 'closed'));
  });
