/** What goes around every request of the control plane: a name for it, a line in the log, and a trace. */
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Log } from '../log.ts';
import { nextRequestId } from '../request-id.ts';
import { duringRequest, type Facts } from '../request-under-way.ts';
import { tracer } from '../span.ts';
import { readTraceContext } from '../trace-context.ts';

/**
 * Says of a request its method, the route as it was mounted, how it ended and what `about` added; never its path, its query or a header:
 * those may hold what only its caller may know. Pages and files have no line: they are no acts.
 */
export const served =
  (log: Log): MiddlewareHandler =>
  (c, next) => {
    const { method } = c.req;
    const requestId = nextRequestId();
    const startedAt = performance.now();
    const named = readTraceContext(c.req.header('traceparent'), c.req.header('tracestate'));
    const parent = named === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, named);
    const attributes = { 'http.request.method': method };
    const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
    const facts: Facts = {};
    const finish = (): void => {
      const { status } = c.res;
      const route = routePath(c);
      const isPage = route === '*' || route === '/*';
      if (!isPage) span.updateName(`${method} ${route}`).setAttribute('http.route', route);
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      if (isPage) return;
      c.header('x-request-id', requestId);
      const ms = Math.round(performance.now() - startedAt);
      const { traceId } = span.spanContext();
      log.info({ method, route, status, ms, ...facts, ...(span.isRecording() ? { traceId } : {}) }, 'request');
    };
    return context.with(trace.setSpan(parent, span), () =>
      duringRequest({ requestId, facts, span }, async () => {
        await next();
        finish();
      }),
    );
  };
