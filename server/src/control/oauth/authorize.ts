/** The authorization endpoint (OAuth 2.1 §4.1): it checks what a client asks, keeps it as a row, and sends the person to consent. */
import type { Context } from 'hono';
import { answerUrl } from '../../core/authorizations/redirect.ts';
import { asksForSignIn, openRequest } from '../../core/authorizations/request.ts';
import { isDocumentUrl } from '../../core/clients/document-url.ts';
import { type Client, findClient } from '../../core/clients/find.ts';
import { isLocalRedirect, matchRedirectUri } from '../../core/clients/redirect-uri.ts';
import { findRoute, routeOfResource } from '../../core/connections/resource.ts';
import type { Viewer } from '../../core/people/viewer.ts';
import { browserCookieName, readCookie, setCookie } from '../../platform/http/cookie.ts';
import { type Fields, parseFields, readForm } from '../../platform/http/form.ts';
import { isPrefetch, seeOther } from '../../platform/http/reply.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { newHandle } from '../../platform/secret.ts';
import { tooManyPage, type UntrustedReason, untrustedPage } from './authorize-page.ts';
import { type Asked, readAsked, stateOf, type TrustedReason } from './authorize-parameters.ts';
import { bucketOf } from './rate-limit.ts';
import { namedResource } from './resource.ts';
import type { OAuthServer } from './server.ts';
import { tellRefused, tellUntrusted } from './tell.ts';

const MAX_BODY_BYTES = 32_768;
const COOKIE_SECONDS = 30 * 86_400;

/**
 * Errors have two phases, and the types say which: before client and redirect URI are trusted, a page of ours and no redirect;
 * after, a redirect to the client with `error`, `state` and `iss` (OAuth 2.1 §4.1.2.1).
 */
export const authorize =
  (server: OAuthServer) =>
  async (c: Context): Promise<Response> => {
    if (isPrefetch(c.req.raw)) return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
    const fields = await readParameters(c);
    if (!fields.ok) return untrustedPage(fields.reason);
    const trusted = await loadTrusted(server, c, fields.value);
    if (!trusted.ok) {
      if (trusted.reason.kind !== 'too_many')
        void tellUntrusted(server, c, fields.value, trusted.reason).catch(() => {});
      return trusted.reason.kind === 'too_many'
        ? tooManyPage(trusted.reason.retryAfter)
        : untrustedPage(trusted.reason);
    }

    const { redirectUri } = trusted.value;
    const state = stateOf(fields.value);
    const refuse = (reason: TrustedReason): Response => {
      tellRefused(server, c, fields.value, reason);
      return seeOther(answerUrl(server.config.url, redirectUri, state, reason));
    };
    const asked = readAsked(fields.value, trusted.value.client);
    if (!asked.ok) return refuse(asked.reason);
    const target = await loadTarget(server, c.req.path, fields.value);
    if (!target.ok) return refuse(target.reason);
    const viewer = await server.viewerOf(c.req.raw.headers);
    const prompt = await assignPrompt(server, asked.value, viewer);
    const silent = await checkSilent(server, prompt, trusted.value, viewer);
    if (!silent.ok) return refuse(silent.reason);

    const room = await server.limits.authorization.take(bucketOf(server, c));
    if (!room.allowed) return tooManyPage(room.retryAfter);
    const { scopes, codeChallenge } = asked.value;
    const resource = fields.value.get('resource') ?? null;
    const accepted = { ...trusted.value, scopes, codeChallenge, prompt, state, resource, target: target.value };
    return keepAndSendToConsent(server, c, accepted, viewer);
  };

/** From the query string; of a POST from the body too, and what is in both has come twice. */
async function readParameters(c: Context): Promise<Result<Fields, UntrustedReason>> {
  const { url } = c.req;
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1).replace(/#.*$/s, '') : '';
  const fields = c.req.method === 'POST' ? await readForm(c.req.raw, MAX_BODY_BYTES, query) : parseFields(query);
  return fields.ok ? fields : refused({ kind: 'unreadable' });
}

type Trusted = { client: Client; redirectUri: string; registeredRedirectUri: string };

type TooMany = { kind: 'too_many'; retryAfter: number };

async function loadRegistered({ database }: OAuthServer, clientId: string): Promise<Result<Client, UntrustedReason>> {
  const client = await findClient(database, clientId);
  return client ? ok(client) : refused({ kind: 'unknown_client' });
}

/** A client that is known by a document at its own address: fetched now, unless what is stored is fresh. */
async function loadDocumentClient(
  server: OAuthServer,
  c: Context,
  clientId: string,
): Promise<Result<Client, UntrustedReason | TooMany>> {
  const room = await server.limits.document.take(bucketOf(server, c));
  if (!room.allowed) return refused({ kind: 'too_many', retryAfter: room.retryAfter });
  const resolved = await server.documents.resolve(clientId);
  if (!resolved.ok) return resolved;
  server.endStreams({ grantIds: resolved.value.revoked });
  return ok(resolved.value.client);
}

