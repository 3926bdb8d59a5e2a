/** W3C trace context as it comes from outside: what is well formed is carried on, all else is as if it had not been sent. */
import { createTraceState, type SpanContext } from '@opentelemetry/api';

// Version, trace id, span id, flags. Of a later version what this one knows is read (W3C Trace Context §3.2).
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]{0,200})?$/;
/** Sampled, and random trace id: the flags that are defined. */
const KNOWN_FLAGS = 3;

/**
 * The trace that a request belongs to; null where it names none, or not exactly one. `traceparent` and `tracestate` as Node joins them:
 * two of the first are no value of it, several of the second are one list. Does not check who sent it: anyone may name any trace.
 */
export function readTraceContext(traceparent: unknown, tracestate: unknown): SpanContext | null {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(String(traceparent ?? '')) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return null;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & KNOWN_FLAGS, isRemote: true };
  return typeof tracestate === 'string' ? { ...context, traceState: createTraceState(tracestate) } : context;
}

/** The headers that carry it on, as flat name, value pairs. Never `baggage`, which may hold what was meant for others. */
export function traceHeaders({ traceId, spanId, traceFlags, traceState }: SpanContext): string[] {
  const flags = (traceFlags & KNOWN_FLAGS).toString(16).padStart(2, '0');
  const state = traceState?.serialize() ?? '';
  return ['traceparent', `00-${traceId}-${spanId}-${flags}`, ...(state === '' ? [] : ['tracestate', state])];
}
