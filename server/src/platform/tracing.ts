/** Recording of traces, sent to a collector by OTLP over HTTP. Loaded only where one is set: without it every span is nothing. */
import { context, DiagLogLevel, diag, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Log } from './log.ts';

export type TracingOptions = {
  protocol: 'http/protobuf' | 'http/json';
  /** One of OTEL_TRACES_SAMPLER's names; `ratio` is the share that a ratio keeps. */
  sampler: string;
  ratio: number;
  /** Milliseconds and spans. */
  batch: { delay: number; timeout: number; queue: number; size: number };
};

/** No attribute of ours is longer, and none of a stranger's need be. */
const MAX_VALUE = 200;
/** A collector that is away holds no process back from stopping. */
const LEAVE_MS = 3_000;

/**
 * Records from here on, for the life of the process. The collector's address, headers and certificates are read from the OTEL_EXPORTER_*
 * variables by the exporter. @returns what sends the rest, and ends it.
 */
export function openTracing({ protocol, sampler, ratio, batch }: TracingOptions, log: Log): () => Promise<void> {
  const tell = (message: string): void => log.warn({ what: message }, 'traces could not be sent');
  const silent = (): void => {};
  diag.setLogger({ error: tell, warn: tell, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
  const exporter = protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter();
  const provider = new TracerProvider({
    sampler: samplerOf(sampler, ratio),
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'grantway' }))
      .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] })),
    spanLimits: { attributeValueLengthLimit: MAX_VALUE },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        scheduledDelayMillis: batch.delay,
        exportTimeoutMillis: batch.timeout,
        maxQueueSize: batch.queue,
        maxExportBatchSize: batch.size,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return async () => {
    const late = new Promise<void>((resolve) => setTimeout(resolve, LEAVE_MS).unref());
    await Promise.race([provider.shutdown().catch(tell), late]);
  };
}

function samplerOf(name: string, ratio: number): Sampler {
  const root = /always_off$/.test(name)
    ? new AlwaysOffSampler()
    : /ratio$/.test(name)
      ? new TraceIdRatioBasedSampler(ratio)
      : new AlwaysOnSampler();
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}
