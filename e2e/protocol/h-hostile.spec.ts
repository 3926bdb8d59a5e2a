/** The runtime against whoever writes the bytes by hand: real sockets to a real process, and an upstream that tells what reached it. */
import { postForm, registerClient, type TokenAnswer } from '../actors/bare-client.ts';
import { dial, speak, statusesIn } from '../actors/raw-socket.ts';
import { openRecording, type RecordingUpstream } from '../actors/upstream-recording.ts';
import { approve } from '../fixtures/consent.ts';
import { type Gateway, openGateway } from '../fixtures/gateway.ts';
import { type Person, signUp } from '../fixtures/person.ts';
import { test as base, expect } from '../fixtures/test.ts';
import { within } from '../fixtures/within.ts';

const HEADERS_SECONDS = 1;
const REQUEST_SECONDS = 2;
const PER_MINUTE = 600;

type Caller = { url: string; path: string; token: string };
type Hostile = { gateway: Gateway; upstream: RecordingUpstream };

const test = base.extend<{ caller: Caller }, { hostile: Hostile }>({
  hostile: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const upstream = await openRecording();
      const gateway = await openGateway({
        GRANTWAY_HEADERS_SECONDS: String(HEADERS_SECONDS),
        GRANTWAY_REQUEST_SECONDS: String(REQUEST_SECONDS),
        GRANTWAY_REQUESTS_PER_MINUTE: String(PER_MINUTE),
      });
      await use({ gateway, upstream });
      await gateway.dispose();
      await upstream.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  caller: async ({ context, hostile }, use) => {
    const ada = await signUp(context.request, hostile.gateway.url);
    await use(await makeCaller(context.request, ada, hostile));
  },
});

/** A client of the person, signed in to a connection of its own with passthrough. */
async function makeCaller(
  api: Parameters<typeof approve>[0],
  person: Person,
  { gateway, upstream }: Hostile,
  more: object = { authMode: 'NONE' },
): Promise<Caller> {
  const { made } = await person.ask<{ made: { connection: { url: string } } }>(
    `mutation ($input: ConnectionCreateInput!) { made: connectionCreate(input: $input) {
      ... on ConnectionCreatePayload { connection { url } } ... on Error { message } } }`,
    { input: { name: 'a "quoted", name', remoteUrl: upstream.url, pathPassthrough: true, ...more } },
  );
  expect(made.connection, JSON.stringify(made)).toBeTruthy();
  const client = await registerClient(gateway.url);
  const asked = client.ask({ resource: made.connection.url });
  const form = client.codeForm(asked, await approve(api, person, asked.url));
  const tokens = (await (await postForm(`${gateway.url}/oauth/token`, form)).json()) as TokenAnswer;
  upstream.got.length = 0;
  return { url: made.connection.url, path: new URL(made.connection.url).pathname, token: tokens.access_token };
}

const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

/** A whole request, of which a test changes a part. */
function request(
  { path, token, url }: Caller,
  { line, host, headers = [], end }: { line?: string; host?: string; headers?: string[]; end?: string } = {},
): string {
  const framing = end === undefined ? [`Content-Length: ${body.length}`] : [];
  return [
    line ?? `POST ${path} HTTP/1.1`,
    ...(host === '' ? [] : [host ?? `Host: ${new URL(url).host}`]),
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    ...headers,
    ...framing,
    '',
    end ?? body,
  ].join('\r\n');
}