/** Phase 1. Only what comes out of here may be redirected to. */
async function loadTrusted(
  server: OAuthServer,
  c: Context,
  fields: Fields,
): Promise<Result<Trusted, UntrustedReason | TooMany>> {
  for (const parameter of ['client_id', 'redirect_uri']) {
    if (fields.repeated.has(parameter)) return refused({ kind: 'repeated', parameter });
  }
  const clientId = fields.get('client_id');
  if (clientId === undefined) return refused({ kind: 'no_client' });
  const found = isDocumentUrl(clientId)
    ? await loadDocumentClient(server, c, clientId)
    : await loadRegistered(server, clientId);
  if (!found.ok) return found;
  const client = found.value;
  if (client.blockedAt !== null) return refused({ kind: 'client_blocked' });
  // OAuth 2.1 §2.3.2 lets a client with one redirect URI omit it; the token request would then have to omit it too. None does.
  const redirectUri = fields.get('redirect_uri');
  if (redirectUri === undefined) return refused({ kind: 'no_redirect_uri' });
  const registeredRedirectUri = matchRedirectUri(client.redirectUris, redirectUri, server.config.url);
  if (registeredRedirectUri === null) return refused({ kind: 'unknown_redirect_uri', redirectUri });
  return ok({ client, redirectUri, registeredRedirectUri });
}

type Target = { connectionId: string; connectResourceId: string };

/** The connect resource asked for; null when none is, and the person's only one, or the one that they pick, is meant. */
async function loadTarget(
  server: OAuthServer,
  path: string,
  fields: Fields,
): Promise<Result<Target | null, TrustedReason>> {
  const base = server.config.url;
  const unknown = refused({
    error: 'invalid_target' as const,
    description: 'The resource is not a connection of this gateway.',
  });
  const named = namedResource(base, path, fields);
  if (!named.ok) return unknown;
  if (named.value === null) return ok(null);
  const route = routeOfResource(base, named.value);
  const found = route && (await findRoute(server.database, route));
  return found ? ok({ connectionId: found.connectionId, connectResourceId: found.connectResourceId }) : unknown;
}

/** The prompt; a sign-in that is older than `max_age` is asked for again, as by `prompt=login` (OpenID Connect Core §3.1.2.1). */
async function assignPrompt(
  { database, clock }: OAuthServer,
  { prompt, maxAge }: Asked,
  viewer: Viewer | null,
): Promise<string | null> {
  if (maxAge === null || viewer === null || asksForSignIn(prompt)) return prompt;
  const session = await database.db.session.findUnique({
    where: { id: viewer.sessionId },
    select: { createdAt: true },
  });
  const isFresh = session !== null && session.createdAt.getTime() >= clock().getTime() - maxAge * 1000;
  return isFresh ? prompt : [prompt, 'login'].filter((one) => one !== null).join(' ');
}

/**
 * `prompt=none` asks for an answer without a page, and there is none here: consent is shown every time. The client hears so at once
 * only where the answer stays on the person's machine, or goes to a host that this person let in; anyone can register a host, and a
 * link that bounces to it unseen would lend it our name (SECURITY #62, #63). Else the prompt is ignored.
 */
async function checkSilent(
  server: OAuthServer,
  prompt: string | null,
  { client, registeredRedirectUri }: Trusted,
  viewer: Viewer | null,
): Promise<Result<null, TrustedReason>> {
  if (!prompt?.split(' ').includes('none')) return ok(null);
  const error = viewer && !asksForSignIn(prompt) ? 'consent_required' : 'login_required';
  const refusal = refused({ error, description: 'A person has to decide.' } as const);
  if (isLocalRedirect(registeredRedirectUri)) return refusal;
  const letIn =
    viewer &&
    (await server.database.db.oAuthGrant.findFirst({
      where: { oauthClientId: client.id, userId: viewer.userId, redirectUri: registeredRedirectUri, status: 'active' },
      select: { id: true },
    }));
  return letIn ? refusal : ok(null);
}

type Accepted = Trusted &
  Omit<Asked, 'maxAge'> & { state: string | null; resource: string | null; target: Target | null };

async function keepAndSendToConsent(
  server: OAuthServer,
  c: Context,
  accepted: Accepted,
  viewer: Viewer | null,
): Promise<Response> {
  const { config, clock } = server;
  const cookie = browserCookieName(config.url);
  // Kept while it lasts: several sign-ins of one browser may be under way, and each is bound to it.
  const held = readCookie(c.req.header('cookie'), cookie);
  const binding = held !== null && /^[A-Za-z0-9_-]{32}$/.test(held) ? held : newHandle();
  const handle = await openRequest(
    server.database,
    {
      ...accepted,
      browser: { binding, sessionId: viewer?.sessionId ?? null },
      userAgent: c.req.header('user-agent')?.slice(0, 500) ?? null,
    },
    config.lifetimes.consent,
    clock(),
  );
  return seeOther(`${config.url}/consent/${handle}`, {
    'set-cookie': setCookie(config.url, cookie, binding, COOKIE_SECONDS),
  });
}
