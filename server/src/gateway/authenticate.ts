/** Who calls, and whether they may: the signature once per token, the grant on every single request. */

import type { LiveAnswer } from '../core/grants/live.ts';
import type { Upstream } from '../core/grants/upstream.ts';
import type { BearerClaims } from '../core/tokens/bearer-token.ts';
import { Unavailable } from '../platform/transient.ts';
import {
  insufficientScope,
  invalidToken,
  noToken,
  type Refusal,
  RUNTIME_SCOPE,
  tooMany,
  unavailable,
  unknownRoute,
  userMayNot,
} from './challenge.ts';
import type { Exchange } from './exchange.ts';
import { note, noteForeignToken, noteLostDiscovery } from './note.ts';
import type { Target } from './routes.ts';

/**
 * Whose token it is, or the finished refusal (RFC 6750 §3, RFC 9728 §5.1, DESIGN §6); at once where the token was seen before. From then
 * on a revocation finds the request. Does not check that the grant stands: `admit` does, of what `plane.isLive` answers.
 * Every refusal before the grant is read asks whether the route exists at all: one that does not is a 404 with and without a token.
 */
export function identify(
  exchange: Exchange,
  target: Target,
  authorization: string | null | undefined,
): BearerClaims | Refusal | Promise<BearerClaims | Refusal> {
  const token = bearerOf(authorization);
  if (token === undefined) return refuseTokenless(exchange, target);
  const verified = token === null ? null : exchange.plane.verifyToken(token);
  return verified instanceof Promise
    ? verified.then((claims) => place(exchange, target, token, claims))
    : place(exchange, target, token, verified);
}

async function refuseTokenless(exchange: Exchange, target: Target): Promise<Refusal> {
  const wait = strangerWaits(exchange);
  if (wait !== null) return tooMany(wait);
  const answer = await onRoute(exchange, target, noToken(exchange.plane.base, target.path));
  // It knocked, and was told where to sign in: the first step of every sign-in.
  if (answer !== unknownRoute) note(exchange, target, { step: 'discovery', problem: null, clientId: null });
  return answer;
}

function place(
  exchange: Exchange,
  target: Target,
  token: string | null,
  claims: BearerClaims | null,
): BearerClaims | Refusal | Promise<Refusal> {
  const { plane } = exchange;
  // The audience is this one resource, byte for byte: a token for another connection is no token here (RFC 8707 §2).
  if (claims === null || !isAudience(claims.audience, plane.base, target.path))
    return refuseToken(exchange, target, token, claims);
  const found = plane.streams.placeOf(claims);
  const wait = plane.shares.take(found);
  if (wait !== null) return tooMany(wait);
  exchange.identify(claims, found);
  return claims;
}

async function refuseToken(
  exchange: Exchange,
  target: Target,
  token: string | null,
  claims: BearerClaims | null,
): Promise<Refusal> {
  const wait = strangerWaits(exchange);
  if (wait !== null) return tooMany(wait);
  if (claims !== null && 'clientId' in claims) noteOtherResource(exchange, target, claims);
  const answer = await onRoute(exchange, target, invalidToken(exchange.plane.base, target.path), claims);
  if (claims === null && answer !== unknownRoute) noteForeignToken(exchange, target, token ?? '');
  return answer;
}

/**
 * Where a request leads, by what was just read of its grant, or the finished refusal. Does not check the session, nor anything of the
 * body.
 */
export function admit(
  exchange: Exchange,
  target: Target,
  claims: BearerClaims,
  answer: LiveAnswer,
): Upstream | Refusal | Promise<Refusal> {
  if (!answer.live) return refuseDead(exchange, target, answer.because, claims);
  if (answer.routeKey !== target.route.routeKey) return unknownRoute;
  if (target.rest !== '' && !answer.upstream.pathPassthrough) return unknownRoute;
  if (!claims.scopes.includes(RUNTIME_SCOPE)) return insufficientScope(exchange.plane.base, target.path);
  return answer.upstream;
}

/** What a client is told when the database does not say whether it may: to come again, whatever the fault. */
export function unread({ plane, id }: Exchange, error: unknown): Refusal {
  plane.log.warn({ err: error, requestId: id }, 'a grant could not be read');
  return unavailable(error instanceof Unavailable ? error.retryAfter : undefined);
}

/** Whoever shows nothing that is valid here is counted by address, before the database is asked for their sake (#192). */
export const strangerWaits = ({ plane, socket, req }: Pick<Exchange, 'plane' | 'socket' | 'req'>): number | null =>
  plane.strangers.take(plane.bucketOf(socket, req), 0);

function noteOtherResource(exchange: Exchange, target: Target, claims: { clientId: string; audience: string }): void {
  note(exchange, target, {
    step: 'first_call',
    problem: 'The client presents a token for another address.',
    clientId: claims.clientId,
    difference: { what: 'resource', expected: exchange.plane.base + target.path, got: claims.audience },
  });
}

/** Whether `audience` is `base` and `path`, without putting them together for it. */
const isAudience = (audience: string, base: string, path: string): boolean =>
  audience.length === base.length + path.length && audience.startsWith(base) && audience.endsWith(path);

/**
 * The token of a bearer credential (RFC 6750 §2.1); undefined where none was presented, null for more than one or an empty one.
 * Does not check its form: whoever verifies it does.
 */
export function bearerOf(authorization: string | null | undefined): string | null | undefined {
  if (authorization === undefined || authorization === null) return authorization;
  const scheme = authorization.slice(0, SCHEME.length);
  if (scheme !== SCHEME && scheme.toLowerCase() !== SCHEME.toLowerCase())
    return authorization.toLowerCase() === 'bearer' ? null : undefined;
  return authorization.slice(SCHEME.length).trim() || null;
}

const SCHEME = 'Bearer ';

async function refuseDead(
  exchange: Exchange,
  target: Target,
  because: 'route' | 'grant' | 'user',
  claims: BearerClaims,
): Promise<Refusal> {
  switch (because) {
    case 'route':
      return onRoute(exchange, target, unknownRoute, claims);
    case 'user':
      return userMayNot;
    case 'grant':
      return onRoute(exchange, target, invalidToken(exchange.plane.base, target.path), claims);
  }
}

/** `refusal` where the route exists and takes this path, else the one 404. */
async function onRoute(
  exchange: Exchange,
  target: Target,
  refusal: Refusal,
  claims: BearerClaims | null = null,
): Promise<Refusal> {
  const found = await exchange.plane.findRouteEver(target.route);
  if (found?.retired) {
    note(exchange, target, {
      step: 'discovery',
      problem: 'The connect URL was rotated, and the client still asks at the old one. Give it the new one.',
      clientId: claims !== null && 'clientId' in claims ? claims.clientId : null,
    });
  }
  if (found && !found.retired && !found.pathPassthrough && target.rest.startsWith('/.well-known/'))
    noteLostDiscovery(exchange, target);
  return found === null || found.retired || (target.rest !== '' && !found.pathPassthrough) ? unknownRoute : refusal;
}
