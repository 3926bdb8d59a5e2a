/** What is noted of a client that cannot sign in, or not use what it signed in for. Requests that work come by here once, after one that did not. */
import { decodeJwt } from 'jose';
import { issuerDifference } from '../core/authorizations/issuer-difference.ts';
import type { Difference } from '../core/authorizations/trace.ts';
import { originOf } from '../core/tokens/bearer-token.ts';
import type { Exchange } from './exchange.ts';
import type { Target } from './routes.ts';

type Noted = {
  step: 'discovery' | 'first_call';
  problem: string | null;
  clientId: string | null;
  difference?: Difference;
};

/** For whoever looks why a client cannot sign in. Never waits, never throws. */
export const note = ({ plane, req, socket }: Exchange, target: Target, noted: Noted): void =>
  plane.tracer.note({
    ...noted,
    connectionId: target.route.connectionId,
    address: plane.bucketOf(socket, req),
    userAgent: req.headers['user-agent'] ?? null,
  });

/** What comes later than this after a sign-in is no longer its first call. */
const FIRST_MS = 15 * 60_000;

/** Notes that the upstream let the first call of a new sign-in down. Of older ones the log and the counts tell. */
export function noteFirstCall(exchange: Exchange, problem: string): void {
  const { claims, target } = exchange;
  if (target === null || !('clientId' in claims)) return;
  const { signInId } = originOf(claims);
  if (Date.now() - bornAt(signInId) >= FIRST_MS) return;
  exchange.plane.firstCalls.failed(signInId);
  note(exchange, target, { step: 'first_call', problem, clientId: claims.clientId });
}

/** Notes that a sign-in whose first call failed has made one that worked: what failed is no longer the last word. */
export function noteWorked(exchange: Exchange): void {
  const { claims, target } = exchange;
  if (target === null || !('clientId' in claims)) return;
  note(exchange, target, { step: 'first_call', problem: null, clientId: claims.clientId });
}

/** Notes that a client presents what was never issued here: a token of another server, or a key of the one behind the connection. */
export function noteForeignToken(exchange: Exchange, target: Target, token: string): void {
  const difference = issuerDifference(exchange.plane.base, issuerOf(token));
  if (difference === null) return;
  const problem =
    difference.got === null
      ? 'The client presents a credential that Grantway did not issue, such as a key of the server behind it. It has to be taken out of the client’s settings.'
      : 'The client presents a token of another authorization server. It has to forget it and sign in here.';
  note(exchange, target, { step: 'first_call', problem, clientId: null, difference });
}

/** What an unchecked token says of where it comes from; undefined where it says nothing. */
function issuerOf(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** Notes that a client looks for the authorization server below the connect URL, where none describes itself (RFC 8414 §3.1). */
export function noteLostDiscovery(exchange: Exchange, target: Target): void {
  const { base } = exchange.plane;
  note(exchange, target, {
    step: 'discovery',
    problem: 'The client looks for the sign-in below the connect URL, where nothing is.',
    clientId: null,
    difference: {
      what: 'issuer',
      expected: `${base}/.well-known/oauth-authorization-server`,
      got: base + target.path + target.rest,
    },
  });
}

/** When an id of version 7 was made, in milliseconds (RFC 9562 §5.7). */
const bornAt = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