test('#168 whatever two parsers could frame differently is refused, the connection ends, and nothing of it goes on', async ({
  caller,
  hostile: { gateway, upstream },
}) => {
  const second = `POST ${caller.path}/smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`;
  const forms: Record<string, string> = {
    'a length and chunks': request(caller, {
      headers: ['Content-Length: 6', 'Transfer-Encoding: chunked'],
      end: `0\r\n\r\n${second}`,
    }),
    'chunks and a length': request(caller, {
      headers: ['Transfer-Encoding: chunked', 'Content-Length: 6'],
      end: `0\r\n\r\n${second}`,
    }),
    'two lengths that differ': request(caller, { headers: ['Content-Length: 0', 'Content-Length: 5'], end: second }),
    'two lengths that agree': request(caller, { headers: ['Content-Length: 5', 'Content-Length: 5'], end: second }),
    'lengths in a list': request(caller, { headers: ['Content-Length: 5, 5'], end: second }),
    'a signed length': request(caller, { headers: ['Content-Length: +5'], end: second }),
    'a hexadecimal length': request(caller, { headers: ['Content-Length: 0x5'], end: second }),
    'an unknown coding': request(caller, { headers: ['Transfer-Encoding: xchunked'], end: `0\r\n\r\n${second}` }),
    'chunked is not last': request(caller, {
      headers: ['Transfer-Encoding: chunked, identity'],
      end: `0\r\n\r\n${second}`,
    }),
    'a space before the colon': request(caller, {
      headers: ['Transfer-Encoding : chunked'],
      end: `0\r\n\r\n${second}`,
    }),
    'a folded header': request(caller, {
      headers: ['X-A: 1', ' Transfer-Encoding: chunked'],
      end: `0\r\n\r\n${second}`,
    }),
    'bare line feeds': request(caller, { headers: ['Content-Length: 0'], end: '' }).replaceAll('\r\n', '\n'),
    'a carriage return in a value': request(caller, { headers: ['X-A: 1\rTransfer-Encoding: chunked'] }),
    'a zero byte in a value': request(caller, { headers: ['X-A: 1\0'] }),
    'a header without a name': request(caller, { headers: [': 1'] }),
    'a name with a space': request(caller, { headers: ['X A: 1'] }),
    'a chunk size that is none': request(caller, { headers: ['Transfer-Encoding: chunked'], end: `zz\r\n${second}` }),
    'a chunk size that overflows': request(caller, {
      headers: ['Transfer-Encoding: chunked'],
      end: `ffffffffffffffff1\r\n${second}`,
    }),
    'a chunk longer than its size': request(caller, {
      headers: ['Transfer-Encoding: chunked'],
      end: `1\r\nxx\r\n0\r\n\r\n${second}`,
    }),
    'a chunk ended by a line feed': request(caller, {
      headers: ['Transfer-Encoding: chunked'],
      end: `1\nx\n0\n\n${second}`,
    }),
    'an endless chunk extension': request(caller, {
      headers: ['Transfer-Encoding: chunked'],
      end: `1;${'a'.repeat(40_000)}\r\nx\r\n0\r\n\r\n${second}`,
    }),
  };
  const answers = await Promise.all(
    Object.entries(forms).map(async ([name, text]) => ({ name, ...(await speak(gateway.url, text)) })),
  );
  for (const { name, heard, wasClosed } of answers) {
    const statuses = statusesIn(heard);
    expect.soft([statuses.length <= 1, wasClosed], name).toEqual([true, true]);
    expect.soft([400, 413, 431, undefined], name).toContain(statuses[0]);
    expect.soft(heard, name).not.toContain('smuggled');
  }
  expect(upstream.got.filter(({ target, body: got }) => `${target}${got}`.includes('smuggled'))).toEqual([]);

  // What is framed well, with an extension that means nothing and with a second request behind it, is two requests.
  const chunked = request(caller, {
    headers: ['Transfer-Encoding: chunked'],
    end: `${body.length.toString(16)};a="b"\r\n${body}\r\n0\r\n\r\n`,
  });
  const { heard } = await speak(gateway.url, chunked + request(caller, { headers: ['Connection: close'] }));
  expect(statusesIn(heard)).toEqual([200, 200]);
  expect(upstream.got.slice(-2).map((one) => one.body)).toEqual([body, body]);
});

