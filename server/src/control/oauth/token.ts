/** The token endpoint (OAuth 2.1 §3.2): codes and refresh tokens become access tokens. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Context } from 'hono';
import { connectUrl } from '../../core/connections/resource.ts';
import { redeemCode } from '../../core/tokens/authorization-code.ts';
import type { GrantOfToken } from '../../core/tokens/grant-of-token.ts';
import { refresh } from '../../core/tokens/refresh-token.ts';
import type { Fields } from '../../platform/http/form.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { about } from '../../platform/request-under-way.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { hashSecret } from '../../platform/secret.ts';
import { inSpan } from '../../platform/span.ts';
import { Unavailable } from '../../platform/transient.ts';
import { authenticateClient, type Caller } from './client-credentials.ts';
import { familyLabel } from './family-label.ts';
import { mint, type Tokens } from './mint.ts';
import { oauthError } from './oauth-error.ts';
import { bucketOf, tooMany } from './rate-limit.ts';
import type { ReadRequest } from './refresh-door.ts';
import { scopesOf } from './refresh-plainly.ts';
import { namedResource } from './resource.ts';
import type { OAuthServer } from './server.ts';
import { singleFlight } from './single-flight.ts';
import { tellCodeRefused, tellNotAuthenticated } from './tell.ts';
import { readTokenForm } from './token-form.ts';

const PATIENCE_MS = 2_000;
// Where the database is in this process, a refresh ends without a turn of the event loop: what came meanwhile has not been read then,
// and would look as if it had come after the answer. One turn accepts a connection, one reads its request, and one is to spare.
const TURNS = 3;

type Refusal =
  | 'invalid_request'
  | 'unknown_token'
  | 'invalid_grant'
  | 'invalid_target'
  | 'invalid_scope'
  | 'unsupported_grant_type';
type Coming = {
  /** By performance.now(). */
  arrivedAt: number;
  /** Whether it presents what was presented, and taken, a moment ago. */
  isSameBurst: boolean;
};
type Request = Coming & {
  caller: Caller;
  fields: Fields;
  isOtherResource: (grant: GrantOfToken) => boolean;
  userAgent: string | null;
};

/**
 * Several processes of one client that share a refresh token refresh at the same moment (field notes A1 to A4). Those that come before
 * one is begun share its answer, and those that come before that is given are of one burst with it: a burst is one presentation of the
 * token, and the limit on replays is not used up by it. Before one is given, what has come is read; not before a refusal: there is
 * nothing that those who come should share, and each of them counts.
 */
export function token(server: OAuthServer) {
  // Whoever came longer ago than that gets no answer any more.
  const once = singleFlight<Response>(PATIENCE_MS);
  return async (c: Context): Promise<Response> => {
    const form = await readTokenForm(c);
    if (!form.ok) return form.reason;
    const arrivedAt = cameByDoorAt(c) ?? performance.now();
    const answer = (isSameBurst: boolean): Promise<Response> =>
      answerToken(server, c, form.value, { arrivedAt, isSameBurst });
    if (form.value.get('grant_type') !== 'refresh_token') return answer(false);
    const refreshOnce = async (before: Response | null): Promise<Response> => {
      const response = await answer(before?.status === 200);
      if (response.status === 200) for (let n = 0; n < TURNS; n++) await turn();
      return response;
    };
    // At the door the database was waited for in vain: not once more, the client may try again (#280).
    if (performance.now() - arrivedAt > PATIENCE_MS) throw new Unavailable();
    return (await once(keyOf(server, c, form.value), arrivedAt, refreshOnce)).clone();
  };
}

/** When it came by the door, where it was found to be no plain refresh; undefined where nobody could read it there. */
const cameByDoorAt = (c: Context): number | undefined => (c.env?.incoming as ReadRequest | undefined)?.cameAt;

/** All that the answer to a refresh depends on. */
const keyOf = (server: OAuthServer, c: Context, fields: Fields): string =>
  hashSecret(
    JSON.stringify([
      ...['client_id', 'client_secret', 'client_assertion', 'refresh_token', 'scope', 'resource'].map(fields.get),
      [...fields.repeated],
      c.req.header('authorization'),
      c.req.path,
      bucketOf(server, c),
    ]),
  );

