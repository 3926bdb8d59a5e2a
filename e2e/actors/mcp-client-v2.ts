/** A real MCP client of the 2026-07-28 era: the second SDK's own transport and authorization, pinned to that wire. */
import {
  Client,
  discoverOAuthServerInfo,
  type OAuthTokens,
  refreshAuthorization,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { type CallbackServer, openCallbackServer } from './callback-server.ts';
import { type ClientMemory, openMemory } from './client-memory.ts';
import type { OpenBrowser } from './mcp-client.ts';
import { openWire, type Wire } from './wire.ts';

export type McpClientV2 = {
  memory: ClientMemory;
  callback: CallbackServer;
  wire: Wire;
  sdk: Client;
  signIn: (openBrowser: OpenBrowser) => Promise<URL>;
  echo: (message: string) => Promise<unknown>;
  refresh: (refreshToken: string) => Promise<OAuthTokens>;
  close: () => Promise<void>;
};

type Choices = { name?: string; headers?: Record<string, string>; document?: string };

export async function openMcpClientV2(
  url: string,
  { name, headers = {}, document }: Choices = {},
): Promise<McpClientV2> {
  const callback = await openCallbackServer();
  const memory = openMemory(name, callback.redirectUri, document);
  const wire = openWire();
  const newTransport = () =>
    new StreamableHTTPClientTransport(new URL(url), {
      authProvider: memory.provider,
      fetch: wire.fetch,
      requestInit: { headers },
    });
  const newClient = () =>
    new Client({ name: name ?? 'nameless', version: '1.0.0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  const sdk = newClient();

  return {
    memory,
    callback,
    wire,
    sdk,
    signIn: async (openBrowser) => {
      const transport = newTransport();
      const refusal = await newClient()
        .connect(transport)
        .catch((error: unknown) => error);
      if (!(refusal instanceof UnauthorizedError)) throw refusal;
      const { authorizationUrl, state } = memory.kept;
      if (!authorizationUrl) throw new Error('The SDK did not ask for a browser.');
      const arrival = callback.answer();
      await openBrowser(authorizationUrl);
      const answer = await arrival;
      if (answer.searchParams.get('state') !== state) throw new Error('The answer is for another request.');
      await transport.finishAuth(answer.searchParams); // checks `iss` before it reads the code
      await sdk.connect(newTransport());
      return answer;
    },
    echo: async (message) => {
      const { content } = await sdk.callTool({ name: 'echo', arguments: { message } });
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
      await sdk.close();
      await callback.stop();
    },
  };
}
