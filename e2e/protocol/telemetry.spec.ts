/** What an operator sees of a running gateway: traces at a real collector, the log, the figures; and what is in none of them. */
import type { IncomingHttpHeaders } from 'node:http';
import { type BareClient, CALLBACK, postForm, registerClient, type TokenAnswer } from '../actors/bare-client.ts';
import { openProtectedServer } from '../actors/protected-server.ts';
import { type CollectedSpan, openTraceCollector, type TraceCollector } from '../actors/trace-collector.ts';
import { openStateless, type StatelessUpstream } from '../actors/upstream-stateless.ts';
import { openTicking } from '../actors/upstream-ticking.ts';
import { approve, decide, openRequest } from '../fixtures/consent.ts';
import { type Gateway, openGateway } from '../fixtures/gateway.ts';
import { passProvider } from '../fixtures/pass-provider.ts';
import { PASSWORD, type Person, signUp } from '../fixtures/person.ts';
import { test as base, expect } from '../fixtures/test.ts';

const COLLECTOR_KEY = 'canary-collector-key';
const METRICS_TOKEN = 'canary-metrics-token';
const STATIC_SECRET = 'canary-static-header';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${PARENT}-01`;

type Watched = { gateway: Gateway; collector: TraceCollector; upstream: StatelessUpstream };

const test = base.extend<{ ada: Person }, { watched: Watched }>({
  watched: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const [collector, upstream] = await Promise.all([openTraceCollector(), openStateless()]);
      const gateway = await openGateway({
        GRANTWAY_METRICS_TOKEN: METRICS_TOKEN,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_HEADERS: `x-collector-key=${COLLECTOR_KEY}`,
        OTEL_BSP_SCHEDULE_DELAY: '50',
        OTEL_SERVICE_NAME: 'grantway-under-test',
      });
      await use({ gateway, collector, upstream });
      await gateway.dispose();
      await Promise.all([collector.stop(), upstream.stop()]);
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  ada: async ({ context, watched }, use) => use(await signUp(context.request, watched.gateway.url)),
});

const ping = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: {} } };
const callAs = (url: string, token: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify(ping),
  });

async function redeem(gateway: Gateway, form: ReturnType<BareClient['codeForm']>) {
  const response = await postForm(`${gateway.url}/oauth/token`, form);
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Required<TokenAnswer>;
}

/** The spans of one trace, once the one of that name has come. */
async function traceWith(collector: TraceCollector, name: string, traceId?: string): Promise<CollectedSpan[]> {
  const find = () => collector.spans().findLast((one) => one.name === name && (traceId ?? one.traceId) === one.traceId);
  await expect.poll(() => find()?.name, { message: `a span called ${name}` }).toBe(name);
  return collector.spans().filter((one) => one.traceId === find()?.traceId);
}

const named = (spans: CollectedSpan[], name: string, kind?: number): CollectedSpan => {
  const found = spans.find((one) => one.name === name && (kind ?? one.kind) === one.kind);
  if (!found) throw new Error(`There is no ${name} among ${spans.map((one) => `${one.kind} ${one.name}`).join(', ')}`);
  return found;
};
const lastTrace = (headers: IncomingHttpHeaders | undefined): string[] => String(headers?.traceparent).split('-');

type Line = Record<string, unknown>;

/** The log is written a few times a second. */
async function lineOf(gateway: Gateway, is: (line: Line) => boolean): Promise<Line | undefined> {
  const find = () => {
    const lines = gateway.said().split('\n');
    return lines.flatMap((line): Line[] => (/^\{.*\}$/.test(line) ? [JSON.parse(line)] : [])).find(is);
  };
  await expect.poll(find).toBeDefined();
  return find();
}

test('a trace goes from the client through the grant check to the upstream; #275, field note C29: no secret is in it, nor in the log', async ({
  context,
  page,
  ada,
  watched: { gateway, collector, upstream },
}) => {
  const secrets: string[] = [COLLECTOR_KEY, METRICS_TOKEN, STATIC_SECRET, PASSWORD];
  const keep = <T extends TokenAnswer>(tokens: T): T => {
    secrets.push(tokens.access_token, tokens.refresh_token ?? tokens.access_token);
    return tokens;
  };
  const connection = await ada.createConnection({
    name: 'Stateless',
    remoteUrl: upstream.url,
    headers: [{ name: 'x-service-key', value: STATIC_SECRET }],
  });
  const client = await registerClient(gateway.url, { token_endpoint_auth_method: 'client_secret_post' });
  secrets.push(client.registration.client_secret ?? '', String(client.registration.registration_access_token));
  const asked = client.ask({ resource: connection.url, state: 'canary-state' });
  const answer = await approve(context.request, ada, asked.url);
  secrets.push(asked.verifier, answer.searchParams.get('code') ?? '', 'canary-state');
  const first = keep(await redeem(gateway, client.codeForm(asked, answer)));
  const tokens = keep(await redeem(gateway, client.refreshForm(first.refresh_token)));
  const [grant] = await ada.grants();

  await test.step('the call: server, grant check, client; the upstream is told its place in the trace', async () => {
    const answered = await callAs(connection.url, tokens.access_token, { traceparent, tracestate: 'vendor=1' });
    await answered.text();
    const spans = await traceWith(collector, 'POST /mcp-connect', TRACE);
    const request = named(spans, 'POST /mcp-connect', 2);
    const check = named(spans, 'grant check', 1);
    const call = named(spans, 'POST', 3);
    expect(request.parentSpanId).toBe(PARENT);
    expect([check.parentSpanId, call.parentSpanId]).toEqual([request.spanId, request.spanId]);
    expect(check.attributes['grantway.grant.live']).toBe(true);
    const { headers } = upstream.received.at(-1) ?? {};
    expect([lastTrace(headers), headers?.tracestate]).toEqual([['00', TRACE, call.spanId, '01'], 'vendor=1']);
    const line = await lineOf(gateway, ({ traceId }) => traceId === TRACE);
    expect(line).toMatchObject({ msg: 'mcp request', status: answered.status, requestId: expect.any(String) });
    expect(request.attributes['grantway.grant.id']).toBe(line?.grantId);
    expect(Buffer.from(grant?.id ?? '', 'base64').toString()).toContain(String(line?.grantId));
  });

  await test.step('the token endpoint and GraphQL operations have theirs, with the grant and without what was sent', async () => {
    await traceWith(collector, 'token authorization_code');
    const tokenSpans = () => collector.spans().filter(({ name }) => name === 'POST /oauth/token/*');
    await expect
      .poll(() => tokenSpans().map(({ attributes }) => attributes))
      .toContainEqual(expect.objectContaining({ 'oauth.grant_type': 'refresh_token', 'grantway.outcome': 'issued' }));
    const spans = await traceWith(collector, 'graphql mutation authorizationApprove');
    expect(named(spans, 'POST /graphql', 2).attributes['graphql.operation']).toBe('mutation authorizationApprove');
    await traceWith(collector, 'GET /oauth/authorize/*');
    const line = await lineOf(
      gateway,
      ({ grantType, grantId }) => grantType === 'refresh_token' && grantId !== undefined,
    );
    expect(line).toMatchObject({ route: '/oauth/token/*', outcome: 'issued', requestId: expect.any(String) });
  });

  await test.step('a sign-in at a provider: its callback, and what was asked of the provider', async () => {
    const provider = await openProtectedServer(upstream.url);
    const { connectionCreate } = await ada.ask<{ connectionCreate: { connection: { id: string; url: string } } }>(
      `mutation ($input: ConnectionCreateInput!) { connectionCreate(input: $input) {
        ... on ConnectionCreatePayload { connection { id url } } ... on Error { message } } }`,
      { input: { name: 'Provided', remoteUrl: provider.url, authMode: 'OAUTH_DYNAMIC' } },
    );
    const { url } = connectionCreate.connection;
    const question = client.ask({ resource: url });
    await page.route(`${CALLBACK}**`, (route) => route.fulfill({ body: 'back' }));
    await page.goto((await approve(context.request, ada, question.url)).href);
    await passProvider(page, 'ada');
    await page.waitForURL(({ pathname }) => pathname === '/callback');
    const back = new URL(page.url());
    secrets.push(back.searchParams.get('code') ?? '', question.verifier);
    const spans = await traceWith(collector, 'GET /oauth/provider/callback/:provider');
    const asking = named(spans, 'POST', 3);
    expect(asking.attributes).toMatchObject({ 'server.address': 'localhost', 'http.response.status_code': 200 });
    const upstreamTokens = keep(await redeem(gateway, client.codeForm(question, back)));
    await (await callAs(url, upstreamTokens.access_token)).text();
    secrets.push(...provider.secrets);
    await provider.stop();
  });

  await test.step('what goes wrong tells nothing either', async () => {
    await callAs(connection.url, `${tokens.access_token}x`);
    await callAs(`${connection.url}?access_token=${tokens.access_token}`, tokens.access_token);
    await postForm(`${gateway.url}/oauth/token`, client.codeForm(asked, answer));
    await postForm(`${gateway.url}/oauth/revoke`, { ...client.refreshForm(''), token: tokens.refresh_token });
    await ada.ask('{ viewer { grants { edges { node { id } } } } }');
    await traceWith(collector, 'POST /oauth/revoke');
  });

  await gateway.stop(); // with what was not yet sent
  const known = [...new Set(secrets)];
  expect(known.length).toBeGreaterThan(15);
  expect(known.filter((secret) => secret.length < 8)).toEqual([]);
  for (const [where, text] of [
    ['the log', gateway.said()],
    ['the traces', collector.received()],
  ] as const) {
    expect(text.length, where).toBeGreaterThan(2_000);
    expect(
      known.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret))),
      where,
    ).toEqual([]);
    expect(text, `the address of a connection is in ${where}`).not.toContain(connection.url.split('/').at(-1));
  }
  expect(
    collector.deliveries.every((one) => one['x-collector-key'] === COLLECTOR_KEY && one.path === '/v1/traces'),
  ).toBe(true);
  expect(collector.received()).toContain('grantway-under-test');
  await gateway.start();
});

test('a trace that nobody can have begun is none: another begins, and nothing of it reaches the upstream', async ({
  context,
  ada,
  watched: { gateway, collector, upstream },
}) => {
  const connection = await ada.createConnection({ name: 'Stateless', remoteUrl: upstream.url });
  const client = await registerClient(gateway.url);
  const asked = client.ask({ resource: connection.url });
  const tokens = await redeem(gateway, client.codeForm(asked, await approve(context.request, ada, asked.url)));
  for (const hostile of [`${traceparent}<script>`, `ff${traceparent.slice(2)}`, `00-${'0'.repeat(32)}-${PARENT}-01`]) {
    await (
      await callAs(connection.url, tokens.access_token, {
        traceparent: hostile,
        tracestate: 'theirs=1',
        baggage: 'user=ada',
      })
    ).text();
    const { headers } = upstream.received.at(-1) ?? {};
    expect([headers?.tracestate, headers?.baggage]).toEqual([undefined, undefined]);
    const [, traceId, spanId] = lastTrace(headers);
    expect([TRACE, '0'.repeat(32)]).not.toContain(traceId);
    const spans = await traceWith(collector, 'POST /mcp-connect', traceId);
    expect(named(spans, 'POST', 3).spanId).toBe(spanId);
    expect(named(spans, 'POST /mcp-connect').parentSpanId).toBe('');
  }
  // Whoever asks for no sampling is not recorded, and its trace goes on all the same.
  const unsampled = `00-${'7'.repeat(32)}-${PARENT}-00`;
  await (await callAs(connection.url, tokens.access_token, { traceparent: unsampled })).text();
  const [, traceId, spanId, flags] = lastTrace(upstream.received.at(-1)?.headers);
  expect([traceId, flags, spanId === PARENT]).toEqual(['7'.repeat(32), '00', false]);
  expect(collector.spans().some((one) => one.traceId === '7'.repeat(32))).toBe(false);
});

test('#293 every figure moves when its thing happens, and is for whoever shows the token alone', async ({
  context,
  ada,
  watched: { gateway },
}) => {
  const shown = { authorization: `Bearer ${METRICS_TOKEN}` };
  const read = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`, { headers: shown })).text();
    const figures = new Map(
      text.split('\n').map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1)]),
    );
    return (series: string): number => Number(figures.get(series) ?? 0);
  };
  const before = await read();
  const upstream = await openTicking();
  const connection = await ada.createConnection({ name: 'Ticking', remoteUrl: upstream.url });
  const client = await registerClient(gateway.url);
  const ask = () => client.ask({ resource: connection.url });
  const asked = ask();
  const first = await redeem(gateway, client.codeForm(asked, await approve(context.request, ada, asked.url)));
  await decide(ada, await openRequest(context.request, ask().url), 'Deny');
  const tokens = await redeem(gateway, client.refreshForm(first.refresh_token));
  await redeem(gateway, client.refreshForm(first.refresh_token));
  await postForm(`${gateway.url}/oauth/token`, client.refreshForm('no such token'));

  await (await callAs(connection.url, tokens.access_token)).text();
  await (await callAs(connection.url, 'no-token')).text();
  await (await callAs(`${connection.url}/not/here`, tokens.access_token)).text();
  const stream = await fetch(connection.url, {
    headers: { authorization: `Bearer ${tokens.access_token}`, accept: 'text/event-stream' },
  });
  const during = await read();
  expect(during('grantway_open_streams') - before('grantway_open_streams')).toBe(1);
  for (const { id } of await ada.grants()) await ada.revoke(id);
  await stream.text().catch(() => {});
  await upstream.stop();
  await expect
    .poll(async () => (await read())('grantway_revocations_total{kind="grants"}'))
    .toBeGreaterThan(before('grantway_revocations_total{kind="grants"}'));
  const after = await read();
  const grown = (series: string): number => after(series) - before(series);
  expect(after('grantway_open_streams')).toBe(before('grantway_open_streams'));
  expect(
    Object.fromEntries(
      [
        'grantway_requests_total{outcome="ok"}',
        'grantway_requests_total{outcome="denied"}',
        'grantway_requests_total{outcome="refused"}',
        'grantway_grant_check_seconds_count',
        'grantway_upstream_seconds_count',
        'grantway_refreshes_total{outcome="rotated"}',
        'grantway_refreshes_total{outcome="replayed"}',
        'grantway_refreshes_total{outcome="refused"}',
        'grantway_decisions_total{answer="allowed"}',
        'grantway_decisions_total{answer="denied"}',
      ].map((series) => [series.slice('grantway_'.length), grown(series)]),
    ),
  ).toEqual({
    'requests_total{outcome="ok"}': 2,
    'requests_total{outcome="denied"}': 1,
    'requests_total{outcome="refused"}': 1,
    grant_check_seconds_count: 3,
    upstream_seconds_count: 2,
    'refreshes_total{outcome="rotated"}': 1,
    'refreshes_total{outcome="replayed"}': 1,
    'refreshes_total{outcome="refused"}': 1,
    'decisions_total{answer="allowed"}': 1,
    'decisions_total{answer="denied"}': 1,
  });

  const strangers: Record<string, string>[] = [
    {},
    { authorization: 'Bearer other' },
    { cookie: `token=${METRICS_TOKEN}` },
  ];
  for (const headers of strangers)
    expect(await (await fetch(`${gateway.url}/metrics`, { headers })).text()).not.toContain('grantway_');
  for (const path of [
    '/metrics/',
    '//metrics',
    '/metrics?x=1',
    '/%6detrics',
    '/debug',
    '/debug/pprof/',
    '/admin',
    '/actuator',
  ]) {
    const answer = await fetch(`${gateway.url}${path}`);
    expect(await answer.text(), path).not.toMatch(/grantway_\w+_total|heap|pprof/);
  }
});
