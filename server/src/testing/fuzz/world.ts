/** The authorization server with what requests need to be nearly right: clients, sign-ins, tokens that stay good. */
import { readConfig } from '../../config.ts';
import { providerRoutes } from '../../control/provider/routes.ts';
import { createApiKey } from '../../core/people/api-key.ts';
import type { Database } from '../../platform/database.ts';
import { openTestOAuth, register } from '../oauth-app.ts';
import {
  CALLBACK,
  ISSUER,
  makeClient,
  makeConnection,
  makeUser,
  providersOf,
  type SceneClient,
  signIn,
} from '../scene.ts';
import { encode, type Form } from './form-cells.ts';

export type Ask = { path: string; method?: string; query?: Form | string; body?: string; headers?: Form };

export const FORM = 'application/x-www-form-urlencoded';
export const JSON_TYPE = 'application/json';

/** Opens it, with its rate limits out of the way. */
export async function openWorld(database: Database) {
  const { lifetimes } = readConfig({});
  const oauth = await openTestOAuth(database, {
    limits: { replays: 1e9, registrationsPerMinute: 1e9, signInsPerMinute: 1e9 },
    // A refresh token that is right stays so, however often it comes.
    lifetimes: { ...lifetimes, replayWindow: 1e6 },
  });
  const user = await makeUser(database);
  const client = await makeClient(database);
  const connection = await makeConnection(database, { userId: user.id });
  const route = `user/${user.id}/${connection.id}/${connection.resource.routeKey}`;
  const resource = `${ISSUER}/mcp-connect/${route}`;
  const registered = await register(oauth, {
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'client_secret_basic',
  });
  const managed = await register(oauth, { redirect_uris: [CALLBACK] });
  const secretId = String(registered.client_id);
  const basic = `Basic ${Buffer.from(`${secretId}:${registered.client_secret}`).toString('base64')}`;
  const confidential = await database.db.oAuthClient.findUniqueOrThrow({ where: { clientId: secretId } });
  /** A sign-in of its own, with the tokens of its first refresh. */
  const tokensOf = async (by: SceneClient, headers: Form) => {
    const scopes = ['mcp:access', 'profile'];
    const made = await signIn(database, { user, client: by, connection, scopes });
    const fields = { grant_type: 'refresh_token', refresh_token: String(made.refreshToken) };
    const form = headers.authorization ? fields : { ...fields, client_id: by.clientId };
    const answer = await oauth.post('/oauth/token', form, headers);
    const { access_token: access, refresh_token: refresh } = (await answer.json()) as Record<string, string>;
    return { ...made, access: String(access), refresh: String(refresh) };
  };
  const mine = await tokensOf(client, {});
  const theirs = await tokensOf(confidential, { authorization: basic });
  // Its own, because the replay of a code that is right ends the sign-in that the code gave.
  const another = await makeClient(database);
  const spent = await signIn(database, { user, client: another, connection });
  const key = await createApiKey(
    database,
    { userId: user.id, organizationId: null, name: 'Fuzz', scopes: ['tokens:introspect'] },
    new Date(),
  );
  const apiKey = key.ok ? `Bearer ${key.value.key}` : '';

  const providers = providerRoutes({
    config: oauth.config,
    providers: await providersOf(database),
    viewerOf: async () => null,
  });
  let asked = 0;
  const send = async ({ path, method = 'GET', query = '', body, headers = {} }: Ask): Promise<number> => {
    // Limits count by address: each gets fewer inputs than it may send.
    if (asked++ % 50 === 0) oauth.from(`10.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`);
    if (asked % 997 === 0) oauth.as(asked % 2 === 0 ? user : null);
    const search = typeof query === 'string' ? query : encode(query);
    const url = `http://localhost${path}${search === '' ? '' : `?${search}`}`;
    if (!URL.canParse(url)) return 0;
    const app = path.startsWith('/oauth/provider/') ? providers : oauth.app;
    const response = await app.request(new Request(url, { method, headers, ...(body === undefined ? {} : { body }) }));
    await response.arrayBuffer();
    return response.status;
  };
  const post = (path: string, form: Form | string, headers: Form = {}) =>
    send({
      path,
      method: 'POST',
      body: typeof form === 'string' ? form : encode(form),
      headers: { 'content-type': FORM, ...headers },
    });
  const json = (path: string, body: string, headers: Form = {}, method = 'POST') =>
    send({ path, method, body: body.toWellFormed(), headers: { 'content-type': JSON_TYPE, ...headers } });
  return {
    send,
    post,
    json,
    client,
    another,
    route,
    resource,
    code: spent.code,
    access: mine.access,
    refresh: mine.refresh,
    theirs: theirs.access,
    basic,
    apiKey,
    secretId,
    /** A client that is changed by and by, and has no grants to lose. */
    managed: { id: String(managed.client_id), token: String(managed.registration_access_token) },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;
