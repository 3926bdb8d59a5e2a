/** `POST /graphql`: same-origin or with an API key, JSON, one operation; who asks is known before anything is parsed. */
import type { GraphQLError } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { Hono } from 'hono';
import type { Config } from '../../config.ts';
import type { EndStreams } from '../../core/grants/streams.ts';
import { authenticateApiKey } from '../../core/people/api-key.ts';
import type { ViewerOf } from '../../core/people/viewer.ts';
import type { ProviderDeps } from '../../core/providers/deps.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { readAllowList } from '../../platform/http/address-guard.ts';
import { bearerOf } from '../../platform/http/bearer.ts';
import { mediaTypeOf } from '../../platform/http/body.ts';
import { browserCookieName, readCookie } from '../../platform/http/cookie.ts';
import { openGuardedDispatcher } from '../../platform/http/guarded-fetch.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { isCrossOrigin } from '../../platform/http/same-origin.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Log } from '../../platform/log.ts';
import type { Mailer } from '../../platform/mail.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { openLimiter } from '../../platform/rate-limit.ts';
import { exportEvents } from './audit-export.ts';
import type { Context, Surroundings } from './context.ts';
import { useLimits } from './limits.ts';
import { openLive } from './live.ts';
import { openMask } from './mask.ts';
import { useOperationSpan } from './operation-span.ts';
import { schema } from './schema.ts';

export type GraphqlDeps = {
  config: Config;
  database: Database;
  keyring: Keyring;
  log: Log;
  clock: Clock;
  viewerOf: ViewerOf;
  endStreams: EndStreams;
  mailer: Mailer | null;
  providers: ProviderDeps;
  /** Absent where nobody counts. */
  metrics?: Metrics;
};

const MAX_BODY = 100_000;
const CONTACTS_PER_MINUTE = 20;
/** Enough for somebody who types slowly, too few to search a network with. */
const DISCOVERIES_PER_MINUTE = 60;
/** An hour: enough to invite a company, too few to bother the world, or one person, in our name. */
const INVITATION_MAILS = { bySender: 100, byAddress: 5 };