test('#164, #167 every other spelling of the address, form of target, method and version: refused, or the same', async ({
  caller,
  hostile: { gateway, upstream },
}) => {
  const { path, url } = caller;
  const { host, origin } = new URL(url);
  const close = ['Connection: close'];
  const asked = async (line: string, more: { host?: string; headers?: string[] } = {}): Promise<number | undefined> => {
    const { heard } = await speak(
      gateway.url,
      request(caller, { ...more, line, headers: [...close, ...(more.headers ?? [])] }),
    );
    return statusesIn(heard)[0];
  };
  const forms: [string, number, { host?: string; headers?: string[] }?][] = [
    [`POST ${origin}${path} HTTP/1.1`, 400],
    [`POST http://evil.example${path} HTTP/1.1`, 400],
    [`POST /${path} HTTP/1.1`, 400],
    [`POST //evil.example${path} HTTP/1.1`, 400],
    ['OPTIONS * HTTP/1.1', 400],
    [`POST ${path} HTTP/1.1`, 400, { host: `Host: ${host}\r\nHost: ${host}` }],
    [`POST ${path} HTTP/1.1`, 400, { host: `Host: ${host}\r\nHost: evil.example` }],
    [`POST ${path} HTTP/1.1`, 400, { host: '' }],
    [`POST ${path} HTTP/1.1`, 421, { host: 'Host: evil.example' }],
    [`POST ${path} HTTP/1.1`, 421, { host: `Host: ${host}, evil.example` }],
    [`POST ${path.toUpperCase()} HTTP/1.1`, 404],
    [`POST ${path};x HTTP/1.1`, 404],
    [`POST ${path}%00 HTTP/1.1`, 404],
    [`POST ${path}. HTTP/1.1`, 404],
    [`POST ${path}.json HTTP/1.1`, 404],
    [`POST ${path}%2e%2e HTTP/1.1`, 404],
    [`POST ${path.replace('/mcp-connect', '/mcp-connect/.')} HTTP/1.1`, 404],
    [`POST ${path.replace('/mcp-connect', '/mcp%2dconnect')} HTTP/1.1`, 404],
    [`POST ${path.replaceAll('/', '\\')} HTTP/1.1`, 400],
    [`TRACE ${path} HTTP/1.1`, 405],
    [`HEAD ${path} HTTP/1.1`, 405],
    [`PUT ${path} HTTP/1.1`, 405, { headers: ['X-HTTP-Method-Override: POST'] }],
    [`CONNECT ${host} HTTP/1.1`, 405],
    [`CONNECT evil.example:443 HTTP/1.1`, 405],
    [`POST ${path} HTTP/1.1`, 400, { headers: ['Connection: Upgrade', 'Upgrade: websocket'] }],
    [`POST ${path} HTTP/2.0`, 505],
  ];
  for (const [line, status, more] of forms)
    expect.soft(await asked(line, more), `${line} ${JSON.stringify(more)}`).toBe(status);
  expect(upstream.got).toEqual([]);
  // Passed on, and as a plain request: whoever offers the newer protocol in clear text may be answered in this one.
  const offered = {
    headers: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
  };
  expect(await asked(`POST ${path} HTTP/1.1`, offered)).toBe(200);
  expect(await asked(`POST ${path} HTTP/1.0`)).toBe(200);
  for (const { headers } of upstream.got) {
    expect(headers.map(([name]) => name.toLowerCase())).not.toContain('upgrade');
    expect(headers.map(([name]) => name.toLowerCase())).not.toContain('http2-settings');
  }
});

test('#165, #166 the target is decided and forwarded as one string: below the base of the connection, or not at all', async ({
  caller,
  hostile: { gateway, upstream },
}) => {
  const outside = [
    ...[
      '/../x',
      '/a/../../x',
      '/%2e%2e/x',
      '/.%2e/x',
      '/%2E./x',
      '/..%2fx',
      '/%252e%252e/x',
      '/a%5cb',
      '/..\\x',
      '/\\evil',
    ],
    ...[
      '/;/../x',
      '/a;b',
      '/a%3bb',
      '//evil',
      '/a//b',
      '/./x',
      '/a/.',
      '/a/..',
      '/%00',
      '/%0d%0aX:1',
      '/%',
      '/%zz',
      '/a#b',
    ],
    ...['@evil.example', ':80/x', '/%2f%2fevil', '/\xff', '/http:%2f%2fevil'],
  ];
  for (const rest of outside) {
    const line = `POST ${caller.path}${rest} HTTP/1.1`;
    const { heard } = await speak(gateway.url, request(caller, { line, headers: ['Connection: close'] }));
    expect.soft([400, 404], `${rest}: ${heard.slice(0, 30)}`).toContain(statusesIn(heard)[0]);
  }
  expect(upstream.got).toEqual([]);
  const inside = [
    '/a',
    '/a/b%20c',
    '/@evil.example',
    '/http:/x',
    '/a?x=1&y=%2F..%2F',
    '/a?u=//evil/../',
    '/...',
    '/a..b',
    '?',
    '?a=1',
  ];
  for (const rest of inside) {
    const line = `POST ${caller.path}${rest} HTTP/1.1`;
    const { heard } = await speak(gateway.url, request(caller, { line, headers: ['Connection: close'] }));
    expect.soft(statusesIn(heard), rest).toEqual([200]);
    expect.soft(upstream.got.at(-1)?.target, rest).toBe(`/a/mcp${rest === '?' ? '' : rest}`);
  }
});

