/** A client without a library: it sends exactly what a test says, which no library would. */
import { createHash, randomBytes } from 'node:crypto';

/** What is sent: undefined leaves the usual field out, a list sends it several times. */
export type Fields = Record<string, string | string[] | undefined>;

export type Registration = Record<string, unknown> & { client_id: string; client_secret?: string };
export type Asked = { url: URL; verifier: string; redirectUri: string };
export type TokenAnswer = { access_token: string; refresh_token?: string; scope: string; expires_in: number };

export type BareClient = {
  registration: Registration;
  id: string;
  redirectUri: string;
  /** A fresh authorization request. `path` for another spelling of the endpoint. */
  ask: (changes?: Fields, path?: string) => Asked;
  /** What redeems the code of an answer. */
  codeForm: (asked: Asked, answer: URL, changes?: Fields) => Fields;
  refreshForm: (refreshToken: string, changes?: Fields) => Fields;
};

export const CALLBACK = 'http://127.0.0.1:8976/callback';

/** Registers a client, public unless `metadata` says otherwise. */
export async function registerClient(gatewayUrl: string, metadata: object = {}): Promise<BareClient> {
  const response = await postJson(`${gatewayUrl}/oauth/register`, {
    client_name: 'Bare',
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'none',
    ...metadata,
  });
  const registration = (await response.json()) as Registration & { redirect_uris: string[] };
  if (response.status !== 201) throw new Error(`It was not registered: ${JSON.stringify(registration)}`);
  return bareClient(gatewayUrl, registration, registration.redirect_uris[0] ?? '');
}

/** A client that the gateway knows, or will know by its document. */
export function bareClient(gatewayUrl: string, registration: Registration, redirectUri: string): BareClient {
  const { client_id: id, client_secret: secret } = registration;
  const credentials: Fields = { client_id: id, ...(secret === undefined ? {} : { client_secret: secret }) };
  return {
    registration,
    id,
    redirectUri,
    ask: (changes = {}, path = '/oauth/authorize') => {
      const verifier = randomBytes(32).toString('base64url');
      const fields: Fields = {
        client_id: id,
        redirect_uri: redirectUri,
        response_type: 'code',
        code_challenge: challengeOf(verifier),
        code_challenge_method: 'S256',
        state: 'the state',
        scope: 'mcp:access',
        ...changes,
      };
      const url = new URL(`${gatewayUrl}${path}?${encode(fields)}`);
      return { url, verifier, redirectUri: String(fields.redirect_uri) };
    },
    codeForm: (asked, answer, changes = {}) => ({
      grant_type: 'authorization_code',
      code: answer.searchParams.get('code') ?? '',
      redirect_uri: asked.redirectUri,
      code_verifier: asked.verifier,
      ...credentials,
      ...changes,
    }),
    refreshForm: (refreshToken, changes = {}) => ({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      ...credentials,
      ...changes,
    }),
  };
}

export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

export function encode(fields: Fields): string {
  const entries = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(entries).toString();
}

/** Posts a form and follows nothing. */
export const postForm = (url: string, fields: Fields, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: encode(fields),
    redirect: 'manual',
  });

/** Posts JSON; a string goes as it is. */
export const postJson = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    redirect: 'manual',
  });

/** Opens an address as a browser without cookies does, and follows nothing. */
export const visit = (url: URL | string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { headers, redirect: 'manual' });

/** A request of the MCP protocol with an access token, or without one. What the upstream says does not matter here. */
export async function callMcp(url: string, accessToken?: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const response = await fetch(url, {
    method: 'POST',
    headers: accessToken === undefined ? headers : { ...headers, authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
  await response.body?.cancel();
  return response;
}