/** `close` ends the subscriptions, which have no end of their own. */
export function graphqlRoutes(deps: GraphqlDeps): { routes: Hono; close: () => Promise<void> } {
  const { config } = deps;
  const mask = openMask(deps.log);
  const yoga = openYoga(deps, mask);
  const live = openLive(deps);
  const allow = readAllowList(config.allowUpstreams);
  const surroundings: Surroundings = {
    base: config.url,
    codeLifetime: config.lifetimes.code,
    allowUpstreams: allow,
    contact: { dispatcher: openGuardedDispatcher(allow), allow },
    contacts: openLimiter(deps.database, 'connection-test', { points: CONTACTS_PER_MINUTE, seconds: 60 }),
    database: deps.database,
    keyring: deps.keyring,
    clock: deps.clock,
    endStreams: deps.endStreams,
    mailer: deps.mailer,
    mailNewClients: config.mailNewClients,
    live,
    metrics: deps.metrics,
    providers: deps.providers,
    discoveries: openLimiter(deps.database, 'discover', { points: DISCOVERIES_PER_MINUTE, seconds: 60 }),
    invitationMails: {
      bySender: openLimiter(deps.database, 'invitation-sender', { points: INVITATION_MAILS.bySender, seconds: 3_600 }),
      byAddress: openLimiter(deps.database, 'invitation-address', {
        points: INVITATION_MAILS.byAddress,
        seconds: 3_600,
      }),
    },
  };
  // Our own pages alone: a page of another origin could ask with the viewer's cookie (#239). A key is no browser's to send.
  const isForeign = (request: Request): boolean => !isByKey(request) && isCrossOrigin(request.headers, [config.url]);
  /** Who asks and what with, or the refusal. */
  const contextOf = async (request: Request): Promise<Context | Response> => {
    if (isForeign(request)) return foreign();
    try {
      const callerOf = isByKey(request) ? holderOf : personOf;
      const caller = await callerOf(deps, request.headers);
      if (!caller) return refuse(401, 'UNAUTHENTICATED', 'This is not an API key that is valid now.', CHALLENGE);
      const viewerNow = async () => (await callerOf(deps, request.headers))?.viewer ?? null;
      return { ...surroundings, ...caller, viewerNow };
    } catch (error) {
      const { extensions, message } = mask(error);
      return answer(extensions as Masked, message);
    }
  };
  const routes = new Hono();
  routes.all('/graphql', async ({ req: { raw: request } }) => {
    if (request.method !== 'POST') return refuse(405, 'METHOD_NOT_ALLOWED', 'Ask with POST.', { allow: 'POST' });
    if (isForeign(request)) return foreign();
    // And of our pages only what has this header, which no form and no link can send: one without an Origin may come from a page too (#66).
    if (!isByKey(request) && !request.headers.has(PAGE_HEADER))
      return refuse(403, 'FORBIDDEN', `Send the header ${PAGE_HEADER}, or an API key.`);
    if (mediaTypeOf(request) !== 'application/json')
      return refuse(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send application/json.');
    const context = await contextOf(request);
    if (context instanceof Response) return context;
    const response = await yoga.fetch(request, context);
    const headers = new Headers(response.headers);
    headers.set('cache-control', 'no-store');
    return new Response(response.body, { status: response.status, headers });
  });
  routes.get('/api/audit-events', async ({ req: { raw: request } }) => {
    const context = await contextOf(request);
    if (context instanceof Response) return context;
    try {
      return await exportEvents(context, new URL(request.url).searchParams);
    } catch (error) {
      const { extensions, message } = mask(error);
      return answer(extensions as Masked, message);
    }
  });
  return { routes, close: live.close };
}

const foreign = (): Response => refuse(403, 'FORBIDDEN', 'This request came from another site.');

const isByKey = (request: Request): boolean => /^bearer\b/i.test(request.headers.get('authorization') ?? '');

/** What a bearer says: an API key and nothing else. An MCP client's access token has no place here, and a cookie beside it no say. */
async function holderOf({ database, clock }: GraphqlDeps, headers: Headers) {
  const presented = bearerOf(headers.get('authorization'));
  const viewer = presented === null ? null : await authenticateApiKey(database, presented, clock());
  return viewer && { viewer, browserBinding: null };
}

const personOf = async ({ config, viewerOf }: GraphqlDeps, headers: Headers) => ({
  viewer: await viewerOf(headers),
  browserBinding: readCookie(headers.get('cookie'), browserCookieName(config.url)),
});

const CHALLENGE = { 'www-authenticate': 'Bearer' };

/** What a page sends to show that it is ours (#239); a bearer shows more. */
const PAGE_HEADER = 'x-graphql-yoga-csrf';

function openYoga({ log }: GraphqlDeps, mask: (error: unknown) => GraphQLError) {
  return createYoga<Context>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    cors: false,
    maxRequestBodySize: MAX_BODY,
    // The price of a document depends on its variables, so no verdict is kept.
    parserAndValidationCache: { validationCache: false },
    maskedErrors: { isDev: false, maskError: mask },
    plugins: [useLimits(), useOperationSpan()],
    logging: {
      debug: () => {},
      info: () => {},
      warn: (...details) => log.warn({ details }, 'graphql'),
      // What was masked is logged where it is masked, with its reference.
      error: () => {},
    },
    fetchAPI: { Request, Response, Headers, ReadableStream, URL },
  });
}

type Masked = { code: string; http?: { status?: number; headers?: Record<string, string> } };

const refuse = (status: number, code: string, message: string, headers: Record<string, string> = {}): Response =>
  json(status, { errors: [{ message, extensions: { code } }] }, { ...NO_STORE, ...headers });

const answer = ({ code, http }: Masked, message: string): Response =>
  refuse(http?.status ?? 500, code, message, http?.headers);