test('#172, #174, #176, #177 headers: twins, duplicates and hop names never pass; mirrored ones pass unchanged', async ({
  caller,
  hostile: { gateway, upstream },
}) => {
  const send = async (...headers: string[]) => {
    const { heard } = await speak(gateway.url, request(caller, { headers: [...headers, 'Connection: close'] }));
    return statusesIn(heard)[0];
  };
  const twins = [
    'Mcp_Session_Id: theirs',
    'X_Forwarded_For: 1.2.3.4',
    'Content_Length: 0',
    'Transfer_Encoding: chunked',
    'AUTHORIZATION_: x',
  ];
  const never = [
    'Cookie: grantway.session_token=x',
    'DPoP: x',
    'X-API-Key: x',
    'X-Forwarded-For: 1.2.3.4',
    'X-Forwarded-Host: evil',
  ];
  const more = [
    'X-Forwarded-Uri: /admin',
    'X-Original-URL: /admin',
    'X-Rewrite-URL: /admin',
    'Proxy-Authorization: x',
    'TE: trailers',
    'Keep-Alive: 1',
  ];
  const mirrored = [
    'Mcp-Method: tools/Call',
    'Mcp-Name: =?base64?ZWNobw==?=',
    'MCP-Protocol-Version: 1999-01-01',
    'Mcp-Param-Unheard-Of: A b  c',
    'mcp-param-2: \xe9',
  ];
  expect(await send(...twins, ...never, ...more, ...mirrored)).toBe(200);
  const got = upstream.got.at(-1)?.headers ?? [];
  const names = got.map(([name]) => name.toLowerCase());
  for (const header of [...twins, ...never, ...more])
    expect.soft(names).not.toContain(header.split(':')[0]?.toLowerCase());
  for (const header of mirrored) {
    const [name = '', value] = header.split(/: /);
    expect
      .soft(
        got.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, one]) => one),
        name,
      )
      .toEqual([value]);
  }
  expect(JSON.stringify(got)).not.toContain(caller.token);

  const seen = upstream.got.length;
  for (const twice of [
    'Mcp-Method',
    'Mcp-Name',
    'Mcp-Session-Id',
    'MCP-Protocol-Version',
    'Mcp-Param-X',
    'Content-Type',
    'Last-Event-ID',
  ]) {
    expect.soft(await send(`${twice}: a`, `${twice.toUpperCase()}: b`), twice).toBe(400);
  }
  expect.soft(await send(`Authorization: Bearer ${caller.token}`), 'two credentials').toBe(401);
  expect(upstream.got.length).toBe(seen);
});

