/** One line per request: ids, outcome and time; never a header, a token, a route key or a query. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BearerClaims, originOf } from '../core/tokens/bearer-token.ts';
import type { Log } from '../platform/log.ts';

export type Served = {
  connectionId: string | undefined;
  claims: BearerClaims | null;
  isEventStream: boolean;
  startedAt: number;
  /** Whether the client left, or was left, before the end of the answer. */
  cut: boolean;
};

export function logAccess(log: Log, req: IncomingMessage, res: ServerResponse, served: Served): void {
  if (!log.isLevelEnabled('info')) return;
  const origin = served.claims && originOf(served.claims);
  log.info(
    {
      method: req.method,
      status: res.headersSent ? res.statusCode : 0,
      ms: Math.round(performance.now() - served.startedAt),
      connectionId: served.connectionId,
      grantId: origin?.grantId ?? undefined,
      signInId: origin?.signInId,
      stream: served.isEventStream || undefined,
      cut: served.cut || undefined,
    },
    'mcp request',
  );
}
