/** One line per request: ids, outcome and time; never a header, a token, a route key or a query. */
import type { IncomingMessage } from 'node:http';
import { pino } from 'pino';
import { type BearerClaims, originOf } from '../core/tokens/bearer-token.ts';
import type { Log } from '../platform/log.ts';

export type Served = {
  /** Of the request, as its client was told where it was refused. */
  id: string;
  connectionId: string | undefined;
  /** What was answered; 0 where nothing was. */
  status: number;
  /** Where traces are recorded. */
  traceId: string | undefined;
  claims: BearerClaims | null;
  isEventStream: boolean;
  /** How long it took. */
  ms: number;
  /** Whether the client left, or was left, before the end of the answer. */
  cut: boolean;
};

export type AccessLog = (req: IncomingMessage, served: Served) => void;

/**
 * Writes the lines as pino would, into its stream. All that they say is named here and is an id, a number or a word of ours, so that
 * nothing has to be escaped, nor searched for secrets on the way: that would cost more than the proxying.
 */
export function openAccessLog(log: Log): AccessLog {
  const stream = (log as unknown as Record<symbol, { write: (line: string) => void }>)[pino.symbols.streamSym];
  return (req, served) => {
    if (!log.isLevelEnabled('info')) return;
    const origin = served.claims && originOf(served.claims);
    stream?.write(
      `{"level":30,"time":${Date.now()},"requestId":"${served.id}","method":"${req.method}","status":${served.status},"ms":${served.ms}${
        served.connectionId === undefined ? '' : `,"connectionId":"${served.connectionId}"`
      }${origin === null ? '' : `${origin.grantId === null ? '' : `,"grantId":"${origin.grantId}"`},"signInId":"${origin.signInId}"`}${
        served.isEventStream ? ',"stream":true' : ''
      }${served.traceId === undefined ? '' : `,"traceId":"${served.traceId}"`}${served.cut ? ',"cut":true' : ''},"msg":"mcp request"}\n`,
    );
  };
}
