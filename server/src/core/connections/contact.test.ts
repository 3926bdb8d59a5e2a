import type { lookup } from 'node:dns';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { readAllowList } from '../../platform/http/address-guard.ts';
import { openGuardedDispatcher } from '../../platform/http/guarded-fetch.ts';
import { contactUpstream } from './contact.ts';

const allow = readAllowList(['127.0.0.1', 'localhost', 'nowhere.invalid']);
const deps = { allow, dispatcher: openGuardedDispatcher(allow) };
afterAll(() => deps.dispatcher.destroy());

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

const received: IncomingMessage[] = [];

/** A real server of the MCP project, of one era or of both. */
function mcpServer(tools: number, legacy?: 'reject'): RequestListener {
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: 'tool\nbox', version: '3.1' }, { capabilities: { tools: {} } });
      const inputSchema = fromJsonSchema<object>({ type: 'object', properties: {} });
      for (let number = 0; number < tools; number++) {
        const annotations = { readOnlyHint: number === 0 };
        server.registerTool(`tool-${number}`, { description: 'x'.repeat(400), inputSchema, annotations }, async () => ({
          content: [],
        }));
      }
      return server;
    },
    legacy ? { legacy } : {},
  );
  return (request, response) => {
    received.push(request);
    const body = request.method === 'POST' ? (Readable.toWeb(request) as BodyInit) : null;
    const init = { method: request.method ?? 'GET', headers: request.headers as HeadersInit, body, duplex: 'half' };
    void handler.fetch(new Request(`http://127.0.0.1${request.url}`, init as RequestInit)).then(async (answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
  };
}

describe('a real MCP server', () => {
  test('of 2026-07-28 tells its revision and its tools, and is sent the headers of the connection', async () => {
    const url = await listen(mcpServer(3, 'reject'));
    received.length = 0;
    const contact = await contactUpstream(deps, url, [{ name: 'X-Api-Key', value: 'secret' }]);
    expect(contact).toMatchObject({ ok: true, protocolVersion: '2026-07-28', server: 'tool box 3.1', more: false });
    if (!contact.ok) throw new Error('not reached');
    expect(contact.tools.map(({ name, readOnly }) => [name, readOnly])).toEqual([
      ['tool-0', true],
      ['tool-1', false],
      ['tool-2', false],
    ]);
    expect(contact.tools[0]?.description).toHaveLength(300);
    expect(received.length).toBeGreaterThan(0);
    expect(received.every(({ headers }) => headers['x-api-key'] === 'secret')).toBe(true);
  });

  test('with more tools than a page shows is cut', async () => {
    const contact = await contactUpstream(deps, await listen(mcpServer(501)), []);
    expect(contact.ok && contact.tools.length).toBe(500);
    expect(contact.ok && contact.more).toBe(true);
  });
});

const answering =
  (status: number, headers: Record<string, string> = {}, body = ''): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

describe('what goes wrong has a name', () => {
  test.each([
    ['unauthorized', 401, answering(401, { 'www-authenticate': 'Bearer' })],
    ['unauthorized', 403, answering(403)],
    ['redirects', 302, answering(302, { location: 'http://127.0.0.1:1/' })],
    ['not_found', 404, answering(404)],
    ['server_error', 500, answering(500, {}, 'stack trace with a secret')],
    ['not_mcp', 200, answering(200, { 'content-type': 'text/html' }, '<h1>Hello</h1>')],
    ['not_mcp', 200, answering(200, { 'content-type': 'application/json' }, '{"jsonrpc":')],
    ['too_large', 200, answering(200, { 'content-type': 'application/json' }, `"${'x'.repeat(2_200_000)}"`)],
  ] as const)('%s (%d)', async (problem, status, listener) => {
    const contact = await contactUpstream(deps, await listen(listener), []);
    expect(contact).toEqual({ ok: false, ms: expect.any(Number), problem, status });
  });

  test('nothing listens, the name is unknown, the address is not reached (#31), it is not TLS', async () => {
    const url = await listen(answering(200));
    const of = async (where: string) => {
      const contact = await contactUpstream(deps, where, []);
      return contact.ok ? 'reached' : contact.problem;
    };
    expect(await of('http://127.0.0.1:1023/mcp')).toBe('refused_connection');
    expect(await of('https://nowhere.invalid/mcp')).toBe('unknown_host');
    expect(await of(url.replace('http:', 'https:'))).toBe('tls');
    const closed = { ...deps, dispatcher: openGuardedDispatcher(readAllowList([])) };
    const contact = await contactUpstream(closed, url, []);
    expect(contact).toMatchObject({ ok: false, problem: 'address_refused' });
    await closed.dispatcher.destroy();
  });

  test('#194 a name that leads into a private network, and one that does not exist, are told the same', async () => {
    const resolve = ((_name: string, _options: object, callback: (error: null, found: object[]) => void) =>
      callback(null, [{ address: '10.0.0.7', family: 4 }])) as unknown as typeof lookup;
    const inside = openGuardedDispatcher(readAllowList([]), resolve);
    const told = async (dispatcher: typeof inside, where: string) => {
      const contact = await contactUpstream({ ...deps, dispatcher }, where, []);
      return contact.ok ? 'reached' : { problem: contact.problem, status: contact.status };
    };
    const known = await told(inside, 'https://payroll.corp.example/mcp');
    expect(known).toEqual(await told(deps.dispatcher, 'https://nowhere.invalid/mcp'));
    expect(known).toEqual({ problem: 'unknown_host', status: null });
    await inside.destroy();
  });
});
