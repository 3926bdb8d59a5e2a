/** Where traces go: OpenTelemetry's own variables, as every program of an operator reads them; a part of config.ts. */
import { z } from 'zod';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
const protocol = z.enum(['http/protobuf', 'http/json'], { error: 'must be http/protobuf or http/json' }).optional();
const collector = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:/.test(new URL(text).protocol), 'must be an http:// or https:// URL')
  .optional();

/** What else OTEL_EXPORTER_OTLP_* says (headers, time-out, compression, certificates) the exporter reads by itself. */
export const TRACING_ENVIRONMENT = {
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], { error: 'must be otlp or none' }).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, { error: `must be one of ${SAMPLERS.join(', ')}` })
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1, 'must be a share between 0 and 1').default(1),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number().int().min(0).default(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: z.coerce.number().int().positive().default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: z.coerce.number().int().positive().default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: z.coerce.number().int().positive().default(512),
};

export type TracingSettings = Readonly<{
  protocol: 'http/protobuf' | 'http/json';
  sampler: (typeof SAMPLERS)[number];
  /** The share of traces that a ratio keeps. */
  ratio: number;
  /** Milliseconds and spans. */
  batch: Readonly<{ delay: number; timeout: number; queue: number; size: number }>;
}>;

type Environment = z.infer<z.ZodObject<typeof TRACING_ENVIRONMENT>>;

/** Null where no collector is named: then nothing is recorded, and nothing that would record is even loaded. */
export function readTracingSettings(env: Environment): TracingSettings | null {
  const named = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_TRACES_EXPORTER;
  if (named === undefined || env.OTEL_TRACES_EXPORTER === 'none') return null;
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return null;
  const queue = env.OTEL_BSP_MAX_QUEUE_SIZE;
  return {
    protocol: env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf',
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
    batch: {
      delay: env.OTEL_BSP_SCHEDULE_DELAY,
      timeout: env.OTEL_BSP_EXPORT_TIMEOUT,
      queue,
      size: Math.min(env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, queue),
    },
  };
}
