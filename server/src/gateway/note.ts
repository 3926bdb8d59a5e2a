/** What is noted of a client that cannot sign in, or not use what it signed in for. Only refusals come by here. */
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
export const note = ({ plane, req }: Exchange, target: Target, noted: Noted): void =>
  plane.tracer.note({
    ...noted,
    connectionId: target.route.connectionId,
    address: plane.bucketOf(req),
    userAgent: req.headers['user-agent'] ?? null,
  });

/** What comes later than this after a sign-in is no longer its first call. */
const FIRST_MS = 15 * 60_000;

/** Notes that the upstream let the first call of a new sign-in down. Of older ones the log and the counts tell. */
export function noteFirstCall(exchange: Exchange, problem: string): void {
  const { claims, target } = exchange;
  if (target === null || !('clientId' in claims)) return;
  if (Date.now() - bornAt(originOf(claims).signInId) < FIRST_MS)
    note(exchange, target, { step: 'first_call', problem, clientId: claims.clientId });
}

/** When an id of version 7 was made, in milliseconds (RFC 9562 §5.7). */
const bornAt = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
