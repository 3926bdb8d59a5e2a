/** What an MCP client keeps about its authorization, in memory, in the form that both SDKs ask for it. */
import { randomUUID } from 'node:crypto';

export type Tokens = { access_token: string; token_type: string; refresh_token?: string; issuer?: string };
export type Registration = { client_id: string; client_secret?: string; issuer?: string };

/** What both SDKs remember of discovery between leaving for the browser and coming back. */
type Discovery = { authorizationServerUrl: string };

export type ClientMemory = ReturnType<typeof openMemory>;

/** `document`: the address of its metadata document, where it has one. */
export function openMemory(clientName: string | undefined, redirectUri: string, document?: string) {
  const kept: {
    registration?: Registration | undefined;
    tokens?: Tokens | undefined;
    verifier?: string;
    state?: string;
    authorizationUrl?: URL;
    discovery?: Discovery;
  } = {};
  const provider = {
    redirectUrl: redirectUri,
    ...(document === undefined ? {} : { clientMetadataUrl: document }),
    clientMetadata: {
      ...(clientName === undefined ? {} : { client_name: clientName }),
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    state: () => {
      kept.state = randomUUID();
      return kept.state;
    },
    clientInformation: () => kept.registration,
    saveClientInformation: (registration: Registration) => {
      kept.registration = registration;
    },
    tokens: () => kept.tokens,
    saveTokens: (tokens: Tokens) => {
      kept.tokens = tokens;
    },
    redirectToAuthorization: (url: URL) => {
      kept.authorizationUrl = url; // the test takes it to a browser
    },
    saveCodeVerifier: (verifier: string) => {
      kept.verifier = verifier;
    },
    codeVerifier: () => kept.verifier ?? '',
    saveDiscoveryState: (discovery: Discovery) => {
      kept.discovery = discovery;
    },
    discoveryState: () => kept.discovery,
    invalidateCredentials: (what: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery') => {
      if (what === 'tokens' || what === 'all') delete kept.tokens;
      if (what === 'client' || what === 'all') delete kept.registration;
      if (what === 'discovery' || what === 'all') delete kept.discovery;
    },
  };
  return {
    kept,
    provider,
    /** Makes the next request carry an access token that the gateway refuses, as an expired one would be. */
    spoilAccessToken: () => {
      if (kept.tokens) kept.tokens = { ...kept.tokens, access_token: `${kept.tokens.access_token}x` };
    },
  };
}
