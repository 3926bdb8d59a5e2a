/** Which trace contexts are carried on, and which are as if they had not been sent. */
import { expect, it } from 'vitest';
import { readTraceContext, traceHeaders } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const GOOD = `00-${TRACE}-${SPAN}-01`;
const carried = (traceparent: string | undefined, tracestate?: string) => {
  const read = readTraceContext(traceparent, tracestate);
  return read && traceHeaders(read);
};

it('what is well formed is carried as it is', () => {
  expect(carried(GOOD)).toEqual(['traceparent', GOOD]);
  expect(carried(GOOD, 'a=1, b@c=2')).toEqual(['traceparent', GOOD, 'tracestate', 'a=1,b@c=2']);
});

it('a later version is read as far as this one knows it', () => {
  expect(carried(`01-${TRACE}-${SPAN}-ff-more`)).toEqual(['traceparent', `00-${TRACE}-${SPAN}-03`]);
});

it.each([
  ['nothing', undefined],
  ['an empty one', ''],
  ['two of them', `${GOOD}, ${GOOD}`],
  ['another alphabet', GOOD.toUpperCase()],
  ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['a forbidden version', `ff-${TRACE}-${SPAN}-01`],
  ['more than version 00 has', `${GOOD}-more`],
  ['something that is shorter', GOOD.slice(0, -1)],
  ['something before it', ` ${GOOD}`],
  ['a script', `00-${TRACE}-${SPAN}-01<script>`],
  ['a very long one', `01-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`],
])('%s is no trace', (_what, traceparent) => {
  expect(carried(traceparent, 'a=1')).toBeNull();
});

it('of a list of vendors what is malformed, too long or too much is dropped', () => {
  expect(carried(GOOD, 'a=1,=2,B=3,c=\u0001,d')).toEqual(['traceparent', GOOD, 'tracestate', 'a=1']);
  expect(carried(GOOD, `a=${'x'.repeat(600)}`)).toEqual(['traceparent', GOOD]);
  const many = Array.from({ length: 60 }, (_, n) => `k${n}=1`).join(',');
  expect(carried(GOOD, many)?.[3]?.split(',')).toHaveLength(32);
});