test('#158, #161, #175 no name, agent, path or parameter lets anybody by, and a challenge is one header that can be parsed', async ({
  caller,
  hostile: { gateway, upstream },
}) => {
  const bare = { ...caller, token: 'x' };
  for (const agent of ['kube-probe/1.30', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0', 'Prometheus/2.0', 'curl/8', '']) {
    for (const query of ['', '?debug=1', '?health', '?skip_auth=true']) {
      const line = `POST ${caller.path}${query} HTTP/1.1`;
      const headers = [`User-Agent: ${agent}`, 'X-Forwarded-Proto: https', 'X-Real-IP: 127.0.0.1', 'Connection: close'];
      const { heard } = await speak(gateway.url, request(bare, { line, headers }));
      expect.soft(statusesIn(heard), `${agent} ${query}`).toEqual([401]);
      const [challenge, ...others] = [...heard.matchAll(/^www-authenticate: (.*)$/gim)].map(([, value = '']) =>
        value.trim(),
      );
      expect.soft(others).toEqual([]);
      // token68 aside: a scheme, then parameters whose values are quoted strings without quotes, backslashes or controls in them.
      expect
        .soft(challenge)
        .toMatch(/^Bearer [a-z_]+="[\x20\x21\x23-\x5b\x5d-\x7e]*"(, [a-z_]+="[\x20\x21\x23-\x5b\x5d-\x7e]*")*$/);
      expect.soft(challenge).not.toContain('quoted');
    }
  }
  for (const path of [
    `/health/live/..${caller.path}`,
    `/health/ready/../..${caller.path}`,
    `/metrics/..${caller.path}`,
  ]) {
    const { heard } = await speak(
      gateway.url,
      request(bare, { line: `POST ${path} HTTP/1.1`, headers: ['Connection: close'] }),
    );
    expect.soft([401, 403, 404, 405], path).toContain(statusesIn(heard)[0]);
  }
  expect(upstream.got).toEqual([]);
});

test('#170 two people over one connection to their upstream: each call carries its own credential and no other', async ({
  context,
  playwright,
  hostile,
}) => {
  const { gateway, upstream } = hostile;
  const other = await playwright.request.newContext();
  const key = (value: string) => ({ authMode: 'STATIC_HEADERS', staticHeaders: [{ name: 'Authorization', value }] });
  const ada = await signUp(context.request, gateway.url);
  const eve = await signUp(other, gateway.url);
  const first = await makeCaller(context.request, ada, hostile, key('Bearer of-ada'));
  const second = await makeCaller(other, eve, hostile, key('Bearer of-eve'));
  for (const caller of [first, second, first, second]) {
    const { heard } = await speak(gateway.url, request(caller, { headers: ['Connection: close'] }));
    expect(statusesIn(heard)).toEqual([200]);
  }
  const credentials = upstream.got.map(({ headers }) => headers.filter(([name]) => /^authorization$/i.test(name)));
  expect(credentials.map((all) => all.map(([, value]) => value))).toEqual(
    ['Bearer of-ada', 'Bearer of-eve', 'Bearer of-ada', 'Bearer of-eve'].map((one) => [one]),
  );
  expect(new Set(upstream.got.map(({ socket }) => socket)).size, 'one pooled connection').toBe(1);
  for (const scheme of ['NTLM TlRMTVNTUAAB', 'Negotiate YIIB', 'negotiate x']) {
    const { made } = await ada.ask<{ made: { message?: string } }>(
      `mutation ($input: ConnectionCreateInput!) { made: connectionCreate(input: $input) {
        ... on ConnectionCreatePayload { connection { url } } ... on Error { message } } }`,
      { input: { name: 'Bound', remoteUrl: upstream.url, ...key(scheme) } },
    );
    expect(made.message, scheme).toMatch(/connection/i);
  }
  await other.dispose();
});

test('#182 headers that are too large or too many, and addresses that are too long, are refused before anything is done', async ({
  caller,
  hostile: { gateway, upstream },
}) => {
  const many = Array.from({ length: 200 }, (_, at) => `X-${at}: 1`);
  const forms: [string, string][] = [
    ['a header of 17 kB', request(caller, { headers: [`X-A: ${'x'.repeat(17_000)}`] })],
    ['200 headers', request(caller, { headers: many })],
    ['200 headers before the credential', request({ ...caller, token: 'x' }, { headers: many })],
    ['an address of 64 kB', request(caller, { line: `POST ${caller.path}?${'a'.repeat(65_536)} HTTP/1.1` })],
  ];
  for (const [name, text] of forms) {
    const { heard } = await speak(gateway.url, text.replace('Content-Type', 'Connection: close\r\nContent-Type'));
    expect.soft([431, 414], `${name}: ${heard.slice(0, 40)}`).toContain(statusesIn(heard)[0]);
  }
  const { heard } = await speak(gateway.url, request(caller, { headers: [`Content-Length: ${2 ** 40}`], end: '' }));
  expect(statusesIn(heard)).toEqual([413]);
  expect(upstream.got).toEqual([]);
});

test('#184 whoever sends headers or a body slowly is cut, whoever asks meanwhile is served', async ({
  context,
  caller,
  hostile,
}) => {
  const { gateway, upstream } = hostile;
  const other = await makeCaller(context.request, await signUp(context.request, gateway.url), hostile);
  const head = request(caller).slice(0, -body.length);
  const drip = (text: string) => {
    const dialled = dial(gateway.url);
    dialled.socket.write(text, 'latin1');
    const timer = setInterval(() => dialled.socket.writable && dialled.socket.write('x'), 200);
    dialled.closed.then(() => clearInterval(timer));
    return dialled;
  };
  const slow = [
    ...Array.from({ length: 40 }, () => drip('GET / HTTP/1.1\r\nX-A: ')),
    ...Array.from({ length: 40 }, () => drip(head.replace(`Content-Length: ${body.length}`, 'Content-Length: 60000'))),
    ...Array.from({ length: 10 }, () => drip(head.replace(`Content-Length: ${body.length}`, 'Content-Length: 900000'))),
    ...Array.from({ length: 100 }, () => dial(gateway.url)),
  ];
  const honest = await speak(gateway.url, request(other, { headers: ['Connection: close'] }), 5_000);
  expect(statusesIn(honest.heard)).toEqual([200]);
  // Those that said nothing at all as well: the time begins with the connection.
  const patience = (REQUEST_SECONDS + 8) * 1_000;
  await within(
    patience,
    'all slow ones are cut',
    Promise.all(slow.map(({ closed }) => closed)).then(() => {}),
  );
  for (const { heard } of slow) expect([undefined, 408, 400]).toContain(statusesIn(heard())[0]);
  expect(upstream.got.filter((one) => one.body === body)).toHaveLength(1);
});

test('#192 a sign-in that floods gets 429 with Retry-After, and another of the same person is served', async ({
  context,
  caller,
  hostile,
}) => {
  const ada = await signUp(context.request, hostile.gateway.url);
  const other = await makeCaller(context.request, ada, hostile);
  const call = ({ url, token }: Caller) =>
    fetch(url, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': `203.0.113.${Math.random()}` },
    });
  const answers = await Promise.all(Array.from({ length: PER_MINUTE }, () => call(caller)));
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThan(PER_MINUTE / 2);
  expect(limited.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
  expect((await call(other)).status).toBe(200);
});
