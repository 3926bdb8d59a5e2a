/** The authorization server over a test database, driven as a client drives it. */
import { v7 as uuidv7 } from 'uuid';
import { type Config, readConfig } from '../config.ts';
import { oauthRoutes } from '../control/oauth/routes.ts';
import { openOAuthServer } from '../control/oauth/server.ts';
import type { Viewer } from '../core/people/viewer.ts';
import type { Database } from '../platform/database.ts';
import { newSealingJwk, newSigningJwk, readKeyring } from '../platform/keys.ts';
import { openLog } from '../platform/log.ts';
import { ask, CALLBACK, consent, ISSUER, type SignIn } from './scene.ts';

export type Ended = { grantIds: readonly string[]; familyIds?: readonly string[] };

/** Opens it. `as` is who the browser is signed in as; `from` the network address of the next requests. */
export async function openTestOAuth(
  database: Database,
  changes: Partial<Config> = {},
  log = openLog(process.env.TEST_LOG ?? 'silent'),
) {
  const keyring = await readKeyring(JSON.stringify({ keys: [newSealingJwk(), await newSigningJwk('ES256')] }));
  const ended: Ended[] = [];
  const state = { viewer: null as Viewer | null, address: '198.51.100.7', now: () => new Date() };
  const config = { ...readConfig({}), url: ISSUER, ...changes };
  const server = openOAuthServer({
    config,
    database,
    keyring,
    log,
    clock: () => state.now(),
    viewerOf: async () => state.viewer,
    addressOf: () => state.address,
    endStreams: (which) => ended.push(which),
  });
  const app = oauthRoutes(server);
  const post = (path: string, form: Record<string, string> | string, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  const postJson = (path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST') =>
    app.request(path, {
      method,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  return {
    app,
    server,
    config,
    keyring,
    ended,
    post,
    postJson,
    get: (path: string, headers: Record<string, string> = {}) => app.request(path, { headers }),
    as: (user: { id: string; name: string; email: string } | null) => {
      state.viewer = user && { userId: user.id, sessionId: uuidv7(), name: user.name, email: user.email, role: 'user' };
      return state.viewer;
    },
    from: (address: string) => {
      state.address = address;
    },
    setClock: (now: () => Date) => {
      state.now = now;
    },
  };
}

export type TestOAuth = Awaited<ReturnType<typeof openTestOAuth>>;

/** Registers a client over HTTP. @returns the whole answer. @throws when it is refused. */
export async function register(oauth: TestOAuth, metadata: Record<string, unknown>): Promise<Record<string, unknown>> {
  const response = await oauth.postJson('/oauth/register', metadata);
  if (response.status !== 201) throw new Error(`registration was refused: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** An approved request: the form that redeems its code as the client does. */
export async function approvedForm(database: Database, how: SignIn): Promise<Record<string, string>> {
  const { handle, verifier } = await ask(database, how);
  const code = await consent(database, handle, how.user);
  if (!code.ok) throw new Error(`consent was refused: ${code.reason.kind}`);
  return {
    grant_type: 'authorization_code',
    code: code.value,
    redirect_uri: how.redirectUri ?? CALLBACK,
    code_verifier: verifier,
    client_id: how.client.clientId,
  };
}
