/** When traces are recorded, and what stops the start. */
import { expect, it } from 'vitest';
import { readConfig } from './config.ts';

const read = (environment: Record<string, string>) => readConfig(environment).tracing;
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

it('they are recorded where a collector is named, and by nobody else', () => {
  expect(read({})).toBeNull();
  expect(read({ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' })).toBeNull();
  expect(read({ OTEL_TRACES_EXPORTER: 'otlp' })).not.toBeNull();
  expect(read({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toBeNull();
  expect(read({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
  expect(read(ENDPOINT)).toEqual({
    protocol: 'http/protobuf',
    sampler: 'parentbased_always_on',
    ratio: 1,
    batch: { delay: 5_000, timeout: 30_000, queue: 2_048, size: 512 },
  });
});

it('what is nearer wins, and a batch is no larger than the queue', () => {
  const more = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' };
  expect(read({ ...ENDPOINT, ...more, OTEL_BSP_MAX_QUEUE_SIZE: '10' })).toMatchObject({
    protocol: 'http/json',
    batch: { queue: 10, size: 10 },
  });
});

it.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_TRACES_EXPORTER', 'zipkin'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ['OTEL_BSP_SCHEDULE_DELAY', 'soon'],
])('#292 a wrong %s stops the start with a line that names it', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(new RegExp(`^${name}: `));
});
