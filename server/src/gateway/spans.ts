/** The trace of one MCP request: the request, its grant check, and the call to the upstream. Made only where traces are recorded. */
import type { IncomingMessage } from 'node:http';
import { type Context, context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type BearerClaims, originOf } from '../core/tokens/bearer-token.ts';
import { tracer } from '../platform/span.ts';
import { readTraceContext, traceHeaders } from '../platform/trace-context.ts';

export class RequestSpans {
  readonly #request: Span;
  readonly #context: Context;
  #check: Span | null = null;
  #call: Span | null = null;

  /** Goes on with the trace that the client names, or begins one. Which of both says nothing about who the client is. */
  constructor({ method = '', headers }: IncomingMessage) {
    const named = readTraceContext(headers.traceparent, headers.tracestate);
    const parent = named === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, named);
    const attributes = { 'http.request.method': method, 'http.route': '/mcp-connect' };
    this.#request = tracer.startSpan(`${method} /mcp-connect`, { kind: SpanKind.SERVER, attributes }, parent);
    this.#context = trace.setSpan(parent, this.#request);
  }

  get traceId(): string {
    return this.#request.spanContext().traceId;
  }

  /** Does `work` so that whatever it asks of others belongs to this request. */
  around(work: () => void): void {
    context.with(this.#context, work);
  }

  checking(): void {
    this.#check = tracer.startSpan('grant check', {}, this.#context);
  }

  checked(live: boolean): void {
    this.#check?.setAttribute('grantway.grant.live', live).end();
    this.#check = null;
  }

  /** The call begins. @returns the headers that tell the upstream which trace it is part of. */
  calling(method: string, origin: string): string[] {
    const { hostname, port } = new URL(origin);
    const attributes = {
      'http.request.method': method,
      'server.address': hostname,
      'server.port': Number(port) || 443,
    };
    this.#call = tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes }, this.#context);
    return traceHeaders(this.#call.spanContext());
  }

  /** The upstream's answer begins; a second one is that to fresh credentials. */
  answered(status: number): void {
    this.#call?.setAttribute('http.response.status_code', status).addEvent('answer began');
  }

  end(status: number, cut: boolean, connectionId: string | undefined, claims: BearerClaims | null): void {
    if (connectionId !== undefined) this.#request.setAttribute('grantway.connection.id', connectionId);
    if (claims !== null) {
      const { grantId, signInId } = originOf(claims);
      if (grantId !== null) this.#request.setAttribute('grantway.grant.id', grantId);
      this.#request.setAttribute('grantway.sign_in.id', signInId);
    }
    this.#request.setAttribute('http.response.status_code', status);
    for (const span of [this.#check, this.#call, this.#request]) {
      if (cut || status >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
    }
  }
}
