/** What goes around every request of the control plane: a name for it, a line in the log, and a trace. */
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { type Log, writeLine } from '../log.ts';
import { nextRequestId } from '../request-id.ts';
import { duringRequest, type Facts } from '../request-under-way.ts';
import { tracer } from '../span.ts';
import { readTraceContext } from '../trace-context.ts';

type Beginning = { method: string; traceparent: string | undefined; tracestate: string | undefined };

/**
 * A request that begins. `during` does what is done for it; `finish` ends its trace and writes its line, which say its method, the route
 * as it was mounted, how it ended and what `about` added; never its path, its query or a header: those may hold what only its caller may
 * know. Of a request that is not finished nobody hears.
 */
export function beginServing(log: Log, { method, traceparent, tracestate }: Beginning) {
  const requestId = nextRequestId();
  const startedAt = performance.now();
  const named = readTraceContext(traceparent, tracestate);
  const parent = named === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, named);
  const attributes = { 'http.request.method': method };
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
  const facts: Facts = {};
  return {
    requestId,
    during: <T>(work: () => Promise<T>): Promise<T> =>
      context.with(trace.setSpan(parent, span), () => duringRequest({ requestId, facts, span }, work)),
    /** `route` is null for pages and files, which have no line: they are no acts. */
    finish: (route: string | null, status: number): void => {
      if (route !== null) span.updateName(`${method} ${route}`).setAttribute('http.route', route);
      span.setAttribute('http.response.status_code', status);
      const recorded = span.isRecording() ? { traceId: span.spanContext().traceId } : {};
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      if (route === null) return;
      const ms = Math.round(performance.now() - startedAt);
      writeLine(log, { requestId, method, route, status, ms, ...facts, ...recorded }, 'request');
    },
  };
}

/** Goes around every request that Hono answers. */
export const served =
  (log: Log): MiddlewareHandler =>
  (c, next) => {
    const [traceparent, tracestate] = [c.req.header('traceparent'), c.req.header('tracestate')];
    const serving = beginServing(log, { method: c.req.method, traceparent, tracestate });
    return serving.during(async () => {
      await next();
      const route = routePath(c);
      const isPage = route === '*' || route === '/*';
      if (!isPage) c.header('x-request-id', serving.requestId);
      serving.finish(isPage ? null : route, c.res.status);
    });
  };
