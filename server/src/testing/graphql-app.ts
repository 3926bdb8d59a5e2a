/** The GraphQL endpoint for tests: asked over HTTP, as whoever the test says. */
import { type Config, readConfig } from '../config.ts';
import { graphqlRoutes } from '../control/graphql/routes.ts';
import type { EndStreams } from '../core/grants/streams.ts';
import type { Viewer, ViewerOf } from '../core/people/viewer.ts';
import { openProviderDeps } from '../core/providers/deps.ts';
import type { Database } from '../platform/database.ts';
import { type Keyring, newSealingJwk, newSigningJwk, readKeyring } from '../platform/keys.ts';
import { openLog } from '../platform/log.ts';
import type { Mailer } from '../platform/mail.ts';

export type GraphqlAnswer = {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test's query gave it
  data: any;
  errors: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
};

export type Person = { id: string; name: string; email: string; role?: 'user' | 'admin' };

export async function openGraphqlApp(
  database: Database,
  options: {
    endStreams?: EndStreams;
    viewerOf?: ViewerOf;
    mailer?: Mailer;
    keyring?: Keyring;
    settings?: Record<string, string>;
  } = {},
) {
  const config: Config = readConfig({
    GRANTWAY_ALLOW_UPSTREAMS: '127.0.0.1,upstream.test,other.test',
    ...options.settings,
  });
  const keyring: Keyring =
    options.keyring ?? (await readKeyring(JSON.stringify({ keys: [newSealingJwk(), await newSigningJwk('ES256')] })));
  const people = new Map<string, Viewer>();
  const viewerOf: ViewerOf =
    options.viewerOf ?? (async (headers) => people.get(headers.get('x-test-user') ?? '') ?? null);
  const log = openLog('silent');
  const clock = () => new Date();
  const { url: base, allowUpstreams } = config;
  const providers = openProviderDeps({ database, keyring, clock, log, base, ownDocument: false, allowUpstreams });
  const { routes: app, close } = graphqlRoutes({
    config,
    database,
    keyring,
    log,
    clock,
    viewerOf,
    endStreams: options.endStreams ?? (() => 0),
    mailer: options.mailer ?? null,
    providers,
  });

  /** The raw request; `body` is sent as it is. */
  const post = async (body: string, headers: Record<string, string> = {}): Promise<GraphqlAnswer> => {
    const response = await app.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1', ...headers },
      body,
    });
    const text = await response.text();
    const parsed = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, text, data: parsed.data, errors: parsed.errors ?? [] };
  };

  /** Asks as a person, or as nobody. */
  const ask = (
    person: Person | null,
    query: string,
    variables: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) => {
    if (person)
      people.set(person.id, {
        userId: person.id,
        sessionId: SESSION,
        name: person.name,
        email: person.email,
        role: person.role ?? 'user',
      });
    return post(JSON.stringify({ query, variables }), { ...(person ? { 'x-test-user': person.id } : {}), ...headers });
  };
  return { app, ask, post, config, keyring, close };
}

/** The id of every session of these tests. */
export const SESSION = '01900000-0000-7000-8000-000000000000';
