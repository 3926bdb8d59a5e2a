/** What a person and a client do in each client scenario of the official suite: connect to its server through the gateway, sign in, call. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { NODE } from '../fixtures/child.ts';
import type { FrontDoor } from '../fixtures/front-door.ts';
import { portOf } from '../fixtures/port.ts';
import { bareClient, CALLBACK, encode, type Registration } from './bare-client.ts';

type Scenario = {
  scenario: string;
  version: string;
  serverUrl: string;
  context: { client_id: string; client_secret: string } | null;
};

export type Driver = {
  /** What the suite is to start as its client. */
  command: string;
  /** The scenarios that did not end with a call to the tool, since this was asked last. */
  refused: () => string[];
  /** Why each of them did not, so far. */
  reasons: () => string;
  stop: () => Promise<void>;
};

const PROXY = fileURLToPath(new URL('./conformance-client.mjs', import.meta.url));

/** Waits for scenarios and plays them on a gateway. A scenario that the gateway refuses ends as a client that failed. */
export async function openDriver(door: FrontDoor): Promise<Driver> {
  let refused: string[] = [];
  const reasons: string[] = [];
  const server = createServer(async (request, response) => {
    const scenario: Scenario = JSON.parse(await text(request));
    try {
      await play(door, scenario);
      response.end('done');
    } catch (error) {
      refused.push(scenario.scenario);
      reasons.push(`${scenario.scenario}: ${error}`);
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    command: `${NODE} ${PROXY} ${portOf(server)}`,
    refused: () => {
      const so = refused.sort();
      refused = [];
      return so;
    },
    reasons: () => reasons.join('\n'),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** How often a person would sign in before giving up. */
const SIGN_INS = 3;

async function play(door: FrontDoor, scenario: Scenario): Promise<void> {
  const url = await connect(door, scenario);
  const registered = await door.fetch(`${door.base}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: scenario.scenario,
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'none',
    }),
  });
  const client = bareClient(door.base, (await registered.json()) as Registration, CALLBACK);
  for (let time = 1; ; time++) {
    const accessToken = await signIn(door, client, url);
    try {
      return await use(door, url, accessToken, scenario.version);
    } catch (error) {
      if (time === SIGN_INS) throw error;
    }
  }
}

const DISCOVER = `mutation ($input: ConnectionDiscoverInput!) { found: connectionDiscover(input: $input) {
  ... on ConnectionDiscoverPayload { status authMode scopes scopesOffered } ... on Error { message } } }`;
const CREATE = `mutation ($input: ConnectionCreateInput!) { made: connectionCreate(input: $input) {
  ... on ConnectionCreatePayload { connection { url } } ... on Error { message } } }`;
const APPROVE = `mutation ($input: AuthorizationApproveInput!) { decided: authorizationApprove(input: $input) {
  ... on AuthorizationApprovePayload { redirectTo } ... on Error { message } } }`;

type Found = { status?: string; authMode: string; scopes: string[] | null; scopesOffered: string[] };

/** As the page does: look first, then take what was found. The scopes that a server offers and does not ask for are the person's choice. */
async function connect(door: FrontDoor, { serverUrl, context, scenario }: Scenario): Promise<string> {
  const { found } = await door.ask<{ found: Found }>(DISCOVER, { input: { remoteUrl: serverUrl } });
  if (found.status !== 'NEEDS_SIGN_IN' && found.status !== 'NEEDS_CREDENTIALS') throw new Error(JSON.stringify(found));
  const input = {
    name: scenario,
    remoteUrl: serverUrl,
    // An older server that announces nothing: the person knows that it signs in at its own address.
    authMode: found.status === 'NEEDS_CREDENTIALS' ? 'OAUTH_DYNAMIC' : found.authMode,
    ...(found.scopes === null && found.scopesOffered.length > 0 ? { providerScopes: found.scopesOffered } : {}),
    ...(context ? { providerClientId: context.client_id, providerClientSecret: context.client_secret } : {}),
  };
  const { made } = await door.ask<{ made: { connection?: { url: string } } }>(CREATE, { input });
  if (!made.connection) throw new Error(JSON.stringify(made));
  return made.connection.url;
}

/** Consent, the provider, and back: every redirect as the browser would follow it. */
async function signIn(door: FrontDoor, client: ReturnType<typeof bareClient>, url: string): Promise<string> {
  const asked = client.ask({ resource: url });
  const consent = where(await door.browse(asked.url));
  const requestId = new URL(consent, door.base).pathname.split('/').at(-1);
  const { decided } = await door.ask<{ decided: { redirectTo?: string } }>(APPROVE, { input: { requestId } });
  if (decided.redirectTo === undefined) throw new Error(JSON.stringify(decided));
  let at = decided.redirectTo;
  // A code for the client is already there where the person was signed in at the provider from before.
  while (!at.startsWith(CALLBACK)) {
    const own = new URL(at).origin === door.base;
    at = new URL(where(await (own ? door.browse(at) : fetch(at, { redirect: 'manual' }))), at).href;
  }
  const redeemed = await door.fetch(`${door.base}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: encode(client.codeForm(asked, new URL(at))),
  });
  const { access_token: accessToken } = (await redeemed.json()) as { access_token?: string };
  if (accessToken === undefined) throw new Error(`No token: ${at}`);
  return accessToken;
}

function where(response: Response): string {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`${response.url} answered ${response.status} without leading on`);
  return location;
}

/** Lists the tools and calls one, on the wire of the revision. */
async function use(door: FrontDoor, url: string, accessToken: string, version: string): Promise<void> {
  const options = {
    fetch: (target: string | URL, init?: RequestInit) => door.fetch(target, init),
    requestInit: { headers: { authorization: `Bearer ${accessToken}` } },
  };
  const who = { name: 'grantway-conformance', version: '1.0.0' };
  if (version >= '2026-07-28') {
    await post(door, url, accessToken, 'tools/list', {});
    return post(door, url, accessToken, 'tools/call', { name: 'test-tool', arguments: {} });
  }
  const client = new Client(who);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options) as never);
  await client.listTools();
  await client.callTool({ name: 'test-tool', arguments: {} });
  await client.close();
}

/** One request of the stateless era. Not by an SDK: the suite's server does not know `server/discover`, with which they begin. */
async function post(
  door: FrontDoor,
  url: string,
  accessToken: string,
  method: string,
  params: { name?: string; arguments?: object },
) {
  const response = await door.fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(params.name === undefined ? {} : { 'mcp-name': params.name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method}: ${response.status} ${answer}`);
}

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'grantway-conformance', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
