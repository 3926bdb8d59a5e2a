/** A real MCP client of the 2025 era: the SDK's own transport and authorization, with a person's browser at its side. */
import {
  auth,
  discoverOAuthServerInfo,
  refreshAuthorization,
  UnauthorizedError,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { type CallbackServer, openCallbackServer } from './callback-server.ts';
import { type ClientMemory, openMemory } from './client-memory.ts';
import { openWire, type Wire } from './wire.ts';

export type OpenBrowser = (authorizationUrl: URL) => Promise<void>;

export type McpClient = {
  url: string;
  memory: ClientMemory;
  callback: CallbackServer;
  wire: Wire;
  /** The SDK's client, once connected. */
  sdk: () => Client;
  /** Tries without a token, goes through the browser, and connects. Returns the callback's address. */
  signIn: (openBrowser: OpenBrowser) => Promise<URL>;
  /** Goes through the browser and stays there: for whoever needs no more than an access token. */
  obtainToken: (openBrowser: OpenBrowser) => Promise<string>;
  /** Connects with the tokens that it has. */
  connect: () => Promise<void>;
  /** Resolves when the server has asked for this client's roots, which it does over the standalone stream. */
  rootsAsked: Promise<void>;
  echo: (message: string) => Promise<unknown>;
  /** The SDK's own refresh, with any refresh token. */
  refresh: (refreshToken: string) => Promise<OAuthTokens>;
  close: () => Promise<void>;
};

type Choices = { name?: string | undefined; host?: string; headers?: Record<string, string>; document?: string };

export async function openMcpClient(
  url: string,
  { name, host, headers = {}, document }: Choices = {},
): Promise<McpClient> {
  const callback = await openCallbackServer(host);
  const memory = openMemory(name, callback.redirectUri, document);
  const wire = openWire();
  let asked: () => void = () => {};
  const rootsAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let client: Client | undefined;

  const newTransport = () =>
    new StreamableHTTPClientTransport(new URL(url), {
      authProvider: memory.provider,
      fetch: wire.fetch,
      requestInit: { headers },
      reconnectionOptions: {
        initialReconnectionDelay: 100,
        maxReconnectionDelay: 100,
        reconnectionDelayGrowFactor: 1,
        maxRetries: 1,
      },
    });
  const newClient = () => {
    const sdk = new Client({ name: name ?? 'nameless', version: '1.0.0' }, { capabilities: { roots: {} } });
    sdk.setRequestHandler(ListRootsRequestSchema, () => {
      asked();
      return { roots: [] };
    });
    return sdk;
  };
  const sdk = (): Client => {
    if (!client) throw new Error('This client is not connected.');
    return client;
  };
  const connect = async () => {
    client = newClient();
    await client.connect(newTransport());
  };

  const authorize = async (openBrowser: OpenBrowser) => {
    const transport = newTransport();
    const refusal = await newClient()
      .connect(transport)
      .catch((error: unknown) => error);
    if (!(refusal instanceof UnauthorizedError)) throw refusal;
    const answer = await visit(memory, callback, openBrowser);
    await transport.finishAuth(answer.searchParams.get('code') ?? '');
    return answer;
  };

  return {
    url,
    memory,
    callback,
    wire,
    sdk,
    connect,
    rootsAsked,
    obtainToken: async (openBrowser) => {
      await authorize(openBrowser);
      return memory.kept.tokens?.access_token ?? '';
    },
    signIn: async (openBrowser) => {
      const answer = await authorize(openBrowser);
      await connect();
      return answer;
    },
    echo: async (message) => {
      const { content } = await sdk().callTool({ name: 'echo', arguments: { message } });
      return content;
    },
    refresh: async (refreshToken) => {
      const { authorizationServerUrl, authorizationServerMetadata, resourceMetadata } =
        await discoverOAuthServerInfo(url);
      return refreshAuthorization(authorizationServerUrl, {
        ...(authorizationServerMetadata ? { metadata: authorizationServerMetadata } : {}),
        clientInformation: memory.kept.registration ?? { client_id: '' },
        refreshToken,
        ...(resourceMetadata ? { resource: resourceMetadata.resource } : {}),
      });
    },
    close: async () => {
      await client?.close();
      await callback.stop();
    },
  };
}

/** Registers where needed and returns the authorization URL, without a browser. */
export async function beginAuthorization(client: McpClient): Promise<URL> {
  await auth(client.memory.provider, { serverUrl: client.url });
  const { authorizationUrl } = client.memory.kept;
  if (!authorizationUrl) throw new Error('The SDK did not ask for a browser.');
  return authorizationUrl;
}

async function visit(memory: ClientMemory, callback: CallbackServer, openBrowser: OpenBrowser): Promise<URL> {
  const { authorizationUrl, state } = memory.kept;
  if (!authorizationUrl) throw new Error('The SDK did not ask for a browser.');
  const arrival = callback.answer();
  await openBrowser(authorizationUrl);
  const answer = await arrival;
  if (answer.searchParams.get('state') !== state) throw new Error('The answer is for another request.');
  if (!answer.searchParams.has('code')) throw new Error(`The answer has no code: ${answer.search}`);
  return answer;
}