async function answerToken(server: OAuthServer, c: Context, fields: Fields, coming: Coming): Promise<Response> {
  const grantType = fields.get('grant_type');
  const exchange = exchangeOf(grantType);
  if (!exchange.ok) return refuse(exchange.reason);
  const caller = await authenticateClient(server, c, fields);
  if (!caller.ok) {
    tellNotAuthenticated(server, c, fields);
    return caller.reason;
  }
  const resource = namedResource(server.config.url, c.req.path, fields);
  if (!resource.ok) return refuse('invalid_target');
  // RFC 8707 §2.2; named nowhere, the grant's own is meant (field note E41).
  const isOtherResource = (grant: GrantOfToken): boolean =>
    resource.value !== null && resource.value !== connectUrl(server.config.url, grant.connectAddress);
  // Under what the refusals of a refresh token that has ended are counted: that token alone.
  const ended = grantType === 'refresh_token' ? hashSecret(fields.get('refresh_token') ?? '') : null;
  const room = ended === null ? null : await server.limits.ended.look(ended);
  if (room?.allowed === false) return tooMany(room.retryAfter);
  const userAgent = c.req.header('user-agent')?.slice(0, 500) ?? null;
  const request = { caller: caller.value, fields, isOtherResource, userAgent, ...coming };
  const tokens = await inSpan(`token ${grantType}`, {}, () => exchange.value(server, request));
  about({ grantType, outcome: tokens.ok ? 'issued' : tokens.reason });
  if (tokens.ok) return json(200, tokens.value, NO_STORE);
  // A refresh that is refused is no sign-in: the client begins one by itself.
  if (grantType === 'authorization_code') tellCodeRefused(server, c, fields, caller.value.client.clientId);
  if (ended !== null && tokens.reason === 'invalid_grant') await server.limits.ended.take(ended);
  else if (tokens.reason === 'invalid_grant' || tokens.reason === 'unknown_token') await caller.value.countFailure();
  return refuse(tokens.reason);
}

type Exchange = (server: OAuthServer, request: Request) => Promise<Result<Tokens, Refusal>>;

function exchangeOf(grantType: string | undefined): Result<Exchange, Refusal> {
  switch (grantType) {
    case 'authorization_code':
      return ok(exchangeCode);
    case 'refresh_token':
      return ok(exchangeRefresh);
    case undefined:
      return refused('invalid_request');
    default:
      return refused('unsupported_grant_type');
  }
}

async function exchangeCode(server: OAuthServer, request: Request): Promise<Result<Tokens, Refusal>> {
  const { caller, fields, isOtherResource, userAgent, arrivedAt } = request;
  const code = fields.get('code');
  if (code === undefined) return refused('invalid_request');
  const redeemed = await redeemCode(
    server.database,
    {
      code,
      oauthClientId: caller.client.id,
      redirectUri: fields.get('redirect_uri'),
      codeVerifier: fields.get('code_verifier'),
      isOtherResource,
      label: familyLabel(userAgent),
      userAgent,
      arrivedAt,
    },
    server.config.lifetimes,
  );
  return redeemed.ok ? ok(await mint(server, redeemed.value)) : redeemed;
}

async function exchangeRefresh(server: OAuthServer, request: Request): Promise<Result<Tokens, Refusal>> {
  const { caller, fields, isOtherResource, arrivedAt, isSameBurst } = request;
  const refreshToken = fields.get('refresh_token');
  if (refreshToken === undefined) return refused('invalid_request');
  const { lifetimes, limits } = server.config;
  const refreshed = await refresh(
    server.database,
    {
      refreshToken,
      oauthClientId: caller.client.id,
      isOtherResource,
      scopes: scopesOf(fields),
      isSameBurst,
      waitingSince: arrivedAt,
    },
    { ...lifetimes, replays: limits.replays },
  );
  server.metrics?.refresh(refreshed.ok ? (refreshed.value.replayed ? 'replayed' : 'rotated') : 'refused');
  return refreshed.ok ? ok(await mint(server, refreshed.value)) : refreshed;
}

/** One text for each code: which check failed is nobody's to know (SECURITY #105). */
function refuse(reason: Refusal): Response {
  switch (reason) {
    case 'invalid_request':
      return oauthError(400, reason, 'A required parameter is missing.');
    case 'unsupported_grant_type':
      return oauthError(400, reason, 'grant_type must be authorization_code or refresh_token.');
    case 'unknown_token':
    case 'invalid_grant':
      // 400 by RFC 6749 §5.2: 401 belongs to client authentication and to the resource (field note A9).
      return oauthError(400, 'invalid_grant', 'The code or refresh token is not valid. Sign in again.');
    case 'invalid_target':
      return oauthError(400, reason, 'The resource is not the one that was granted.');
    case 'invalid_scope':
      return oauthError(400, reason, 'The scope is more than was granted.');
  }
}
